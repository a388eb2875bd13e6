import { ApiError, type Http } from './http.ts';

/** One server-sent event (HTML, section 9.2). */
export interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

/** More than this in one event is refused: nothing that we send is as long. */
const LONGEST_EVENT = 256 * 1024;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/**
 * Follows a stream of events until `signal` ends it, and connects again after breaks with growing pauses, from the last
 * event seen. EventSource cannot send an Authorization header, so the stream is read by fetch.
 *
 * @param random from 0 to 1: spreads clients that lost the same server
 */
export async function followEvents(
  http: Http,
  path: string,
  onEvent: (event: ServerEvent) => void,
  { signal, random }: { signal: AbortSignal; random: () => number },
): Promise<void> {
  let last = '';
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(last !== '' && { 'last-event-id': last }) };
      const answer = await http.send(path, { headers, signal });
      pause = FIRST_PAUSE;
      for await (const event of eventsOf(answer.body)) {
        if (event.id !== '') last = event.id;
        onEvent(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      // what will never come right is not asked for again
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
    }
    await waited(pause * (0.5 + random()), signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

/** The events of a body. */
export async function* eventsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<ServerEvent> {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest = (rest + value).replaceAll('\r\n', '\n');
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      if (rest.length > LONGEST_EVENT) throw new ApiError(0, 'An event of the server is too long.');
      for (const block of blocks) {
        const event = eventOf(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const event: ServerEvent = { id: '', type: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    if (field === 'id') event.id = value;
    if (field === 'event') event.type = value;
  }
  return data.length === 0 ? undefined : { ...event, data: data.join('\n') };
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
