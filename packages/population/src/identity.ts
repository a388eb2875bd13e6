import { createHash } from 'node:crypto';

/**
 * A UUID made of a name: version 8 (RFC 9562, section 5.8), its free bits the SHA-256 of the name. The same name gives
 * the same id on every machine.
 */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
