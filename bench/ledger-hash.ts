// SHA-256 of the 65 bytes of a tree node: the ways there are to ask for it, and what each costs.
//
//   npm run bench -- ledger-hash
import crypto from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';

const ROUNDS = 500_000;
const node = new Uint8Array(65).fill(1);
const out = new Uint8Array(32);

const ways: [string, () => void][] = [
  [
    "crypto.hash(…, 'binary'), read out into 32 bytes",
    () => {
      const digest = crypto.hash('sha256', node, 'binary');
      for (let i = 0; i < 32; i++) out[i] = digest.charCodeAt(i);
    },
  ],
  ["crypto.hash(…, 'buffer')", () => out.set(crypto.hash('sha256', node, 'buffer'))],
  ["crypto.createHash('sha256')", () => out.set(crypto.createHash('sha256').update(node).digest())],
  ['@noble/hashes', () => out.set(sha256(node))],
];

for (const [name, hash] of ways) {
  for (let i = 0; i < 50_000; i++) hash();
  const started = performance.now();
  for (let i = 0; i < ROUNDS; i++) hash();
  const rate = Math.round((ROUNDS / (performance.now() - started)) * 1000);
  console.log(`${name.padEnd(52)} ${rate.toLocaleString('en').padStart(10)}/s`);
}
