import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Bearer } from '../access/tokens.ts';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { CredentialStore } from './credentials.ts';
import type { Launches } from './launch.ts';
import {
  cookieOf,
  jsonAnswer,
  NO_CONTENT,
  notFound,
  type OAuthRequest,
  optionalTextOf,
  readJson,
  textOf,
} from './oauth-request.ts';
import type { Passkeys } from './passkeys.ts';
import { type Passwords, refusesPassword } from './password.ts';
import type { Sessions } from './sessions.ts';
import type { SignIn } from './sign-in.ts';
import { newTotp, totpStep } from './totp.ts';

export interface AccountApiParts {
  accounts: Accounts;
  sessions: Sessions;
  credentials: CredentialStore;
  passwords: Passwords;
  passkeys: Passkeys;
  launches: Launches;
  signIn: SignIn;
  /** Name of the cookie of sessions. */
  sessionCookie: string;
  now: () => number;
}

/** How long after signing in secrets may be changed, in milliseconds (RFC 9470: what comes later must sign in again). */
const FRESH = 10 * 60_000;

/** `/oauth/account`: what people see and change of their own account; `/oauth/launch`: opening an app from the record. */
export class AccountApi {
  readonly #parts: AccountApiParts;

  constructor(parts: AccountApiParts) {
    this.#parts = parts;
  }

  async answer(request: OAuthRequest, bearer: Bearer): Promise<Answer> {
    const account = await this.#accountOf(bearer);
    const [, ...rest] = request.path;
    const [what = '', id] = rest;
    switch (`${request.method} ${what}${id === undefined ? '' : '/:id'}`) {
      case 'GET ':
        return jsonAnswer(await this.#describe(account, bearer));
      case 'GET sessions':
        return jsonAnswer({ sessions: await this.#parts.sessions.list(account) });
      case 'DELETE sessions/:id':
        return this.#endSession(request, account, id ?? '');
      case 'POST sign-out':
        return this.#signOut(request, account);
      case 'PUT password':
        return this.#changePassword(request, account, bearer);
      case 'POST totp':
        return this.#beginTotp(request, account, bearer);
      case 'POST totp/:id':
        if (id !== 'confirm') throw notFound();
        return this.#confirmTotp(request, account, bearer);
      case 'DELETE totp':
        return this.#removeTotp(request, account, bearer);
      case 'GET passkeys':
        return jsonAnswer({ passkeys: await this.#passkeys(account) });
      case 'POST passkeys/:id':
        if (id !== 'options') throw notFound();
        return this.#passkeyOptions(account, bearer);
      case 'POST passkeys':
        return this.#addPasskey(request, account, bearer);
      case 'DELETE passkeys/:id':
        return this.#removePasskey(request, account, bearer, id ?? '');
      default:
        throw notFound();
    }
  }

  /** `POST /oauth/launch { patient, encounter? }` → `{ launch }`, for the app that is opened from the record. */
  async launch(request: OAuthRequest, bearer: Bearer): Promise<Answer> {
    if (request.method !== 'POST') throw notFound();
    const account = await this.#accountOf(bearer);
    const body = await readJson(request.message);
    const [patient, encounter] = [textOf(body, 'patient', 64), optionalTextOf(body, 'encounter')];
    if (![patient, encounter ?? 'none'].every((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id))) {
      throw refusal(400, 'invalid', 'patient and encounter must be logical ids.');
    }
    const launch = await this.#parts.launches.mint(account.id, {
      patient,
      ...(encounter !== undefined && { encounter }),
    });
    return jsonAnswer({ launch });
  }

  async #accountOf({ viewer }: Bearer): Promise<Account> {
    const found = viewer.account === undefined ? undefined : await this.#parts.accounts.get(viewer.account);
    if (found === undefined) {
      throw refusal(403, 'forbidden', 'This is for the token of an account; the token of a program has none.');
    }
    return found.account;
  }

  async #describe(account: Account, { viewer }: Bearer): Promise<object> {
    const { credentials } = await this.#parts.credentials.of(account.id);
    const { id, username, name, resource, roles, registrations, proxies, demo } = account;
    return {
      id,
      username,
      name,
      fhirUser: resource,
      roles,
      registrations,
      patient: viewer.patientId,
      proxies,
      organizations: viewer.organizations,
      demo,
      authenticatedAt: new Date(viewer.authenticatedAt).toISOString(),
      methods: {
        password: credentials.passwordHash !== undefined,
        totp: credentials.totp?.confirmed === true,
        passkeys: credentials.passkeys.length,
      },
    };
  }

  async #endSession(request: OAuthRequest, account: Account, uid: string): Promise<Answer> {
    const session = (await this.#parts.sessions.of(account)).find(({ content }) => content.uid === uid);
    if (session === undefined) throw notFound();
    await this.#parts.sessions.end(account, session, contextOf(account, request));
    return NO_CONTENT;
  }

  /** Ends the session of this browser; with `everywhere`, or where there is none, every session of the account. */
  async #signOut(request: OAuthRequest, account: Account): Promise<Answer> {
    const { everywhere } = await readJson(request.message);
    const cookie = cookieOf(request.message, this.#parts.sessionCookie);
    const here = (await this.#parts.sessions.of(account)).find(({ id }) => id === `Session/${cookie}`);
    if (everywhere !== true && here) {
      await this.#parts.sessions.end(account, here, contextOf(account, request));
      return NO_CONTENT;
    }
    await this.#parts.accounts.endSessions(account.id);
    await this.#parts.signIn.left(account, request.requestId);
    return NO_CONTENT;
  }

  async #changePassword(request: OAuthRequest, account: Account, bearer: Bearer): Promise<Answer> {
    const body = await readJson(request.message);
    this.#requireFresh(bearer);
    const password = textOf(body, 'password', 256);
    const sentence = refusesPassword(password, account.username);
    if (sentence !== undefined) throw refusal(422, 'business-rule', sentence);
    const standing = await this.#parts.credentials.of(account.id);
    const { passwordHash } = standing.credentials;
    if (passwordHash !== undefined) {
      const right = await this.#parts.passwords.verify(textOf(body, 'current', 256), passwordHash);
      if (!right) throw refusal(403, 'forbidden', 'The current password is not right.');
    }
    const next = { ...standing.credentials, passwordHash: await this.#parts.passwords.hash(password) };
    await this.#parts.credentials.save(account, next, standing.revision, contextOf(account, request));
    // whoever else knew the old password is out
    await this.#parts.accounts.endSessions(account.id);
    return NO_CONTENT;
  }

  async #beginTotp(request: OAuthRequest, account: Account, bearer: Bearer): Promise<Answer> {
    this.#requireFresh(bearer);
    const standing = await this.#parts.credentials.of(account.id);
    if (standing.credentials.totp?.confirmed) {
      throw refusal(409, 'conflict', 'A code generator is enrolled already; remove it first.');
    }
    const { secret, uri } = newTotp(account.username);
    const next = { ...standing.credentials, totp: { secret, confirmed: false, lastStep: 0 } };
    await this.#parts.credentials.save(account, next, standing.revision, contextOf(account, request));
    return jsonAnswer({ secret, uri });
  }

  async #confirmTotp(request: OAuthRequest, account: Account, bearer: Bearer): Promise<Answer> {
    const body = await readJson(request.message);
    this.#requireFresh(bearer);
    const standing = await this.#parts.credentials.of(account.id);
    const { totp } = standing.credentials;
    const step = totp && totpStep(totp.secret, textOf(body, 'code', 6), this.#parts.now(), totp.lastStep);
    if (totp === undefined || step === undefined) {
      throw refusal(422, 'invalid', 'The code is not right; check the clock of the device and try the next one.');
    }
    const next = { ...standing.credentials, totp: { ...totp, confirmed: true, lastStep: step } };
    await this.#parts.credentials.save(account, next, standing.revision, contextOf(account, request));
    return NO_CONTENT;
  }

  async #removeTotp(request: OAuthRequest, account: Account, bearer: Bearer): Promise<Answer> {
    this.#requireFresh(bearer);
    const standing = await this.#parts.credentials.of(account.id);
    const { totp: _totp, ...next } = standing.credentials;
    await this.#parts.credentials.save(account, next, standing.revision, contextOf(account, request));
    return NO_CONTENT;
  }

