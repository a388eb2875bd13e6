import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

// npm run bench -- web: what a browser fetches before each kind of page is complete, compressed as it is sent. Build first
// (npm start does). The files follow from index.html and from what each chunk imports, as Vite's own preloading does.
const BUDGET = 250 * 1024;
const dist = join(import.meta.dirname, '..', 'packages', 'web', 'dist');
const names = JSON.parse(readFileSync(join(dist, 'files.json'), 'utf8')) as string[];
const PAGES: Readonly<Record<string, RegExp>> = {
  'welcome (first load)': /^assets\/welcome-page-/,
  'sign-in': /^assets\/sign-in-page-/,
  "patient's home": /^assets\/(?:frame|home-page)-/,
  "patient's record": /^assets\/record-page-/,
};

const start = [...read('index.html').matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name]) => name as string);
const latin = names.filter((name) => /latin-wght-normal.*\.woff2$/.test(name));
const words = names.filter((name) => /^assets\/en-.*\.js$/.test(name));
for (const [page, pattern] of Object.entries(PAGES)) {
  const files = reachable(['index.html', ...start, ...latin, ...words, ...names.filter((name) => pattern.test(name))]);
  const [gzip, brotli] = ['.gz', '.br'].map((ending) =>
    [...files].reduce((sum, name) => sum + sizeOf(name, ending), 0),
  );
  const over = gzip !== undefined && gzip > BUDGET ? '  OVER THE BUDGET of 250 KB' : '';
  console.log(`${page.padEnd(22)} ${files.size} files, ${kilobytes(gzip)} gzip, ${kilobytes(brotli)} brotli${over}`);
}

/** What a chunk imports at once comes with it; what it imports later does not. */
function reachable(first: readonly string[]): Set<string> {
  const found = new Set<string>();
  const wanted = [...first];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    if (!name.endsWith('.js')) continue;
    const imports = read(name).matchAll(/(?:^|[;}])\s*(?:import|export)[^;"'`]*?["'`]\.\/([\w.-]+)["'`]/g);
    wanted.push(...[...imports].map(([, file]) => `assets/${file}`));
  }
  return found;
}

function read(name: string): string {
  return readFileSync(join(dist, name), 'utf8');
}

function sizeOf(name: string, ending: string): number {
  return statSync(join(dist, `${name}${ending}`), { throwIfNoEntry: false })?.size ?? statSync(join(dist, name)).size;
}

function kilobytes(bytes: number | undefined): string {
  return `${((bytes ?? 0) / 1024).toFixed(0)} KB`;
}
