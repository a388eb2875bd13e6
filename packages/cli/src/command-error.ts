import { constants } from 'node:os';

/** Ends a command: the message is the one sentence that goes to stderr. It holds no record text. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** What a command throws when the user stopped it. Shells expect 128 and the number of the signal. */
export function interrupted(message: string): CommandError {
  return new CommandError(message, 128 + constants.signals.SIGINT);
}

/** Errors that only a fault of the program causes; their messages may quote what they choked on. */
const FAULTS = [TypeError, SyntaxError, ReferenceError, EvalError, URIError];

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be opened by this user',
  EPERM: 'may not be changed by this user',
  ENOTDIR: 'is below something that is not a folder',
  EISDIR: 'is a folder',
  ENOSPC: 'cannot be written: the disk is full',
  EROFS: 'cannot be written: the disk is read-only',
  EMFILE: 'cannot be opened: too many files are open',
};

/** The sentence for any error. Messages of our own errors are made for the reader; others are not repeated. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'The command failed without saying why.';
  const system = systemError(error);
  if (system !== undefined) return system;
  if (FAULTS.some((fault) => error instanceof fault)) {
    return `A fault in the program stopped the command (${error.name}); MERIDIAN_DEBUG=1 shows where.`;
  }
  return error.message;
}

/** The sentence for an error of the operating system, or undefined for any other. */
export function systemError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  if (error.code === 'EADDRINUSE') {
    return `Port ${'port' in error ? error.port : ''} is taken by another program; choose another with --port.`;
  }
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'A file';
  return `${path} ${SYSTEM_ERRORS[String(error.code)] ?? `failed with ${error.code}`}.`;
}
