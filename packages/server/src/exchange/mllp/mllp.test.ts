import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConvertedMessage, parseMessage, segmentOf, textAt } from '@meridian/convert';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import { Deframer, FramingError, framed } from './framing.ts';
import { MllpServer } from './mllp-server.ts';
import { MessageRefused, Receiver } from './receiver.ts';

const NOW = (): Date => new Date('2026-01-01T00:00:00Z');
const PID = 'PID|1||1001^^^HOSP^MR||Chan^Tai Man||19700203|M';
const message = (id: string, pid = PID, asks = ''): Buffer =>
  Buffer.from(`MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260101||ADT^A08^ADT_A01|${id}|P|2.5.1${asks}\r${pid}\r`);

/** The queue of the tests: what a server keeps sealed. */
class Letters implements DeadLetters {
  readonly all = new Map<string, DeadLetter>();
  async add(letter: DeadLetter): Promise<void> {
    this.all.set(letter.id, letter);
  }
  async list(limit: number): Promise<DeadLetter[]> {
    return [...this.all.values()].slice(0, limit);
  }
  async get(id: string): Promise<DeadLetter | undefined> {
    return this.all.get(id);
  }
  async remove(id: string): Promise<void> {
    this.all.delete(id);
  }
}

type Submit = (converted: ConvertedMessage, original: Uint8Array) => Promise<void>;

let open: MllpServer[] = [];
afterEach(async () => {
  await Promise.all(open.map((server) => server.close()));
  open = [];
});

async function serving(
  submit: Submit,
  limit = 100_000,
): Promise<{ port: number; letters: Letters; receiver: Receiver }> {
  const letters = new Letters();
  let next = 0;
  const newId = (): string => `id-${++next}`;
  const receiver = new Receiver({ submit, deadLetters: letters, now: NOW, newId, options: { zone: 'Z' } });
  const server = new MllpServer({ receiver, now: NOW, newId, limit });
  open.push(server);
  return { port: await server.listen(0, '127.0.0.1'), letters, receiver };
}

/** Sends everything at once and reads that many answers: code, control id and sentence of each. */
async function send(port: number, blocks: readonly Uint8Array[], answers: number): Promise<string[][]> {
  const socket = connect(port, '127.0.0.1');
  const deframer = new Deframer(100_000);
  const got: string[][] = [];
  socket.write(Buffer.concat(blocks));
  for await (const chunk of socket) {
    for (const answer of deframer.push(chunk as Buffer)) {
      const parsed = parseMessage(answer);
      const msa = segmentOf(parsed, 'MSA');
      got.push([textAt(msa, 1), textAt(msa, 2), textAt(segmentOf(parsed, 'ERR'), 8)]);
    }
    if (got.length >= answers) break;
  }
  socket.destroy();
  return got;
}

describe('MLLP', () => {
  test('messages of a connection are stored in their order and acknowledged', async () => {
    const order: string[] = [];
    const { port } = await serving(async ({ facts }) => {
      await sleep(facts.controlId === '1' ? 20 : 0);
      order.push(facts.controlId);
    });
    const answers = await send(
      port,
      ['1', '2', '3'].map((id) => framed(message(id))),
      3,
    );
    expect(answers).toEqual([
      ['AA', '1', ''],
      ['AA', '2', ''],
      ['AA', '3', ''],
    ]);
    expect(order).toEqual(['1', '2', '3']);
  });

  test('the same message twice is stored once; the same number with other content is another message', async () => {
    let stored = 0;
    const { port } = await serving(async () => {
      stored++;
    });
    const other = message('1', PID.replace('Chan', 'Chen'));
    const answers = await send(port, [message('1'), message('1'), other].map(framed), 3);
    expect(answers.map(([code]) => code)).toEqual(['AA', 'AA', 'AA']);
    expect(stored).toBe(2);
  });

  test.each([
    ['|||AL|AL', ['CA', 'AA']],
    ['|||AL|NE', ['CA']],
    ['|||NE|AL', ['AA']],
    ['|||ER|SU', ['AA']],
  ])('enhanced mode %s', async (asks, codes) => {
    const { port } = await serving(async () => undefined);
    const answers = await send(port, [framed(message('1', PID, asks))], codes.length);
    expect(answers.map(([code]) => code)).toEqual(codes);
  });

  test('what is wrong is kept, and stored once a person has corrected it', async () => {
    const stored: string[] = [];
    const { port, letters, receiver } = await serving(async ({ facts }) => {
      stored.push(facts.controlId);
    });
    const [answer] = await send(port, [framed(message('7', 'PID|1||||Chan'))], 1);
    expect(answer?.[0]).toBe('AE');
    expect(answer?.[2]).toMatch(/PID-3/);
    const [letter] = await letters.list(10);
    expect(letter).toMatchObject({ sender: 'LAB, HOSP', controlId: '7', kind: 'ADT^A08' });
    await expect(receiver.replay(letter?.id ?? '')).rejects.toThrow(/PID-3/);
    expect(letters.all.size).toBe(1);
    await receiver.replay(letter?.id ?? '', message('7'));
    expect(stored).toEqual(['7']);
    expect(letters.all.size).toBe(0);
  });

  test('what the store refuses is kept; what it cannot do now is left with the sender', async () => {
    let state: 'refuses' | 'is away' | 'works' = 'refuses';
    const { port, letters } = await serving(async () => {
      if (state === 'refuses') throw new MessageRefused('Two patients have this identifier; merge them.');
      if (state === 'is away') throw new Error('ECONNREFUSED');
    });
    expect((await send(port, [framed(message('1'))], 1))[0]?.[0]).toBe('AE');
    state = 'is away';
    expect((await send(port, [framed(message('2'))], 1))[0]?.[0]).toBe('AR');
    state = 'works';
    expect((await send(port, [framed(message('2'))], 1))[0]?.[0]).toBe('AA');
    expect([...letters.all.values()].map(({ controlId }) => controlId)).toEqual(['1']);
  });

  test('a peer that does not speak MLLP, or sends too much, is disconnected without harm to others', async () => {
    const { port } = await serving(async () => undefined, 1000);
    expect(await send(port, [Buffer.from('GET / HTTP/1.1\r\n\r\n')], 1)).toEqual([]);
    expect(await send(port, [framed(Buffer.alloc(2000, 0x41))], 1)).toEqual([]);
    expect((await send(port, [framed(message('1'))], 1))[0]?.[0]).toBe('AA');
  });

  test('closing finishes what is under way', async () => {
    let finish = (): void => undefined;
    const { port } = await serving(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const answer = send(port, [framed(message('1'))], 1);
    await expect.poll(() => finish.toString()).not.toContain('undefined');
    const closed = open.pop()?.close();
    finish();
    expect((await answer)[0]?.[0]).toBe('AA');
    await closed;
  });
});

test('blocks come out of a stream however it is cut', () => {
  const bodies = fc.array(
    fc.uint8Array({ maxLength: 50 }).map((bytes) => bytes.map((byte) => (byte === 0x1c ? 0x20 : byte))),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 20 }), (sent, size) => {
      const stream = Buffer.concat(sent.map(framed));
      const deframer = new Deframer(1000);
      const got: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) got.push(...deframer.push(stream.subarray(at, at + size)));
      expect(got.map((each) => [...each])).toEqual(sent.map((each) => [...each]));
    }),
  );
  expect(() => [...new Deframer(10).push(Buffer.from('x'))]).toThrow(FramingError);
});
