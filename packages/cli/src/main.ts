import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// compiled code is kept with the dependencies: without it every start compiles the FHIR definitions for half a second
enableCompileCache(join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'meridian', 'compiled'));
const { runCommand } = await import('./run-command.ts');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // whoever asks twice does not want to wait for an orderly end
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
// a reader that has seen enough (`meridian population | head`) is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  now: Date.now,
  signal: stop.signal,
});
