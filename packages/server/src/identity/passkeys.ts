import type { Vault } from '@meridian/records';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { type Account, AccountError } from './account.ts';
import type { Passkey } from './credentials.ts';

/** What an authenticator signed, and the challenge that was given to it. */
export interface SignedAssertion {
  response: AuthenticationResponseJSON;
  challenge: string;
}

type Challenge = { challenge: string };

const LIFETIME = 5 * 60_000;
const NAME = 'Meridian';

/**
 * Passkeys (W3C Web Authentication): discoverable credentials with user verification, so that one gesture is both
 * factors. Each challenge is kept under who asked for it, lives five minutes and is used once.
 */
export class Passkeys {
  readonly #vault: Vault;
  readonly #origin: string;
  readonly #now: () => number;

  constructor(vault: Vault, origin: string, now: () => number) {
    this.#vault = vault;
    this.#origin = origin;
    this.#now = now;
  }

  /** @param owner for what the challenge is good, such as an interaction */
  async authenticationOptions(owner: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const options = await generateAuthenticationOptions({ rpID: this.#rpId, userVerification: 'required' });
    await this.#keep(`authenticate/${owner}`, options.challenge);
    return options;
  }

  /** The challenge that was given to an owner; it is not good a second time. */
  takeAuthenticationChallenge(owner: string): Promise<string | undefined> {
    return this.#take(`authenticate/${owner}`);
  }

  /** The signature counter after a good assertion; undefined where it is not good. */
  async verify({ response, challenge }: SignedAssertion, passkey: Passkey): Promise<number | undefined> {
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: this.#origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        credential: {
          id: passkey.id,
          publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
          counter: passkey.counter,
        },
      });
      return verified ? authenticationInfo.newCounter : undefined;
    } catch {
      // the library throws for every way in which an assertion can be wrong
      return undefined;
    }
  }

  async registrationOptions(
    account: Account,
    standing: readonly Passkey[],
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options = await generateRegistrationOptions({
      rpName: NAME,
      rpID: this.#rpId,
      userName: account.username,
      userDisplayName: account.name,
      userID: new Uint8Array(Buffer.from(account.id)),
      attestationType: 'none',
      excludeCredentials: standing.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    await this.#keep(`register/${account.id}`, options.challenge);
    return options;
  }

  /** @throws AccountError where the authenticator's answer is not good for the challenge that was given */
  async register(account: Account, response: RegistrationResponseJSON, name: string): Promise<Passkey> {
    const challenge = await this.#take(`register/${account.id}`);
    if (challenge === undefined) throw new AccountError('The passkey took too long; begin again.');
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: this.#origin,
      expectedRPID: this.#rpId,
      requireUserVerification: true,
    }).catch(() => ({ registrationInfo: undefined }));
    if (registrationInfo === undefined) throw new AccountError('The passkey could not be verified; begin again.');
    const { credential } = registrationInfo;
    return {
      id: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports: (credential.transports ?? []).slice(0, 8).map(String),
      name,
      created: this.#now(),
      used: undefined,
    };
  }

  get #rpId(): string {
    return new URL(this.#origin).hostname;
  }

  async #keep(id: string, challenge: string): Promise<void> {
    const content: Challenge = { challenge };
    await this.#vault.change([
      { op: 'put', kind: 'other', id: `challenge/${id}`, content, expires: this.#now() + LIFETIME },
    ]);
  }

  async #take(id: string): Promise<string | undefined> {
    const found = await this.#vault.get<Challenge>('other', `challenge/${id}`);
    if (found === undefined) return undefined;
    await this.#vault.change([{ op: 'remove', kind: 'other', id: `challenge/${id}`, revision: found.revision }]);
    return found.content.challenge;
  }
}
