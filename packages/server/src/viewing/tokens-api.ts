import type { IncomingMessage } from 'node:http';
import {
  type AccessCodes,
  type HealthLink,
  type HealthLinks,
  readScope,
  type VaultGrants,
  WrongPasscode,
} from '@meridian/viewing';
import { CompactEncrypt } from 'jose';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { first, parseQuery } from '../http/query-string.ts';
import { jsonAnswer, jsonBody, only, optionalNumber, text } from './json-request.ts';
import { type Caller, isDecider, requireDecider, withStatus } from './viewing-api.ts';
import type { ViewingTokens } from './viewing-tokens.ts';

export interface TokensApiParts {
  grants: VaultGrants;
  codes: AccessCodes;
  links: HealthLinks;
  viewingTokens: ViewingTokens;
  /** The International Patient Summary of a patient, as whoever opens the link may see it. */
  summaryOf(link: HealthLink, requestId: string): Promise<Buffer>;
  /** Before `/tokens`, as the outside reaches it. */
  origin: string;
  now: () => number;
}

/** A request below `/tokens` that was understood. */
export interface TokensAsked {
  template: string;
  /** Whoever opens a health link is known by nothing but the link. */
  needsBearer: boolean;
  answer(message: IncomingMessage, caller: Caller | undefined, requestId: string): Promise<Answer>;
}

interface Call {
  id: string;
  query: string;
  message: IncomingMessage;
  requestId: string;
}

interface Route {
  method: string;
  template: string;
  pattern: RegExp;
  run: (parts: TokensApiParts, caller: Caller, call: Call) => Promise<Answer>;
}

const ID = '([A-Za-z0-9_\\-]{1,64})';

const ROUTES: readonly Route[] = [
  route('POST', 'viewing', collect),
  route('POST', 'access-codes', createCode),
  route('POST', 'access-codes/redemption', redeemCode),
  route('POST', 'health-links', createLink),
  route('GET', 'health-links', listLinks),
  route('DELETE', 'health-links/{id}', revokeLink),
];
const MANIFEST = new RegExp(`^health-links/${ID}/manifest$`);
const OPENED_BY_LINK = 'HealthLink';

function route(method: string, path: string, run: Route['run']): Route {
  return { method, template: `/tokens/${path}`, pattern: new RegExp(`^${path.replace('{id}', ID)}$`), run };
}

/** Viewing tokens, access codes and health links over HTTP, without the transport. */
export class TokensApi {
  readonly #parts: TokensApiParts;

  constructor(parts: TokensApiParts) {
    this.#parts = parts;
  }

  /** Understands a method and a URL below `/tokens/`. Throws 404 or 405. */
  ask(method: string, url: string): TokensAsked {
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    const link = MANIFEST.exec(path)?.[1];
    if (link !== undefined) return this.#manifest(method, link);
    const found = ROUTES.filter(({ pattern }) => pattern.test(path));
    if (found.length === 0) throw refusal(404, 'not-found', 'There is nothing at this URL; see docs/viewing.md.');
    const chosen = found.find((each) => each.method === method);
    if (!chosen) {
      const allow = found.map((each) => each.method).join(', ');
      throw refusal(405, 'not-supported', `This answers to ${allow}.`, { allow });
    }
    const id = chosen.pattern.exec(path)?.[1] ?? '';
    return {
      template: chosen.template,
      needsBearer: true,
      answer: (message, caller, requestId) =>
        withStatus(async () => {
          if (!caller) throw refusal(401, 'login', 'This needs a token.');
          return chosen.run(this.#parts, caller, { id, query, message, requestId });
        }),
    };
  }

  /** SMART Health Links 1.0.0, manifest request and response. */
  #manifest(method: string, id: string): TokensAsked {
    if (method !== 'POST') throw refusal(405, 'not-supported', 'A manifest is asked for by POST.', { allow: 'POST' });
    return {
      template: '/tokens/health-links/{id}/manifest',
      needsBearer: false,
      answer: (message, _caller, requestId) => withStatus(() => openLink(this.#parts, id, message, requestId)),
    };
  }
}

async function collect(
  { grants, viewingTokens }: TokensApiParts,
  { viewer }: Caller,
  { message }: Call,
): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['grant']);
  const { keyThumbprint } = viewer;
  if (keyThumbprint === undefined) {
    throw refusal(
      400,
      'value',
      'A viewing token is bound to a key: send this with an access token that DPoP binds to yours (RFC 9449).',
    );
  }
  const grant = await grants.bind(text(body, 'grant'), viewer, keyThumbprint);
  return jsonAnswer(200, { token: await viewingTokens.mint(grant), expires: grant.until, patient: grant.patientId });
}

