import { connect } from 'node:net';

/** What came back on a connection of its own. */
export interface RawAnswer {
  /** Of each answer on the connection; empty where the server only closed. */
  statuses: number[];
  text: string;
  /** The server closed the connection before the time was over. */
  closed: boolean;
}

/**
 * Sends bytes as they are, in pieces, and listens until the server closes or `patience` milliseconds have passed.
 *
 * @param pause milliseconds between pieces
 */
export function exchange(
  port: number,
  pieces: readonly (string | Buffer)[],
  patience: number,
  pause = 0,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const queue = [...pieces];
    let timer: NodeJS.Timeout | undefined;
    const finish = (closed: boolean): void => {
      clearTimeout(late);
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
      resolve({ statuses, text, closed });
    };
    const late = setTimeout(() => finish(false), patience);
    const next = (): void => {
      const piece = queue.shift();
      if (piece === undefined || socket.destroyed) return;
      socket.write(piece);
      timer = setTimeout(next, pause);
    };
    socket.on('connect', next);
    socket.on('data', (chunk) => chunks.push(chunk));
    // a reset is one of the right answers to nonsense
    socket.on('error', () => undefined);
    socket.on('close', () => finish(true));
  });
}

/** Requests that are not HTTP, or lie about their length; each with the status that it may get, 0 standing for none. */
export function brokenHttp(authorization: string): { what: string; pieces: (string | Buffer)[] }[] {
  const head = (line: string, ...headers: string[]): string =>
    `${[line, 'Host: localhost', `Authorization: ${authorization}`, ...headers].join('\r\n')}\r\n\r\n`;
  const json = 'Content-Type: application/fhir+json';
  const patient = '{"resourceType":"Patient"}';
  return [
    { what: 'no request line', pieces: ['\r\n\r\n\r\n'] },
    { what: 'binary noise', pieces: [Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256))] },
    { what: 'a TLS greeting', pieces: [Buffer.from('16030100a5010000a10303', 'hex')] },
    { what: 'HTTP/0.9', pieces: ['GET /fhir/metadata\r\n'] },
    { what: 'HTTP/3.0', pieces: [head('GET /fhir/metadata HTTP/3.0')] },
    { what: 'an unknown method', pieces: [head('BREW /fhir/Patient HTTP/1.1')] },
    { what: 'no host', pieces: ['GET /fhir/metadata HTTP/1.1\r\n\r\n'] },
    { what: 'two hosts', pieces: [head('GET /fhir/metadata HTTP/1.1', 'Host: other')] },
    { what: 'an absolute URL', pieces: [head('GET http://elsewhere/fhir/metadata HTTP/1.1', 'Connection: close')] },
    { what: 'an asterisk', pieces: [head('OPTIONS * HTTP/1.1', 'Connection: close')] },
    { what: 'CONNECT', pieces: [head('CONNECT elsewhere:443 HTTP/1.1')] },
    { what: 'an upgrade', pieces: [head('GET /fhir/metadata HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket')] },
    { what: 'a path with blanks', pieces: [head('GET /fhir/Pat ient HTTP/1.1')] },
    { what: 'a path of raw bytes', pieces: [head('GET /fhir/\xff\xfe HTTP/1.1', 'Connection: close')] },
    { what: 'a path with broken escapes', pieces: [head('GET /fhir/%zz?%=% HTTP/1.1', 'Connection: close')] },
    { what: 'a path of 60 KB', pieces: [head(`GET /fhir/${'a'.repeat(60_000)} HTTP/1.1`)] },
    { what: 'a header of 100 KB', pieces: [head('GET /fhir/metadata HTTP/1.1', `X-A: ${'a'.repeat(100_000)}`)] },
    {
      what: '5,000 headers',
      pieces: [head('GET /fhir/metadata HTTP/1.1', ...Array.from({ length: 5000 }, (_, i) => `X-${i}: 1`))],
    },
    { what: 'a header without colon', pieces: [head('GET /fhir/metadata HTTP/1.1', 'Nonsense')] },
    { what: 'a folded header', pieces: [head('GET /fhir/metadata HTTP/1.1', 'X-A: a\r\n b')] },
    { what: 'a header with NUL', pieces: [head('GET /fhir/metadata HTTP/1.1', 'X-A: a\0b')] },
    {
      what: 'two authorizations',
      pieces: [head('GET /fhir/Patient HTTP/1.1', 'Authorization: Bearer x', 'Connection: close')],
    },
    {
      what: 'two If-Match',
      pieces: [head('DELETE /fhir/Patient/none HTTP/1.1', 'If-Match: W/"1"', 'If-Match: W/"2"', 'Connection: close')],
    },
    {
      what: 'two content types',
      pieces: [
        head('POST /fhir/Patient HTTP/1.1', json, 'Content-Type: text/plain', 'Content-Length: 2', 'Connection: close'),
        '{}',
      ],
    },
    {
      what: 'two lengths',
      pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: 2', 'Content-Length: 9'), '{}'],
    },
    {
      what: 'length and chunks',
      pieces: [
        head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: 2', 'Transfer-Encoding: chunked'),
        '0\r\n\r\n',
      ],
    },
    { what: 'a length below zero', pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: -5'), '{}'] },
    { what: 'a length of words', pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: two'), '{}'] },
    { what: 'a huge length', pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: 99999999999'), '{}'] },
    {
      what: 'a length that is too short',
      pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: 5'), patient],
    },
    {
      what: 'a chunk size of words',
      pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'],
    },
    {
      what: 'a chunk that is too short',
      pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Transfer-Encoding: chunked'), '4\r\n{}\r\n0\r\n\r\n'],
    },
    {
      what: 'a huge chunk',
      pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Transfer-Encoding: chunked'), 'ffffffffff\r\n{}'],
    },
    { what: 'an unknown coding', pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Transfer-Encoding: gzip'), '{}'] },
    {
      what: 'a body on GET',
      pieces: [head('GET /fhir/metadata HTTP/1.1', 'Content-Length: 4', 'Connection: close'), 'abcd'],
    },
    {
      what: 'a second request hidden in the first',
      pieces: [
        head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: 0') +
          head('GET /fhir/metadata HTTP/1.1', 'Connection: close'),
      ],
    },
    {
      what: '50 pipelined requests',
      pieces: [head('GET /healthz HTTP/1.1').repeat(49) + head('GET /healthz HTTP/1.1', 'Connection: close')],
    },
    {
      what: 'half a body, then silence',
      pieces: [head('POST /fhir/Patient HTTP/1.1', json, 'Content-Length: 26'), patient.slice(0, 9)],
    },
  ];
}
