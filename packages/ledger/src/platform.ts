import type * as NodeCrypto from 'node:crypto';

/**
 * Node's own cryptography where it is present, undefined in a browser. Asked for at run time, not imported, so that a
 * bundler for the browser finds nothing from `node:` in this package.
 */
export function nodeCrypto(): typeof NodeCrypto | undefined {
  return globalThis.process?.getBuiltinModule?.('node:crypto');
}
