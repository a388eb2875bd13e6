import { isIP } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.)/;

/** The part of an incoming request that says where it comes from. */
interface Message {
  socket: { remoteAddress?: string | undefined };
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * The address that a request comes from. Behind reverse proxies it is the last one in `X-Forwarded-For` that is not a
 * proxy's own: what stands before that, callers can write themselves.
 */
export function callerAddress(message: Message, proxies: ReadonlySet<string>): string {
  const peer = message.socket.remoteAddress?.replace(MAPPED, '') ?? 'unknown';
  const forwarded = message.headers['x-forwarded-for'];
  if (!proxies.has(peer) || typeof forwarded !== 'string') return peer;
  const hops = forwarded.split(',').map((hop) => hop.trim().replace(MAPPED, ''));
  const caller = hops.reverse().find((hop) => !proxies.has(hop));
  return caller !== undefined && isIP(caller) !== 0 ? caller : peer;
}
