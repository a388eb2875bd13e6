/** Puts blobs of many sizes into the folder `process.argv[2]` and prints each digest as `begun …` before and `done …` after its put. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { openStore, streamOf } from './blob-fixture.ts';

const store = openStore(process.argv[2] ?? '.');

async function putForever(): Promise<never> {
  for (;;) {
    const bytes = randomBytes(randomInt(1_500_000));
    process.stdout.write(`begun ${createHash('sha256').update(bytes).digest('hex')}\n`);
    const { digest } = await store.put({ patientId: 'p1' }, streamOf(bytes), bytes.length);
    process.stdout.write(`done ${digest}\n`);
  }
}

await Promise.all([putForever(), putForever(), putForever()]);
