import { randomBytes } from 'node:crypto';
import { EVENT_KIND, type Vault } from '@meridian/records';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { InteractionModel, InteractionResult, Provider } from 'oidc-provider';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import type { Account } from './account.ts';
import { type Accounts, ownChain } from './accounts.ts';
import type { Clients } from './clients.ts';
import type { ExternalSignIn } from './external.ts';
import type { LaunchContext, Launches } from './launch.ts';
import {
  cookieOf,
  jsonAnswer,
  notFound,
  type OAuthRequest,
  optionalTextOf,
  readJson,
  requireSameOrigin,
  textOf,
} from './oauth-request.ts';
import type { Passkeys } from './passkeys.ts';
import { allowedScopes, cookieNames, LIFETIMES, needsPatient } from './provider.ts';
import { type Proven, type SignIn, SignInRefused } from './sign-in.ts';
import { isStatic, sentenceOf } from './smart-scopes.ts';
import { Throttle, Throttled } from './throttle.ts';

export interface InteractionApiParts {
  provider: Provider;
  vault: Vault;
  accounts: Accounts;
  clients: Clients;
  launches: Launches;
  passkeys: Passkeys;
  signIn: SignIn;
  throttle: Throttle;
  /** Undefined: no external identity provider is configured. */
  external: ExternalSignIn | undefined;
  origin: string;
  now: () => number;
}

/**
 * `/oauth/interaction/:uid`: what the sign-in pages speak while an authorization waits for a person. All of it is bound to
 * the cookie that the authorization endpoint gave to this browser, and to our own pages.
 */
export class InteractionApi {
  readonly #parts: InteractionApiParts;

  constructor(parts: InteractionApiParts) {
    this.#parts = parts;
  }

