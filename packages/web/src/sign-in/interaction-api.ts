import type { Http } from '../api/http.ts';

/** A sign-in under way, of `GET /oauth/interaction/{uid}` (docs/sign-in.md). */
export interface Interaction {
  prompt: string;
  client: { id: string; name: string };
  scopes: readonly { scope: string; sentence: string }[];
  methods: readonly string[];
  account?: { username: string; name: string };
  /** The identity provider of the house, where there is one. */
  external?: { name: string };
  /** Whom the application may be opened for, where it asks for one patient. */
  patients?: readonly { id: string; relation: string; name?: string }[];
}

/** An account of the demonstration, of `GET /oauth/demo`. */
export interface DemoAccount {
  username: string;
  password: string;
  role: string;
  name: string;
}

/** Either the way on, or what is missing. */
export type Step = { redirect: string } | { needs: 'totp' };

/** The sign-in of the server as JSON. The interaction is bound to this browser by a cookie. */
export class InteractionApi {
  readonly #http: Http;
  readonly #base: string;

  constructor(http: Http, uid: string) {
    this.#http = http;
    this.#base = `/oauth/interaction/${encodeURIComponent(uid)}`;
  }

  read(signal: AbortSignal): Promise<Interaction> {
    return this.#http.json(this.#base, { signal });
  }

  password(given: { username: string; password: string; totp?: string }): Promise<Step> {
    return this.#post('password', given);
  }

  /** Asks the browser for a passkey and gives it to the server. Throws NotAllowedError when the person declines. */
  async passkey(): Promise<Step> {
    const options = await this.#post<PublicKeyCredentialRequestOptionsJSON>('passkey/options', {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
    return this.#post('passkey', { credential: credential?.toJSON() });
  }

  /** The way to the identity provider of the house. */
  external(): Promise<Step> {
    return this.#post('external', {});
  }

  /** After the identity provider of the house has sent the browser back. */
  finishExternal(): Promise<Step> {
    return this.#post('external/finish', {});
  }

  confirm(given: { granted: readonly string[] | false; patient?: string }): Promise<Step> {
    return this.#post('confirm', given);
  }

  cancel(): Promise<Step> {
    return this.#post('cancel', {});
  }

  #post<T>(path: string, json: unknown): Promise<T> {
    return this.#http.json(`${this.#base}/${path}`, { method: 'POST', json });
  }
}

/** The demo's accounts; none where the server shows none. */
export async function demoAccounts(http: Http, signal: AbortSignal): Promise<readonly DemoAccount[]> {
  try {
    const accounts = await http.json<unknown>('/oauth/demo', { signal });
    return Array.isArray(accounts) ? (accounts as DemoAccount[]) : [];
  } catch {
    return [];
  }
}

/** Whether this browser can use passkeys in the form that the server speaks. */
export function passkeysWork(): boolean {
  return (
    typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
  );
}
