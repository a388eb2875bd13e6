import { Secret, TOTP } from 'otpauth';

/** Time-based one-time passwords: RFC 6238 with SHA-1, 6 digits, 30 s, as every authenticator app knows them. */
const SETTINGS = { issuer: 'Meridian', algorithm: 'SHA1', digits: 6, period: 30 } as const;

/** @returns the secret in base32 and the URI that apps read from a QR code */
export function newTotp(username: string): { secret: string; uri: string } {
  const secret = new Secret({ size: 20 });
  return { secret: secret.base32, uri: new TOTP({ ...SETTINGS, label: username, secret }).toString() };
}

/**
 * The time step for which a code is right, one step of drift allowed; undefined where it is not, or where that step or a
 * later one was used before: a code works once (RFC 6238 §5.2).
 *
 * @param at epoch milliseconds
 */
export function totpStep(secret: string, code: string, at: number, lastStep: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const totp = new TOTP({ ...SETTINGS, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: at, window: 1 });
  if (delta === null) return undefined;
  const step = Math.floor(at / 1000 / SETTINGS.period) + delta;
  return step > lastStep ? step : undefined;
}

/** The code of a moment, for tests and for the demonstration. */
export function totpCode(secret: string, at: number): string {
  return new TOTP({ ...SETTINGS, secret: Secret.fromBase32(secret) }).generate({ timestamp: at });
}