async function createCode({ codes, now }: TokensApiParts, caller: Caller, { message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['patient', 'organization', 'scope', 'minutes']);
  const patientId = text(body, 'patient');
  requireDecider(caller.viewer, patientId, now());
  const asked = {
    patientId,
    organization: text(body, 'organization'),
    scope: readScope(body.scope),
    minutes: optionalNumber(body, 'minutes') ?? 60,
  };
  return jsonAnswer(201, await codes.create(asked, caller.context));
}

async function redeemCode({ codes }: TokensApiParts, caller: Caller, { message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['code']);
  return jsonAnswer(201, await codes.redeem(caller.viewer, text(body, 'code'), caller.context));
}

async function createLink(parts: TokensApiParts, caller: Caller, { message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['patient', 'label', 'expires', 'passcode', 'views']);
  const patientId = text(body, 'patient');
  requireDecider(caller.viewer, patientId, parts.now());
  const views = optionalNumber(body, 'views');
  const link = await parts.links.create(
    {
      patientId,
      label: body.label === undefined ? '' : text(body, 'label'),
      expires: optionalNumber(body, 'expires') ?? parts.now() + 24 * 3600_000,
      ...(body.passcode !== undefined && { passcode: text(body, 'passcode') }),
      ...(views !== undefined && { views }),
    },
    caller.context,
  );
  return jsonAnswer(201, { ...shown(link), link: shlink(link, parts.origin) });
}

async function listLinks({ links, now }: TokensApiParts, { viewer }: Caller, { query }: Call): Promise<Answer> {
  const patient = first(parseQuery(query), 'patient');
  if (patient === undefined) throw refusal(400, 'value', 'Name the patient: ?patient=ID.');
  requireDecider(viewer, patient, now());
  return jsonAnswer(200, { links: (await links.ofPatient(patient)).map(shown) });
}

async function revokeLink({ links, now }: TokensApiParts, { viewer, context }: Caller, { id }: Call): Promise<Answer> {
  const link = await links.get(id);
  if (!link || !isDecider(viewer, link.patientId, now())) throw refusal(404, 'not-found', 'There is no such link.');
  await links.revoke(id, context);
  return { status: 204 };
}

async function openLink(
  { links, summaryOf }: TokensApiParts,
  id: string,
  message: IncomingMessage,
  requestId: string,
): Promise<Answer> {
  const body = await jsonBody(message);
  const recipient = text(body, 'recipient');
  const passcode = body.passcode === undefined ? undefined : text(body, 'passcode');
  const context = { actor: OPENED_BY_LINK, purpose: 'PATRQT', requestId };
  try {
    const link = await links.open(id, recipient, passcode, context);
    const summary = await summaryOf(link, requestId);
    const encrypted = await new CompactEncrypt(summary)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: FHIR_TYPE })
      .encrypt(Buffer.from(link.key, 'base64url'));
    return jsonAnswer(200, { files: [{ contentType: FHIR_TYPE, embedded: encrypted }] });
  } catch (error) {
    if (error instanceof WrongPasscode) return jsonAnswer(401, { remainingAttempts: error.remainingAttempts });
    throw error;
  }
}

const FHIR_TYPE = 'application/fhir+json;fhirVersion=4.0.1';

/** What the patient sees of a link afterwards: everything but its secrets. */
function shown({ id, patientId, label, created, expires, passcode, viewsLeft, uses, revoked }: HealthLink): object {
  return {
    id,
    patient: patientId,
    label,
    created,
    expires,
    hasPasscode: passcode !== undefined,
    viewsLeft,
    uses,
    revoked,
  };
}

/** `shlink:/` and the payload (SMART Health Links 1.0.0, construct a SMART Health Link payload). */
function shlink({ id, key, label, expires, passcode }: HealthLink, origin: string): string {
  const payload = {
    url: `${origin}/tokens/health-links/${id}/manifest`,
    key,
    exp: Math.floor(expires / 1000),
    flag: passcode === undefined ? 'L' : 'LP',
    ...(label !== '' && { label }),
    v: 1,
  };
  return `shlink:/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
}
