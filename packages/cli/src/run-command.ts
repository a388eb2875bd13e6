import { Command, CommanderError } from 'commander';
import { CommandError, sentenceOf } from './command-error.ts';
import { addConvert } from './commands/convert.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addPopulation } from './commands/population.ts';
import { addServe } from './commands/serve.ts';
import { addToken } from './commands/token.ts';
import { addVerify } from './commands/verify.ts';
import { addWitness } from './commands/witness.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Runs one `meridian` command to its end and gives the exit code: 0 if it did all it was asked to, 130 if the user
 * stopped it, else 1. Never throws; an error is one sentence on stderr.
 *
 * @param args without the program, such as `['token', '--system']`
 */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, environment } = surroundings;
  const program = new Command('meridian')
    .description('A medical record system whose records are provable, private and forgettable.')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();
  for (const add of [addServe, addImport, addConvert, addExport, addToken, addPopulation, addVerify, addWitness])
    add(program, surroundings);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    stderr.write(`${sentenceOf(error)}\n`);
    if (environment.MERIDIAN_DEBUG === '1') stderr.write(`${frames(error)}\n`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

/** Where it happened, without the message, which may quote what it choked on. */
function frames(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.filter((line) => /^\s+at /.test(line)).join('\n');
}
