import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandError, interrupted } from '../command-error.ts';
import { tokenSource } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { PATIENT } from '../connection/retry.ts';
import { serverUrl } from '../connection/server-url.ts';
import { type Conversion, convertFile } from '../convert/convert-file.ts';
import { filesBelow } from '../convert/files-below.ts';
import type { Surroundings } from '../surroundings.ts';
import { counted, printable } from '../terminal/words.ts';

interface Options {
  to: string;
  out?: string;
  store?: true;
  patient?: string;
  title?: string;
  zone?: string;
  type?: string;
  server?: string;
  token?: string;
  data?: string;
  json?: true;
}

/** `meridian convert`. */
export function addConvert(program: Command, surroundings: Surroundings): void {
  const formats = ['fhir', 'html', 'text', 'jpeg', 'png', 'webp', 'ccda', 'r4', 'r5'];
  program
    .command('convert')
    .description('Converts files: HL7 v2, C-CDA, FHIR, PDF, Word, HTML, Markdown, text, pictures. The content decides.')
    .argument('<path...>', 'files; with --store also folders of mixtures')
    .addOption(new Option('--to <format>', 'what is wanted').choices(formats).default('fhir'))
    .option('--out <file>', 'where to write the result (default: print it)')
    .option('--store', 'file it in the record, with the original and the evidence of the conversion')
    .option('--patient <id>', 'whose record documents go to; HL7 v2 and C-CDA name their patient', parseId)
    .option('--title <words>', 'what the document is called in the record')
    .option('--zone <zone>', 'of times that have none, such as +08:00 or Asia/Hong_Kong')
    .option('--type <media-type>', 'which kind of text it is, such as text/markdown; all else is told from the content')
    .option('--server <url>', 'the server (default: MERIDIAN_URL, or this machine with MERIDIAN_PORT)')
    .option('--token <token>', 'a bearer token (default: MERIDIAN_TOKEN, or one made with the key in the data folder)')
    .option('--data <folder>', "the server's data folder (default: MERIDIAN_DATA, or ./data)")
    .option('--json', 'print what was done as JSON, a line for each file')
    .addHelpText('after', HELP)
    .action((paths: string[], options: Options) => runCommand(paths, options, surroundings));
}

const HELP = `
The server converts, in processes of their own without files or network. Without --store nothing is kept there.

Examples:
  meridian convert letter.docx --to text
  meridian convert ./inbox --store --patient 123`;

async function runCommand(paths: readonly string[], options: Options, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, environment, now, signal } = surroundings;
  const files = await filesBelow(paths, signal);
  if (files.length === 0) throw new CommandError('There are no files in what was named.');
  if (!options.store && files.length > 1) {
    throw new CommandError('Without --store one file is converted at a time; name one, or give --store.');
  }
  const origin = serverUrl(options.server, environment);
  const token = await tokenSource(options, environment, now);
  const client = new Client({ origin, token, patience: PATIENT, now, signal });
  let failed = 0;
  try {
    await client.greet();
    for (const file of files) {
      const result = await convertFile(client, { source: await readFile(file), ...wishOf(options) });
      if (result.kind === 'refused') {
        failed++;
        stderr.write(`${printable(file, 200)}: ${printable(result.sentence, 500)}\n`);
      } else await show(file, result, options, stdout);
    }
  } catch (error) {
    if (signal.aborted)
      throw interrupted('Stopped; files that were filed stay filed, and filing them again changes nothing.');
    throw error;
  } finally {
    await client.close();
  }
  if (failed > 0) throw new CommandError(`${counted(failed, 'file')} of ${files.length} could not be converted.`);
}

function wishOf({ to, store, patient, title, zone, type }: Options) {
  return {
    ...{ to, store: store === true },
    ...(patient !== undefined && { patient }),
    ...(title !== undefined && { title }),
    ...(zone !== undefined && { zone }),
    ...(type !== undefined && { type }),
  };
}

async function show(
  file: string,
  conversion: Conversion,
  { out, store, json }: Options,
  stdout: Surroundings['stdout'],
): Promise<void> {
  const { format, converter, counts, original, provenance, result } = conversion;
  if (json) stdout.write(`${JSON.stringify({ file: basename(file), ...conversion, result: undefined })}\n`);
  else if (store) {
    const sums = `${counts.mapped} mapped, ${counts.kept} kept, ${counts.dropped} dropped`;
    stdout.write(`${printable(file, 200)}: ${format} by ${converter}: ${sums}; ${original}, ${provenance}\n`);
  }
  if (store && out === undefined) return;
  if (out !== undefined) await writeFile(out, result, { flag: 'wx' }).catch(cannotWrite);
  else if (!json) stdout.write(result);
}

function cannotWrite(error: unknown): never {
  const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
  throw new CommandError(
    isThere ? 'The file named by --out exists; name another.' : 'The file named by --out cannot be written.',
  );
}

function parseId(text: string): string {
  const id = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(text)?.[1];
  if (id === undefined) throw new InvalidArgumentError('It must be the id of a Patient.');
  return id;
}
