import { refusal } from './http-error.ts';

const EXPOSED = 'ETag, Last-Modified, Location, Content-Location, X-Request-Id, Retry-After, X-Progress';
const ALLOWED =
  'Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, X-Request-Id, DPoP';

/** Headers that let a page of an allowed origin read the answer (Fetch standard). Nothing for anybody else. */
export function corsHeaders(origin: string | undefined, allowed: ReadonlySet<string>): Record<string, string> {
  if (origin === undefined || !allowed.has(origin)) return {};
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' };
}

/** The answer's headers to a preflight; refuses origins that are not on the list. */
export function preflightHeaders(origin: string | undefined, allowed: ReadonlySet<string>): Record<string, string> {
  if (origin === undefined || !allowed.has(origin)) {
    throw refusal(
      403,
      'forbidden',
      'Pages of this origin may not call the API; its operator can allow them by MERIDIAN_CORS.',
    );
  }
  return {
    ...corsHeaders(origin, allowed),
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': '600',
  };
}
