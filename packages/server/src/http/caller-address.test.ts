import { expect, test } from 'vitest';
import { callerAddress } from './caller-address.ts';

const from = (remoteAddress: string, forwarded?: string) => ({
  socket: { remoteAddress },
  headers: { 'x-forwarded-for': forwarded },
});

test('a caller is believed about others only where it is a proxy of ours', () => {
  const proxies = new Set(['10.0.0.1', '10.0.0.2']);
  expect(callerAddress(from('203.0.113.5', '198.51.100.1'), proxies)).toBe('203.0.113.5');
  expect(callerAddress(from('::ffff:10.0.0.1', '198.51.100.1'), proxies)).toBe('198.51.100.1');
  expect(callerAddress(from('10.0.0.1', '1.2.3.4, 198.51.100.1, 10.0.0.2'), proxies)).toBe('198.51.100.1');
  expect(callerAddress(from('10.0.0.1', 'nonsense'), proxies)).toBe('10.0.0.1');
  expect(callerAddress(from('10.0.0.1'), proxies)).toBe('10.0.0.1');
  expect(callerAddress(from('10.0.0.1', '198.51.100.1'), new Set())).toBe('10.0.0.1');
});
