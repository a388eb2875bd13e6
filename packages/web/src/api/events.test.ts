import { expect, test } from 'vitest';
import { eventsOf, followEvents, type ServerEvent } from './events.ts';
import { Http } from './http.ts';

function bodyOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

async function all(body: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of eventsOf(body)) events.push(event);
  return events;
}

test('events are read whatever pieces they come in', async () => {
  const stream = ': hello\n\nid: 7\nevent: notice\ndata: {"a":1}\ndata: two\n\ndata:三\r\n\r\ndata: not finished';
  const whole = await all(bodyOf(stream));
  expect(whole).toEqual([
    { id: '7', type: 'notice', data: '{"a":1}\ntwo' },
    { id: '', type: 'message', data: '三' },
  ]);
  const pieces = [...stream].map((character) => character);
  expect(await all(bodyOf(...pieces))).toEqual(whole);
});

test('an event without end is refused', async () => {
  await expect(all(bodyOf(`data: ${'x'.repeat(300_000)}`))).rejects.toThrow('too long');
});

test('after a break the stream is asked for again from the last event; a refusal ends it', async () => {
  const asked: (string | null)[] = [];
  const seen: string[] = [];
  const fetcher: typeof fetch = async (_input, init) => {
    asked.push(new Headers(init?.headers).get('last-event-id'));
    return asked.length < 3
      ? new Response(bodyOf(`id: ${asked.length}\ndata: x\n\n`))
      : new Response('{}', { status: 403 });
  };
  const http = new Http({ token: async () => 'token', refused: async () => false }, fetcher);
  const following = followEvents(http, '/events', ({ id }) => seen.push(id), {
    signal: new AbortController().signal,
    random: () => -0.5,
  });
  await expect(following).rejects.toMatchObject({ status: 403 });
  expect({ asked, seen }).toEqual({ asked: [null, '1', '2'], seen: ['1', '2'] });
});
