// Writes profiles/ from the builders: node packages/clinic/tools/write-profiles.ts
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { profileFiles } from '../src/tcm/profile/files.ts';

const folder = new URL('../profiles/', import.meta.url);
const files = profileFiles();
mkdirSync(folder, { recursive: true });
for (const old of readdirSync(folder)) if (!files.has(old)) rmSync(new URL(old, folder));
for (const [name, resource] of files) writeFileSync(new URL(name, folder), `${JSON.stringify(resource, null, 2)}\n`);
console.log(`Wrote ${files.size} files to profiles/.`);
