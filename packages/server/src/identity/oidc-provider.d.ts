/** The part of `oidc-provider` that Meridian uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Adapter {
    upsert(id: string, payload: Record<string, unknown>, expiresIn: number | undefined): Promise<void>;
    find(id: string): Promise<Record<string, unknown> | undefined>;
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
    findByUserCode(userCode: string): Promise<undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export interface ClientModel {
    clientId: string;
    clientName?: string;
    clientAuthMethod: string;
    redirectUris?: string[];
    grantTypeAllowed(type: string): boolean;
  }

  export interface TokenModel {
    kind: string;
    accountId?: string;
    clientId: string;
    grantId?: string;
    sessionUid?: string;
    authTime?: number;
    scope?: string;
    scopes: Set<string>;
    jkt?: string;
    exp: number;
    iat: number;
  }

  export interface GrantModel {
    jti: string;
    accountId: string;
    clientId: string;
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    rejectOIDCScope(scope: string): void;
    rejectResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export interface SessionModel {
    uid: string;
    accountId?: string;
    loginTs?: number;
    amr?: string[];
    authorizations?: Record<string, { sid?: string; grantId?: string }>;
    grantIdFor(clientId: string): string | undefined;
  }

  export interface InteractionModel {
    uid: string;
    grantId?: string;
    returnTo: string;
    prompt: { name: string; reasons: string[]; details: Record<string, unknown> };
    params: Record<string, string | undefined>;
    session?: { accountId?: string };
    result?: InteractionResult;
    lastSubmission?: InteractionResult;
  }

  export interface InteractionResult {
    login?: { accountId: string; amr: string[]; acr?: string; ts?: number; remember?: boolean };
    consent?: { grantId?: string };
    error?: string;
    error_description?: string;
  }

  export interface OidcContext {
    route: string;
    params?: Record<string, string | undefined>;
    client?: ClientModel;
    account?: { accountId: string };
    session: SessionModel;
    result?: InteractionResult;
    provider: Provider;
    entities: {
      AuthorizationCode?: TokenModel;
      RefreshToken?: TokenModel;
      AccessToken?: TokenModel;
      Client?: ClientModel;
      Grant?: GrantModel;
    };
  }

  export interface Context {
    oidc: OidcContext;
    path: string;
    method: string;
    status: number;
    body: unknown;
    type: string;
    req: IncomingMessage;
    res: ServerResponse;
    response: { get(name: string): string };
    set(name: string, value: string): void;
  }

  export interface ResourceServerInfo {
    scope: string;
    audience: string;
    accessTokenTTL: number;
    accessTokenFormat: 'jwt';
    jwt: { sign: { alg: string } };
  }

  /** Checked by the library itself when it is given. */
  export type Configuration = Readonly<Record<string, unknown>>;

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    readonly issuer: string;
    proxy: boolean;
    /** Whether errors are kept from standard error. */
    silent: boolean;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this;
    on(event: 'server_error', listener: (context: unknown, error: unknown) => void): this;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<InteractionModel>;
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: InteractionResult,
      options?: { mergeWithLastSubmission?: boolean },
    ): Promise<string>;
    readonly Grant: {
      new (properties: { accountId: string; clientId: string }): GrantModel;
      find(id: string): Promise<GrantModel | undefined>;
    };
    readonly Client: { find(id: string): Promise<ClientModel | undefined> };
    readonly Session: { get(context: Context): Promise<SessionModel> };
  }

  export const errors: {
    InvalidGrant: new (detail?: string) => Error;
    InvalidRequest: new (description?: string) => Error;
    InvalidTarget: new (description?: string) => Error;
    InvalidClientMetadata: new (description?: string) => Error;
    AccessDenied: new (description?: string) => Error;
    InvalidScope: new (description: string, scope: string) => Error;
  };

  export namespace interactionPolicy {
    interface Prompt {
      checks: { add(check: Check): void; remove(name: string): void };
    }
    class Check {
      constructor(reason: string, description: string, check: (context: Context) => boolean | Promise<boolean>);
    }
    function base(): Prompt[] & { get(name: string): Prompt };
  }
}
