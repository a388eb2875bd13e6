import type { Http } from '../api/http.ts';

export interface SignInSession {
  id: string;
  /** ISO instants. */
  signedIn?: string;
  expires?: string;
  methods: readonly string[];
  apps: readonly string[];
}

export interface Passkey {
  id: string;
  name: string;
  created: string;
  used?: string;
}

/** How the account can sign in. */
export interface Methods {
  password: boolean;
  totp: boolean;
  passkeys: number;
}

/** `/oauth/account`: what people see and change of their own account (docs/sign-in.md). */
export class AccountClient {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async methods(signal: AbortSignal): Promise<Methods> {
    return (await this.#http.json<{ methods: Methods }>('/oauth/account', { signal })).methods;
  }

  async sessions(signal: AbortSignal): Promise<readonly SignInSession[]> {
    return (await this.#http.json<{ sessions: SignInSession[] }>('/oauth/account/sessions', { signal })).sessions;
  }

  async endSession(id: string): Promise<void> {
    await this.#http.send(`/oauth/account/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  async passkeys(signal: AbortSignal): Promise<readonly Passkey[]> {
    return (await this.#http.json<{ passkeys: Passkey[] }>('/oauth/account/passkeys', { signal })).passkeys;
  }

  /** Asks the browser for a new passkey and gives it to the server. Throws NotAllowedError when the person declines. */
  async addPasskey(name: string): Promise<void> {
    const options = await this.#post<PublicKeyCredentialCreationOptionsJSON>('passkeys/options', {});
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
    await this.#post('passkeys', { name, credential: credential?.toJSON() });
  }

  async removePasskey(id: string): Promise<void> {
    await this.#http.send(`/oauth/account/passkeys/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  beginTotp(): Promise<{ secret: string; uri: string }> {
    return this.#post('totp', {});
  }

  async confirmTotp(code: string): Promise<void> {
    await this.#post('totp/confirm', { code });
  }

  async removeTotp(): Promise<void> {
    await this.#http.send('/oauth/account/totp', { method: 'DELETE' });
  }

  async setPassword(given: { current?: string; password: string }): Promise<void> {
    await this.#http.send('/oauth/account/password', { method: 'PUT', json: given });
  }

  #post<T>(path: string, json: unknown): Promise<T> {
    return this.#http.json(`/oauth/account/${path}`, { method: 'POST', json });
  }
}
