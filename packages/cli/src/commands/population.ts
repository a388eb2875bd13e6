import { generatePopulation, type PopulationOptions } from '@meridian/population';
import { type Command, InvalidArgumentError } from 'commander';
import { interrupted } from '../command-error.ts';
import { writeByType, writeStream } from '../population/write.ts';
import type { Surroundings } from '../surroundings.ts';
import { startProgress } from '../terminal/progress.ts';
import { counted } from '../terminal/words.ts';

interface Options {
  patients: number;
  seed: number;
  years: number;
  until?: string;
  out: string;
}

/** `meridian population`. */
export function addPopulation(program: Command, surroundings: Surroundings): void {
  program
    .command('population')
    .description('Writes synthetic patients as FHIR NDJSON; the same options give the same bytes.')
    .option('--patients <number>', 'how many', parseWhole, 100)
    .option('--seed <number>', 'which population', parseWhole, 1)
    .option('--years <number>', 'years of record', parseWhole, 20)
    .option('--until <date>', "the population's today, YYYY-MM-DD (default: today)")
    .option('--out <folder>', 'a folder for one file of each type, or - for one stream', '-')
    .addHelpText('after', HELP)
    .action((options: Options) => runCommand(options, surroundings));
}

const HELP = `
Example:
  meridian population --patients 1000 --seed 7 --years 20 --until 2026-01-31 --out ./population`;

async function runCommand(options: Options, { stdout, stderr, now, signal }: Surroundings): Promise<void> {
  const { patients, seed, years, out } = options;
  const until = options.until ?? new Date(now()).toISOString().slice(0, 10);
  const asked: PopulationOptions = { patients, seed, years, until };
  const population = generatePopulation(asked);
  const progress = startProgress({ stream: stderr, label: 'Writing', items: 'resources', total: patients + 1, now });
  const count = { resources: 0 };
  const told = function* () {
    for (const resources of population) {
      signal.throwIfAborted();
      yield resources;
      count.resources += resources.length;
      progress.add(1, resources.length);
    }
  };
  try {
    if (out === '-') await writeStream(told(), stdout);
    else await writeByType(told(), out);
  } catch (error) {
    if (signal.aborted) throw interrupted('Stopped; what was written is not complete.');
    throw error;
  } finally {
    progress.stop();
  }
  if (out !== '-')
    stderr.write(`${counted(count.resources, 'resource')} of ${counted(patients, 'patient')} in ${out}.\n`);
}

function parseWhole(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
