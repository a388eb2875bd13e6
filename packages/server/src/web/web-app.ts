import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Coding, WebFile } from './web-files.ts';

/**
 * What the application's pages may do. No inline script or style, nothing from elsewhere, no text that becomes code
 * (Trusted Types with no policy at all). `blob:` is for documents of the record that were fetched with the token;
 * `frame-src blob:` shows PDF files in the browser's own viewer.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  'media-src blob:',
  "font-src 'self'",
  "connect-src 'self'",
  'frame-src blob:',
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const COMMON: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};
const PAGE: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self)',
};

/** First segments of the application's own pages: they all get index.html, anything else its 404. */
const PAGES: ReadonlySet<string> = new Set([
  '',
  'sign-in',
  'signed-in',
  'me',
  'clinic',
  'office',
  'account',
  'emergency',
]);

/** The browser application over HTTP: files by name, and its pages. They say nothing about anybody and need no token. */
export class WebApp {
  readonly #files: ReadonlyMap<string, WebFile>;

  constructor(files: ReadonlyMap<string, WebFile>) {
    this.#files = files;
  }

  /** Answers a GET or HEAD; false: this is no address of the application. */
  answer(message: IncomingMessage, response: ServerResponse): boolean {
    if (message.method !== 'GET' && message.method !== 'HEAD') return false;
    const path = (message.url ?? '').replace(/[?#].*$/s, '');
    const file = this.#files.get(path) ?? (isPage(path) ? this.#files.get('/index.html') : undefined);
    if (!file) return false;
    const coding = codingFor(message.headers['accept-encoding'], file);
    const body = file.bodies.get(coding) ?? Buffer.alloc(0);
    response.writeHead(200, {
      ...COMMON,
      ...(file.type.startsWith('text/html') && PAGE),
      // an image that is opened by itself must not run anything either
      ...(file.type === 'image/svg+xml' && { 'content-security-policy': "default-src 'none'; sandbox" }),
      'content-type': file.type,
      'content-length': body.length,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(coding !== 'identity' && { 'content-encoding': coding }),
    });
    response.end(message.method === 'HEAD' ? undefined : body);
    return true;
  }
}

function isPage(path: string): boolean {
  // a last segment with a dot is a file that there is not, not a page
  return PAGES.has(path.split('/')[1] ?? '-') && !/\.[a-z0-9]{2,5}$/i.test(path);
}

/** The best coding that the caller takes (RFC 9110 §12.5.3). */
function codingFor(accepted: string | undefined, file: WebFile): Coding {
  const taken = new Map(
    (accepted ?? '').split(',').map((item) => {
      const [name = '', quality = ''] = item
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      return [name, quality === 'q=0' || quality === 'q=0.0' ? 0 : 1];
    }),
  );
  const best = (['br', 'gzip'] as const).find((coding) => (taken.get(coding) ?? 0) > 0 && file.bodies.has(coding));
  return best ?? 'identity';
}
