import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Notice } from '@meridian/viewing';
import { Agent, request } from 'undici';

/** Posts a notice to a URL that a patient chose. Rejects where it was not taken. */
export interface WebhookSender {
  send(url: string, notice: Notice): Promise<void>;
  close(): Promise<void>;
}

export interface WebhookOptions {
  /** Addresses to which nothing is sent; by default everything that is not public. */
  blocked?: BlockList;
  /** Certificates to trust besides those of the system, as PEM. */
  ca?: string;
}

/** A patient's URL must not reach into the house: loopback, private, link-local and other special addresses (RFC 6890). */
function notPublic(): BlockList {
  const list = new BlockList();
  const four: readonly [string, number][] = [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ];
  for (const [net, prefix] of four) list.addSubnet(net, prefix, 'ipv4');
  const six: readonly [string, number][] = [
    ['::', 96],
    ['::ffff:0:0', 96],
    ['64:ff9b::', 96],
    ['100::', 64],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ];
  for (const [net, prefix] of six) list.addSubnet(net, prefix, 'ipv6');
  return list;
}

/** A sender that resolves names itself, so that a name cannot point outside when it is checked and inside when it is used. */
export function webhookSender({ blocked = notPublic(), ca }: WebhookOptions = {}): WebhookSender {
  const agent = new Agent({
    connect: { lookup: guardedLookup(blocked), timeout: 10_000, ...(ca !== undefined && { ca }) },
    connections: 2,
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  });
  return {
    async send(url, { id, kind, at }) {
      const target = new URL(url);
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      const family = isIP(literal);
      if (family !== 0 && blocked.check(literal, family === 6 ? 'ipv6' : 'ipv4')) throw new BlockedAddress();
      // who and what stays out: whoever runs the receiving end is not known here
      const body = JSON.stringify({ id, kind, at: new Date(at).toISOString() });
      const answer = await request(target, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      await answer.body.dump({ limit: 16 * 1024 });
      if (answer.statusCode >= 300) throw new Error(`the webhook answered ${answer.statusCode}`);
    },
    close: () => agent.close(),
  };
}

class BlockedAddress extends Error {
  constructor() {
    super('the webhook points to an address that is not public');
  }
}

function guardedLookup(blocked: BlockList): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const open = addresses.filter(({ address, family }) => !blocked.check(address, family === 6 ? 'ipv6' : 'ipv4'));
      const [first] = open;
      if (!first) return callback(new BlockedAddress(), []);
      if (options.all) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}
