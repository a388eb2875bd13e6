import { destination, type Logger, pino } from 'pino';
import type { LogLevel } from '../config.ts';

/** All that a request's log line says: no URL, query, body, header or id of a record. */
export interface RequestLine {
  method: string;
  route: string;
  status: number;
  /** Milliseconds. */
  ms: number;
  requestId: string;
  /** Keyed hash of the account. */
  actor: string | undefined;
}

/** The server's log: only these methods write to it, each with its own fixed fields. */
export interface Log {
  request(line: RequestLine): void;
  /** Whether `request` writes anything. */
  readonly requests: boolean;
  /** A fault of ours: its class and place in the code, never its message, which may quote a record. */
  fault(error: unknown, requestId?: string): void;
  /** What the server itself does: starts, stops. */
  event(sentence: string): void;
  /** Writes out what is still held back. */
  flush(): void;
}

/** @param file undefined: standard output */
export function openLog(level: LogLevel, file?: string): Log {
  const sink = destination({ ...(file !== undefined && { dest: file }), sync: false, minLength: 4096 });
  const logger: Logger = pino({ level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, sink);
  // Held back for speed, but never long.
  const timer = setInterval(() => sink.flush(), 1000).unref();
  const requests = logger.isLevelEnabled('info');
  return {
    requests,
    request: (line) => logger.info(line),
    fault: (error, requestId) => logger.error({ requestId, ...placeOf(error) }, 'fault'),
    event: (sentence) => {
      logger.info(sentence);
      sink.flush();
    },
    flush: () => {
      clearInterval(timer);
      try {
        sink.flushSync();
      } catch {
        // The destination is not open yet or closed already: there is nothing to write to.
      }
    },
  };
}

/** The first line of a stack is the message; the frames below it are ours. */
function placeOf(error: unknown): { error: string; code: string | undefined; at: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, code: undefined, at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const at = frames
    .slice(0, 12)
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/\S*?\/((?:packages|node_modules)\/)/, '$1'));
  return { error: error.name, code, at };
}
