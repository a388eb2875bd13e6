import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';

const PREFIX = '/oauth';
/** Page of the web application that draws an interaction. */
const INTERACTION = /^\/oauth\/interaction\/([\w-]{1,64})$/;

/**
 * Lets `oidc-provider` answer a request below `/oauth`. Host and scheme are those of the configuration, never those that
 * the request claims; forwarded headers of the caller are dropped.
 *
 * The cookie of an interaction must be sent to the JSON endpoints `/oauth/interaction/:uid`, so that is the address the
 * library is told; the browser is sent on to the page `/sign-in/:uid`.
 */
export async function handToProvider(
  provider: Provider,
  origin: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { host, protocol } = new URL(origin);
  message.headers.host = host;
  message.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  delete message.headers['x-forwarded-host'];
  delete message.headers['x-forwarded-for'];
  // where the library finds what stands before its own paths
  Object.assign(message, { baseUrl: PREFIX });
  message.url = askAgain((message.url ?? '').slice(PREFIX.length) || '/');
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const uid =
      name.toLowerCase() === 'location' && typeof value === 'string' ? INTERACTION.exec(value)?.[1] : undefined;
    return setHeader(name, uid === undefined ? value : `${origin}/sign-in/${uid}`);
  };
  for (const [name, value] of Object.entries(HEADERS)) setHeader(name, value);
  await provider.callback()(message, response);
}

/** The few pages are plain: nothing runs, nothing frames them, and forms go only to this server. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};

/**
 * OpenID Connect (Core §11) gives offline access only to who asks for consent anew; SMART apps ask for the scope alone. So
 * the question is put for them.
 */
function askAgain(target: string): string {
  if (!target.startsWith('/authorize?')) return target;
  const query = new URLSearchParams(target.slice('/authorize?'.length));
  const scopes = (query.get('scope') ?? '').split(' ');
  if (!scopes.includes('offline_access') || query.has('prompt')) return target;
  query.set('prompt', 'consent');
  return `/authorize?${query}`;
}
