import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Resource, stringifyJson } from '@meridian/fhir';

/** All resources as lines of one stream, which stays open. */
export async function writeStream(population: Iterable<Resource[]>, stream: Writable): Promise<void> {
  for (const resources of population) {
    await writeText(stream, resources.map((resource) => `${stringifyJson(resource)}\n`).join(''));
  }
}

/** A file `Type.ndjson` of each type in the folder. They have another name until all are complete. */
export async function writeByType(population: Iterable<Resource[]>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = new Map<string, Writable>();
  const pathOf = (type: string) => join(folder, `${type}.ndjson`);
  try {
    for (const resources of population) {
      for (const [type, group] of Map.groupBy(resources, ({ resourceType }) => resourceType)) {
        const file = files.get(type) ?? createWriteStream(`${pathOf(type)}.part`);
        files.set(type, file);
        await writeText(file, group.map((resource) => `${stringifyJson(resource)}\n`).join(''));
      }
    }
    for (const file of files.values()) await finished(file.end());
  } finally {
    for (const file of files.values()) file.destroy();
  }
  for (const type of files.keys()) await rename(`${pathOf(type)}.part`, pathOf(type));
}

async function writeText(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}
