import type { OAuthTokens } from '../access/oauth-tokens.ts';
import type { Bearer } from '../access/tokens.ts';
import type { Answer } from '../fhir/request.ts';
import { readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { jsonAnswer, type OAuthRequest } from './oauth-request.ts';

const LIMIT = 16 * 1024;

/**
 * `POST /oauth/introspect` (RFC 7662): whether an access token is good at this moment, which its signature alone does not
 * say. The caller shows a token of its own: its account may ask about its tokens, programs with a system token about all.
 * Whatever else is asked for is not active, without a reason.
 */
export async function introspect(
  request: OAuthRequest,
  bearer: Bearer,
  oauth: OAuthTokens,
  origin: string,
): Promise<Answer> {
  const { message } = request;
  if (
    request.method !== 'POST' ||
    !/^application\/x-www-form-urlencoded\b/i.test(message.headers['content-type'] ?? '')
  ) {
    throw refusal(415, 'not-supported', 'Send token as application/x-www-form-urlencoded by POST.');
  }
  const body = await readBody(message, LIMIT, message.headers['content-length']);
  const token = new URLSearchParams(body.toString('utf8')).get('token') ?? '';
  const found = await oauth.check(token);
  const own = found !== undefined && found.viewer.account === bearer.viewer.account;
  const system = bearer.viewer.roles.includes('system');
  if (found === undefined || !(own || system)) return jsonAnswer({ active: false });
  const { viewer, expires, issued, client } = found;
  return jsonAnswer({
    active: true,
    scope: viewer.scope,
    client_id: client,
    sub: viewer.account,
    exp: expires,
    iat: issued,
    iss: oauth.issuer,
    aud: `${origin}/fhir`,
    token_type: viewer.keyThumbprint === undefined ? 'Bearer' : 'DPoP',
    fhirUser: `${origin}/fhir/${viewer.actor}`,
    ...(viewer.launchPatient !== undefined && { patient: viewer.launchPatient }),
    ...(viewer.keyThumbprint !== undefined && { cnf: { jkt: viewer.keyThumbprint } }),
  });
}
