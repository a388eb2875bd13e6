/**
 * Compiles the contracts into `generated/`. Needs no network: the compiler is the npm package. From the repository root:
 *
 *     npm run compile -w packages/chain
 */
import { writeFileSync } from 'node:fs';
import { compileContracts, formatArtifact } from './solidity.ts';

for (const artifact of compileContracts()) {
  writeFileSync(new URL(`../generated/${artifact.contract}.json`, import.meta.url), formatArtifact(artifact));
  console.log(`${artifact.contract}: ${artifact.bytecode.length / 2 - 1} bytes to deploy`);
}