  async answer(request: OAuthRequest): Promise<Answer> {
    const [, uid = '', ...rest] = request.path;
    requireSameOrigin(request.message, this.#parts.origin);
    const interaction = await this.#interaction(request, uid);
    const action = `${request.method} ${rest.join('/')}`;
    try {
      switch (action) {
        case 'GET ':
          return jsonAnswer(await this.#describe(interaction));
        case 'POST password':
          return await this.#password(request, interaction);
        case 'POST passkey/options':
          return jsonAnswer(await this.#parts.passkeys.authenticationOptions(interaction.uid));
        case 'POST passkey':
          return await this.#passkey(request, interaction);
        case 'POST external':
          return await this.#beginExternal(interaction);
        case 'POST external/finish':
          return await this.#finishExternal(request, interaction);
        case 'POST confirm':
          return await this.#confirm(request, interaction);
        case 'POST cancel':
          return await this.#finish(request, { error: 'access_denied', error_description: 'the person cancelled' });
        default:
          throw notFound();
      }
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** The interaction of this browser's cookie; it must be the one of the URL too. */
  async #interaction({ message, response }: OAuthRequest, uid: string): Promise<InteractionModel> {
    const found = await this.#parts.provider.interactionDetails(message, response).catch(() => undefined);
    if (found === undefined || found.uid !== uid) {
      throw refusal(404, 'not-found', 'This sign-in is over or belongs to another browser; go back and begin again.');
    }
    return found;
  }

  async #describe(interaction: InteractionModel): Promise<object> {
    const { clients, accounts, external } = this.#parts;
    const { prompt, params, session } = interaction;
    const client = await clients.active(params.client_id ?? '');
    const account = session?.accountId === undefined ? undefined : await accounts.get(session.accountId);
    const scopes = client ? allowedScopes(client, params.scope) : [];
    return {
      prompt: prompt.name,
      client: { id: client?.id, name: client?.name },
      scopes: scopes.map((scope) => ({ scope, sentence: sentenceOf(scope) })),
      methods: ['passkey', 'password', ...(external ? ['external'] : [])],
      ...(external && { external: { name: external.name } }),
      ...(account && { account: { username: account.account.username, name: account.account.name } }),
      ...(account &&
        prompt.name === 'consent' &&
        needsPatient(params.scope) &&
        params.launch === undefined && { patients: this.#patientsOf(account.account) }),
    };
  }

  /** Whose record an account may hand to an app by itself: its own, and of those for whom it acts now. */
  #patientsOf(account: Account): { id: string; relation: string; name?: string }[] {
    const at = this.#parts.now();
    const own = account.resource.startsWith('Patient/')
      ? [{ id: account.resource.slice('Patient/'.length), relation: 'self', name: account.name }]
      : [];
    const others = account.proxies.filter(({ from, until }) => from <= at && (until === undefined || at < until));
    return [...own, ...others.map(({ patientId, relation }) => ({ id: patientId, relation }))];
  }

  async #password(request: OAuthRequest, interaction: InteractionModel): Promise<Answer> {
    const body = await readJson(request.message);
    requirePrompt(interaction, 'login');
    const username = textOf(body, 'username', 64);
    const proven = await this.#parts.signIn.byPassword({
      username,
      password: textOf(body, 'password', 256),
      totp: optionalTextOf(body, 'totp'),
      address: request.address,
      deviceCookie: cookieOf(request.message, this.#deviceCookie),
      requestId: request.requestId,
    });
    if (proven === 'totp') return jsonAnswer({ needs: 'totp' });
    return this.#enter(request, proven);
  }

  async #passkey(request: OAuthRequest, interaction: InteractionModel): Promise<Answer> {
    const body = await readJson(request.message);
    requirePrompt(interaction, 'login');
    const challenge = await this.#parts.passkeys.takeAuthenticationChallenge(interaction.uid);
    const response = body.credential as AuthenticationResponseJSON | undefined;
    if (challenge === undefined || typeof response?.id !== 'string' || response.id.length > 512) {
      throw refusal(400, 'invalid', 'Ask for the options of a passkey first, and send its answer as credential.');
    }
    return this.#enter(request, await this.#parts.signIn.byPasskey({ response, challenge }, request.requestId));
  }

  async #beginExternal(interaction: InteractionModel): Promise<Answer> {
    requirePrompt(interaction, 'login');
    const { external } = this.#parts;
    if (external === undefined) throw notFound();
    const { url, cookie } = await external.begin(interaction.uid);
    return jsonAnswer({ redirect: url }, 200, { 'set-cookie': cookie });
  }

