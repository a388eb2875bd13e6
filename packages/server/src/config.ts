import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type DicomConfig, readDicomConfig } from './dicom/dicom-config.ts';
import type { RateLimit } from './http/rate-limit.ts';

/** How this server is set up, from the environment. */
export interface Config {
  port: number;
  /** Interface to listen on. */
  host: string;
  /** What stands before `/fhir` in links and full URLs; never taken from a request, which could forge it. */
  origin: string;
  dataFolder: string;
  /** Undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  /** Whether to load the demonstration population on the first start. */
  demo: boolean;
  chainUrl: string | undefined;
  /** `file:…` or `s3://…`; undefined: in the data folder. */
  blobs: string | undefined;
  /** `file:…`, `pkcs11:…` or `env:…`; undefined: in the data folder. */
  rootKey: string | undefined;
  /** A mail server for notices (`MERIDIAN_SMTP`, `MERIDIAN_MAIL_FROM`); undefined: none are mailed. */
  mail: { url: string; from: string } | undefined;
  /** An external identity provider; undefined: none. */
  external: { issuer: string; clientId: string; clientSecret: string | undefined; name: string } | undefined;
  dicom: DicomConfig;
  /** Addresses of the reverse proxies in front, whose word about a caller's address is taken. */
  proxies: ReadonlySet<string>;
  rateLimit: RateLimit;
  /** Origins whose pages may call the API. */
  cors: ReadonlySet<string>;
  /** Send OpenTelemetry traces. */
  traces: boolean;
  logLevel: LogLevel;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A setting that cannot be used; the message names the variable and what it may be. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment variables of the README. Throws ConfigError for the first that cannot be used. */
export function readConfig(environment: Environment): Config {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const port = wholeNumber(environment, 'MERIDIAN_PORT', 8080, 0, 65_535);
  return {
    port,
    host: text('MERIDIAN_HOST') ?? '127.0.0.1',
    origin: originOf('MERIDIAN_URL', text('MERIDIAN_URL') ?? `http://localhost:${port}`),
    dataFolder: resolve(text('MERIDIAN_DATA') ?? './data'),
    databaseUrl: url('MERIDIAN_DATABASE_URL', text('MERIDIAN_DATABASE_URL'), ['postgres:', 'postgresql:']),
    demo: flag(environment, 'MERIDIAN_DEMO', true),
    chainUrl: url('MERIDIAN_CHAIN_URL', text('MERIDIAN_CHAIN_URL'), ['http:', 'https:', 'ws:', 'wss:']),
    blobs: url('MERIDIAN_BLOBS', text('MERIDIAN_BLOBS'), ['file:', 's3:']),
    rootKey: url('MERIDIAN_ROOT_KEY', text('MERIDIAN_ROOT_KEY'), ['file:', 'pkcs11:', 'env:']),
    mail: mail(text),
    external: external(text),
    dicom: readDicomConfig(text, (sentence) => new ConfigError(sentence)),
    proxies: addresses('MERIDIAN_PROXY', text('MERIDIAN_PROXY') ?? ''),
    rateLimit: {
      perSecond: wholeNumber(environment, 'MERIDIAN_RATE', 20_000, 1, 10_000_000),
      burst: wholeNumber(environment, 'MERIDIAN_BURST', 40_000, 1, 10_000_000),
    },
    cors: new Set(
      (text('MERIDIAN_CORS') ?? '')
        .split(/[\s,]+/)
        .filter(Boolean)
        .map((item) => originOf('MERIDIAN_CORS', item)),
    ),
    traces: flag(environment, 'MERIDIAN_OTEL', false),
    logLevel: logLevel(text('MERIDIAN_LOG') ?? 'info'),
  };
}

function wholeNumber(environment: Environment, name: string, fallback: number, least: number, most: number): number {
  const text = environment[name]?.trim();
  if (!text) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new ConfigError(`${name} must be a whole number from ${least} to ${most}.`);
  return value;
}

function flag(environment: Environment, name: string, fallback: boolean): boolean {
  const text = environment[name]?.trim();
  if (!text) return fallback;
  if (text !== '0' && text !== '1') throw new ConfigError(`${name} must be 0 or 1.`);
  return text === '1';
}

function url(name: string, text: string | undefined, schemes: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  const scheme = /^[a-z0-9+.-]+:/.exec(text)?.[0] ?? '';
  // The value may hold a password, so the sentence does not repeat it.
  if (!schemes.includes(scheme)) throw new ConfigError(`${name} must begin with ${schemes.join(' or ')}.`);
  return text;
}

/** `MERIDIAN_OIDC_ISSUER` and what belongs to it: all of it, or none. */
function mail(text: (name: string) => string | undefined): Config['mail'] {
  const [url, from] = [text('MERIDIAN_SMTP'), text('MERIDIAN_MAIL_FROM')];
  if (url === undefined && from === undefined) return undefined;
  if (url === undefined || !/^smtps?:\/\/./.test(url) || from === undefined || !from.includes('@')) {
    throw new ConfigError(
      'For mails set both MERIDIAN_SMTP (smtp://user:password@host:port) and MERIDIAN_MAIL_FROM (an address).',
    );
  }
  return { url, from };
}

function external(text: (name: string) => string | undefined): Config['external'] {
  const issuer = text('MERIDIAN_OIDC_ISSUER');
  if (issuer === undefined) return undefined;
  const parsed = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const local = parsed?.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(parsed.hostname);
  if (parsed === undefined || (parsed.protocol !== 'https:' && !local) || parsed.search !== '' || parsed.hash !== '') {
    throw new ConfigError('MERIDIAN_OIDC_ISSUER must be the https:// URL of the identity provider, without a query.');
  }
  const clientId = text('MERIDIAN_OIDC_CLIENT_ID');
  if (clientId === undefined)
    throw new ConfigError('MERIDIAN_OIDC_CLIENT_ID must be set where MERIDIAN_OIDC_ISSUER is.');
  return {
    issuer,
    clientId,
    clientSecret: text('MERIDIAN_OIDC_CLIENT_SECRET'),
    name: text('MERIDIAN_OIDC_NAME') ?? parsed.hostname,
  };
}

function addresses(name: string, text: string): ReadonlySet<string> {
  const items = text.split(/[\s,]+/).filter(Boolean);
  if (items.some((item) => isIP(item) === 0))
    throw new ConfigError(`${name} must be IP addresses, separated by commas.`);
  return new Set(items);
}

function originOf(name: string, text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') || parsed.pathname !== '/') {
    throw new ConfigError(
      `${name} must be http:// or https:// with a host and no path, such as https://records.example.org.`,
    );
  }
  return parsed.origin;
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text);
  if (level === undefined) throw new ConfigError(`MERIDIAN_LOG must be one of ${LOG_LEVELS.join(', ')}.`);
  return level;
}
