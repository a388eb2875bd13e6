import { PassThrough } from 'node:stream';
import type { Notice, Notices } from '@meridian/viewing';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';

/** A comment now and then keeps proxies from closing the line, and finds out who is gone. */
const HEARTBEAT = 20_000;
/** A reader that does not read is cut off: it loads the list when it comes back. */
const MOST_UNREAD = 256 * 1024;

/** Notices as they come, as server-sent events (WHATWG HTML, Server-sent events). */
export function noticeStream(notices: Notices, account: string): Answer {
  const body = new PassThrough();
  const write = (chunk: string): void => {
    if (body.writableLength > MOST_UNREAD) body.destroy();
    else if (!body.destroyed) body.write(chunk);
  };
  const stop = notices.listen(account, (notice: Notice) =>
    write(`id: ${notice.id}\nevent: notice\ndata: ${JSON.stringify(notice)}\n\n`),
  );
  if (!stop) {
    throw refusal(429, 'throttled', 'Too many windows of this account listen already; close some.', {
      'retry-after': '60',
    });
  }
  const timer = setInterval(() => write(': still here\n\n'), HEARTBEAT);
  timer.unref();
  body.once('close', () => {
    clearInterval(timer);
    stop();
  });
  write('retry: 2000\n\n');
  return {
    status: 200,
    contentType: 'text/event-stream',
    headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    body,
  };
}
