// npm run bench: measures the whole system beside its budgets (bench/system.ts); `npm run bench -- --scale 100000,1000000`
// passes options on. Parts alone: `npm run bench -- blobs ledger`, or `all`; what stands after a second `--` goes to each.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, prepare, root, run } from './prepare.mjs';

const folder = join(root, 'bench');
const there = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -'.ts'.length));

const given = process.argv.slice(2);
const options = given.findIndex((argument) => argument.startsWith('-'));
const split = options < 0 ? given.length : options;
const asked = split === 0 ? ['system'] : given.slice(0, split);
const names = asked.includes('all') ? there : asked;
const unknown = names.find((name) => !there.includes(name));
if (unknown !== undefined) fail(`There is no benchmark ${unknown}; there are: ${there.join(', ')}.`);

const node = prepare();
let failed = 0;
const passed = given.slice(split).filter((argument) => argument !== '--');
for (const name of names) {
  // on standard error: what a benchmark prints may be read by a program
  console.error(`# ${name}`);
  if ((await run(node, [join(folder, `${name}.ts`), ...passed])) !== 0) failed++;
}
if (failed > 0) fail(`${failed} of the benchmarks ended with an error.`);
