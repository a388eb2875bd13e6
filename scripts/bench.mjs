// npm run bench: runs the benchmarks of bench/, all or those named: `npm run bench -- blobs -- --size 10`.
// What stands after the second `--` goes to each of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, prepare, root, run } from './prepare.mjs';

const folder = join(root, 'bench');
const there = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -'.ts'.length));

const given = process.argv.slice(2);
const split = given.includes('--') ? given.indexOf('--') : given.length;
const names = given.slice(0, split);
const unknown = names.find((name) => !there.includes(name));
if (unknown !== undefined) fail(`There is no benchmark ${unknown}; there are: ${there.join(', ')}.`);

const node = prepare();
let failed = 0;
for (const name of names.length > 0 ? names : there) {
  console.log(`\n# ${name}`);
  if ((await run(node, [join(folder, `${name}.ts`), ...given.slice(split + 1)])) !== 0) failed++;
}
if (failed > 0) fail(`${failed} of the benchmarks ended with an error.`);