  async #passkeys(account: Account): Promise<object[]> {
    const { credentials } = await this.#parts.credentials.of(account.id);
    return credentials.passkeys.map(({ id, name, created, used }) => ({
      id,
      name,
      created: new Date(created).toISOString(),
      used: used === undefined ? undefined : new Date(used).toISOString(),
    }));
  }

  async #passkeyOptions(account: Account, bearer: Bearer): Promise<Answer> {
    this.#requireFresh(bearer);
    const { credentials } = await this.#parts.credentials.of(account.id);
    return jsonAnswer(await this.#parts.passkeys.registrationOptions(account, credentials.passkeys));
  }

  async #addPasskey(request: OAuthRequest, account: Account, bearer: Bearer): Promise<Answer> {
    const body = await readJson(request.message);
    this.#requireFresh(bearer);
    const name = optionalTextOf(body, 'name')?.slice(0, 64) ?? 'Passkey';
    const response = body.credential as RegistrationResponseJSON;
    if (typeof response?.id !== 'string')
      throw refusal(400, 'invalid', 'Send what the authenticator gave as credential.');
    const passkey = await this.#parts.passkeys.register(account, response, name);
    if ((await this.#parts.credentials.ownerOfPasskey(passkey.id)) !== undefined) {
      throw refusal(409, 'duplicate', 'This passkey is registered already.');
    }
    const standing = await this.#parts.credentials.of(account.id);
    const next = { ...standing.credentials, passkeys: [...standing.credentials.passkeys, passkey] };
    await this.#parts.credentials.save(account, next, standing.revision, contextOf(account, request));
    return jsonAnswer({ id: passkey.id, name }, 201);
  }

  async #removePasskey(request: OAuthRequest, account: Account, bearer: Bearer, id: string): Promise<Answer> {
    this.#requireFresh(bearer);
    const standing = await this.#parts.credentials.of(account.id);
    const passkeys = standing.credentials.passkeys.filter((one) => one.id !== id);
    if (passkeys.length === standing.credentials.passkeys.length) throw notFound();
    const next = { ...standing.credentials, passkeys };
    await this.#parts.credentials.save(account, next, standing.revision, contextOf(account, request));
    return NO_CONTENT;
  }

  #requireFresh({ viewer }: Bearer): void {
    if (this.#parts.now() - viewer.authenticatedAt <= FRESH) return;
    const challenge = `Bearer realm="meridian", error="insufficient_user_authentication", max_age=${FRESH / 1000}`;
    throw refusal(401, 'login', 'Sign in again first: this needs a sign-in of the last ten minutes.', {
      'www-authenticate': challenge,
    });
  }
}

function contextOf({ resource }: Account, { requestId }: OAuthRequest) {
  return { actor: resource, purpose: 'HOPERAT', requestId };
}
