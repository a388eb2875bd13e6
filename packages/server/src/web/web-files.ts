import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** A file of the built application in the forms in which it can be sent. */
export interface WebFile {
  type: string;
  /** The name holds a hash of the content: it can be kept for ever. */
  immutable: boolean;
  /** By content coding; `identity` is always there. */
  bodies: ReadonlyMap<Coding, Buffer>;
}

export type Coding = 'br' | 'gzip' | 'identity';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};
const MOST_FILES = 2000;

/**
 * The built application, read into memory once: it is a few megabytes, and a path that a caller sends never reaches the
 * file system. Undefined where there is no complete build.
 */
export async function readWebFiles(folder: string): Promise<ReadonlyMap<string, WebFile> | undefined> {
  const names = await listed(folder);
  if (names === undefined) return undefined;
  const files = await Promise.all(names.map(async (name) => [name, await readFileForms(folder, name)] as const));
  return new Map(files.flatMap(([name, file]) => (file ? [[`/${name}`, file] as const] : [])));
}

/** What the build says that it has written (packages/web/tools/precompress.ts). */
async function listed(folder: string): Promise<string[] | undefined> {
  try {
    const names = JSON.parse(await readFile(join(folder, 'files.json'), 'utf8')) as unknown;
    if (!Array.isArray(names) || names.length > MOST_FILES) return undefined;
    return names.filter((name): name is string => typeof name === 'string' && !name.split('/').includes('..'));
  } catch {
    return undefined;
  }
}

async function readFileForms(folder: string, name: string): Promise<WebFile | undefined> {
  const type = TYPES[extname(name)];
  if (type === undefined) return undefined;
  const path = join(folder, name);
  const read = (suffix: string): Promise<Buffer | undefined> => readFile(`${path}${suffix}`).catch(() => undefined);
  const [identity, br, gzip] = await Promise.all([readFile(path), read('.br'), read('.gz')]);
  const bodies = new Map<Coding, Buffer>([['identity', identity]]);
  if (br) bodies.set('br', br);
  if (gzip) bodies.set('gzip', gzip);
  return { type, immutable: name.startsWith('assets/'), bodies };
}
