import { CommandError } from '../command-error.ts';

/** Where the server is: what was given, else MERIDIAN_URL, else this machine with MERIDIAN_PORT. Throws CommandError. */
export function serverUrl(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const port = environment.MERIDIAN_PORT?.trim() || '8080';
  const text = given ?? (environment.MERIDIAN_URL?.trim() || `http://localhost:${port}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username || url.password) {
    throw new CommandError(
      'The server must be given as http:// or https:// with its host, such as http://localhost:8080.',
    );
  }
  return url.origin;
}
