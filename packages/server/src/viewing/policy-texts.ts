import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of the viewing rules, as the privacy officer reads it. */
export interface PolicyText {
  /** Such as `consent-deny`; refusals and `$may` name it. */
  name: string;
  /** Cedar. */
  text: string;
}

/** The policies that are in force, in the order of their names. They say nothing about anybody. */
export async function readPolicyTexts(folder: string): Promise<PolicyText[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.cedar')).sort();
  return Promise.all(
    files.map(async (file) => ({
      name: file.slice(0, -'.cedar'.length),
      text: await readFile(join(folder, file), 'utf8'),
    })),
  );
}
