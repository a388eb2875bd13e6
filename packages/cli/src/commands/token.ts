import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';
import { dataFolder, openKey } from '../connection/access-token.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseDuration } from '../terminal/words.ts';

interface Options {
  as?: string;
  system?: true;
  expires: number;
  scope?: string;
  purpose?: string;
  data?: string;
  json?: true;
}

/** Account names: `system`, `Practitioner/8f…`, `nurse@ward3`. */
const ACCOUNT = /^[A-Za-z0-9\-._@/]{1,128}$/;

/** `meridian token`. */
export function addToken(program: Command, surroundings: Surroundings): void {
  program
    .command('token')
    .description("Prints a short-lived bearer token. Needs access to the server's data folder.")
    .option('--as <account>', 'who acts: an account by id or username, or a resource such as Practitioner/42')
    .option('--system', 'a program that acts for nobody')
    .option('--expires <time>', 'its lifetime, such as 90s, 15m or 1h; a day at most', parseExpires, 3600)
    .option('--scope <scopes>', 'SMART scopes (default: user/*.cruds, with --system: system/*.cruds)')
    .option('--purpose <code>', 'purpose of use, of v3-ActReason (default: TREAT, with --system: HOPERAT)')
    .option('--data <folder>', "the server's data folder (default: MERIDIAN_DATA, or ./data)")
    .option('--json', 'print token and end of its life as JSON')
    .addHelpText('after', HELP)
    .action((options: Options) => runCommand(options, surroundings));
}

const HELP = `
Example:
  curl -H "Authorization: Bearer $(meridian token --system)" http://localhost:8080/fhir/Patient`;

async function runCommand(options: Options, { stdout, environment, now }: Surroundings): Promise<void> {
  const { as, system = false, expires, scope, purpose, json } = options;
  if ((as === undefined) === !system) throw new CommandError('Say who acts: either --as ACCOUNT or --system.');
  if (as !== undefined && !ACCOUNT.test(as)) {
    throw new CommandError('An account has up to 128 letters, digits and -._@/ characters, such as Practitioner/42.');
  }
  if (purpose !== undefined && !/^[A-Z0-9-]{1,32}$/.test(purpose)) {
    throw new CommandError('A purpose is a code of v3-ActReason, such as TREAT or ETREAT.');
  }
  const { Tokens } = await import('@meridian/server');
  const tokens = new Tokens(await openKey(dataFolder(options.data, environment)), now);
  const token = await tokens.mint({
    actor: as ?? 'system',
    system,
    expiresInSeconds: expires,
    ...(scope !== undefined && { scope }),
    ...(purpose !== undefined && { purpose }),
  });
  const until = new Date(now() + expires * 1000).toISOString();
  stdout.write(json ? `${JSON.stringify({ token, expires: until })}\n` : `${token}\n`);
}

function parseExpires(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds < 1 || seconds > 86_400) {
    throw new InvalidArgumentError('It must be a time from 1s to 24h, such as 90s, 15m or 1h.');
  }
  return seconds;
}
