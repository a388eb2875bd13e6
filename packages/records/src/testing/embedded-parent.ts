import { startEmbedded } from '../postgres/embedded.ts';
import { DatabaseError } from '../postgres/errors.ts';

// A process that owns an embedded server until it is killed: `node embedded-parent.ts DATA_FOLDER`. It says in one line of
// JSON what came of it.
try {
  const server = await startEmbedded({ dataFolder: process.argv[2] ?? '' });
  process.stdout.write(`${JSON.stringify({ pid: server.pid, adopted: server.adopted })}\n`);
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 60_000);
} catch (error) {
  const code = error instanceof DatabaseError ? error.code : String(error);
  process.stdout.write(`${JSON.stringify({ error: code })}\n`, () => process.exit(1));
}