  /** After the external provider sent the browser back and its answer was verified (external.ts). */
  async #finishExternal(request: OAuthRequest, interaction: InteractionModel): Promise<Answer> {
    requirePrompt(interaction, 'login');
    const verified = await this.#parts.external?.take(interaction.uid);
    if (verified === undefined) throw new SignInRefused();
    const { issuer, subject } = verified;
    return this.#enter(request, await this.#parts.signIn.bySubject(issuer, subject, request.requestId));
  }

  /** Somebody proved who they are: the event first, then the way on. */
  async #enter(request: OAuthRequest, proven: Proven): Promise<Answer> {
    const { signIn, throttle } = this.#parts;
    const { account, amr } = proven;
    await signIn.entered(proven, request.requestId);
    const cookie = throttle.deviceCookie(account.username, randomBytes(18).toString('base64url'));
    const secure = this.#parts.origin.startsWith('https:') ? '; Secure' : '';
    return this.#finish(
      request,
      { login: { accountId: account.id, amr, remember: false } },
      {
        'set-cookie': `${this.#deviceCookie}=${cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${Throttle.cookieSeconds}${secure}`,
      },
    );
  }

  async #confirm(request: OAuthRequest, interaction: InteractionModel): Promise<Answer> {
    const body = await readJson(request.message);
    requirePrompt(interaction, 'consent');
    const { provider, clients, accounts, launches, origin, now, vault } = this.#parts;
    const client = await clients.active(interaction.params.client_id ?? '');
    const found = await accounts.get(interaction.session?.accountId ?? '');
    if (client === undefined || found === undefined) throw notFound();
    const { account } = found;
    if (body.granted === false) {
      return this.#finish(request, { error: 'access_denied', error_description: 'the person refused' });
    }
    const scopes = grantedScopes(allowedScopes(client, interaction.params.scope), body.granted);
    const context = await this.#contextOf(interaction, account, optionalTextOf(body, 'patient'));
    // always a grant of its own: one that stands may be about another patient
    const grant = new provider.Grant({ accountId: account.id, clientId: client.id });
    grant.addOIDCScope(scopes.filter(isStatic).join(' '));
    grant.addResourceScope(`${origin}/fhir`, scopes.join(' '));
    const refused = allowedScopes(client, interaction.params.scope).filter((scope) => !scopes.includes(scope));
    if (refused.length > 0) {
      grant.rejectOIDCScope(refused.filter(isStatic).join(' '));
      grant.rejectResourceScope(`${origin}/fhir`, refused.join(' '));
    }
    const grantId = await grant.save();
    await launches.attach(grantId, account.id, context, now() + LIFETIMES.grant * 1000);
    await vault.change(
      [],
      [
        {
          kind: EVENT_KIND.tokenIssued,
          context: { actor: account.resource, purpose: 'PATRQT', requestId: request.requestId },
          subjects: [`Client/${client.id}`, ...(context.patient === undefined ? [] : [`Patient/${context.patient}`])],
          ...(context.patient === undefined ? ownChain(account) : { patientId: context.patient }),
        },
      ],
    );
    return this.#finish(request, { consent: { grantId } });
  }

  async #contextOf({ params }: InteractionModel, account: Account, chosen: string | undefined): Promise<LaunchContext> {
    if (params.launch !== undefined) {
      const context = await this.#parts.launches.take(params.launch, account.id);
      if (context === undefined) {
        throw refusal(400, 'expired', 'The launch is over or another account’s; open the app again from the record.');
      }
      return context;
    }
    if (!needsPatient(params.scope)) return {};
    const own = this.#patientsOf(account);
    const only = own.length === 1 ? own[0]?.id : undefined;
    const patient = chosen ?? only;
    if (patient === undefined || !/^[A-Za-z0-9\-.]{1,64}$/.test(patient)) {
      throw refusal(400, 'required', 'Choose the patient whose record the app may open.');
    }
    // what professionals may see is decided at each request; people hand out only what is theirs
    const personal = account.roles.every((role) => role === 'patient' || role === 'proxy');
    if (personal && !own.some(({ id }) => id === patient)) {
      throw refusal(403, 'forbidden', 'This account does not act for that patient.');
    }
    return { patient };
  }

  async #finish(
    { message, response }: OAuthRequest,
    result: InteractionResult,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return jsonAnswer(
      { redirect: await this.#parts.provider.interactionResult(message, response, result) },
      200,
      headers,
    );
  }

  get #deviceCookie(): string {
    return cookieNames(this.#parts.origin).device;
  }
}

function requirePrompt(interaction: InteractionModel, name: string): void {
  if (interaction.prompt.name !== name) {
    throw refusal(409, 'conflict', 'This step is not the one that is waiting; load the page again.');
  }
}

/** What the person left ticked; `true` is all of it. */
function grantedScopes(asked: readonly string[], granted: unknown): string[] {
  if (granted === true) return [...asked];
  if (!Array.isArray(granted)) {
    throw refusal(400, 'invalid', 'granted must be true, false, or the list of the scopes that are granted.');
  }
  return asked.filter((scope) => granted.includes(scope));
}

function asRefusal(error: unknown): unknown {
  if (error instanceof SignInRefused) return refusal(401, 'login', error.message);
  if (error instanceof Throttled) {
    return refusal(429, 'throttled', error.message, { 'retry-after': String(error.wait) });
  }
  return error;
}
