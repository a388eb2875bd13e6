import { type Context, EVENT_KIND, type Vault, VaultConflict } from '@meridian/records';
import { type Account, canonicalUsername } from './account.ts';
import { type Accounts, ownChain } from './accounts.ts';
import type { CredentialStore } from './credentials.ts';
import type { Passkeys, SignedAssertion } from './passkeys.ts';
import type { Passwords } from './password.ts';
import type { Throttle } from './throttle.ts';
import { totpStep } from './totp.ts';

/** How somebody proved who they are (RFC 8176 names). */
export interface Proven {
  account: Account;
  amr: string[];
}

/** The proof was not good. One sentence for every reason, so that it does not tell which usernames exist. */
export class SignInRefused extends Error {
  constructor() {
    super('Username, password or code are not right.');
    this.name = 'SignInRefused';
  }
}

export interface PasswordAttempt {
  username: string;
  password: string;
  totp: string | undefined;
  /** Where the attempt comes from. */
  address: string;
  deviceCookie: string | undefined;
  requestId: string;
}

export interface SignInParts {
  vault: Vault;
  accounts: Accounts;
  credentials: CredentialStore;
  passwords: Passwords;
  passkeys: Passkeys;
  throttle: Throttle;
  /** Whether accounts of the demonstration are good. */
  demo: boolean;
  now: () => number;
}

/** Decides who somebody is. Every attempt, good or not, is an event that is durable before it is answered. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /**
   * By password, and by a one-time code where the account has that.
   *
   * @returns `totp` where the password is right and a code is needed
   * @throws SignInRefused, Throttled
   */
  async byPassword(attempt: PasswordAttempt): Promise<Proven | 'totp'> {
    const { accounts, credentials, passwords, throttle, now } = this.#parts;
    const username = canonicalUsername(attempt.username).slice(0, 64);
    const counted = await throttle.attempt(username, attempt.address, attempt.deviceCookie);
    const found = await accounts.byUsername(username);
    // the same work for accounts that do not exist
    const standing = await credentials.of(found?.account.id ?? `nobody/${username}`);
    const { passwordHash, totp } = standing.credentials;
    const right = await passwords.verify(attempt.password, passwordHash);
    const account = found?.account;
    if (!right || account === undefined || !this.mayEnter(account)) return this.#refuse(account, attempt.requestId);
    if (totp?.confirmed !== true) {
      await counted.succeeded();
      return { account, amr: ['pwd'] };
    }
    // still counted: whoever knows the password must not get free guesses at the code in between
    if (attempt.totp === undefined) return 'totp';
    const step = totpStep(totp.secret, attempt.totp, now(), totp.lastStep);
    if (step === undefined) return this.#refuse(account, attempt.requestId);
    try {
      const next = { ...standing.credentials, totp: { ...totp, lastStep: step } };
      await credentials.save(account, next, standing.revision);
    } catch (error) {
      // the same code at the same moment elsewhere
      if (error instanceof VaultConflict) return this.#refuse(account, attempt.requestId);
      throw error;
    }
    await counted.succeeded();
    return { account, amr: ['pwd', 'otp', 'mfa'] };
  }

  /** By a passkey. @throws SignInRefused */
  async byPasskey(assertion: SignedAssertion, requestId: string): Promise<Proven> {
    const { accounts, credentials, passkeys, now } = this.#parts;
    const owner = await credentials.ownerOfPasskey(assertion.response.id);
    const found = owner === undefined ? undefined : await accounts.get(owner);
    if (found === undefined || !this.mayEnter(found.account)) return this.#refuse(found?.account, requestId);
    const standing = await credentials.of(found.account.id);
    const passkey = standing.credentials.passkeys.find(({ id }) => id === assertion.response.id);
    const counter = passkey && (await passkeys.verify(assertion, passkey));
    if (passkey === undefined || counter === undefined) return this.#refuse(found.account, requestId);
    const others = standing.credentials.passkeys.filter((one) => one !== passkey);
    const next = { ...standing.credentials, passkeys: [...others, { ...passkey, counter, used: now() }] };
    await credentials.save(found.account, next, standing.revision);
    return { account: found.account, amr: ['pop', 'user', 'mfa'] };
  }

  /** By the word of an external identity provider that was verified. @throws SignInRefused */
  async bySubject(issuer: string, subject: string, requestId: string): Promise<Proven> {
    const found = await this.#parts.accounts.bySubject(issuer, subject);
    if (found === undefined || !this.mayEnter(found.account)) return this.#refuse(found?.account, requestId);
    return { account: found.account, amr: ['fed'] };
  }

  /** Records that somebody has come in. Durable when it resolves. */
  async entered({ account }: Proven, requestId: string): Promise<void> {
    await this.#event(EVENT_KIND.signedIn, account, requestId);
  }

  async left(account: Account, requestId: string): Promise<void> {
    await this.#event(EVENT_KIND.signedOut, account, requestId);
  }

  mayEnter(account: Account): boolean {
    return account.state === 'active' && account.kind === 'person' && (!account.demo || this.#parts.demo);
  }

  async #refuse(account: Account | undefined, requestId: string): Promise<never> {
    await this.#event(EVENT_KIND.signInFailed, account, requestId);
    throw new SignInRefused();
  }

  /** What was typed as a username may be a password, so an unknown one is not in the event. */
  async #event(
    kind: (typeof EVENT_KIND)['signedIn' | 'signInFailed' | 'signedOut'],
    account: Account | undefined,
    requestId: string,
  ): Promise<void> {
    const context: Context = { actor: account?.resource ?? 'anonymous', purpose: 'HOPERAT', requestId };
    const subjects = account ? [`Account/${account.id}`] : [];
    await this.#parts.vault.change([], [{ kind, context, subjects, ...(account && ownChain(account)) }]);
  }
}
