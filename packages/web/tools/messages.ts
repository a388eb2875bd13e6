import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { getCatalogs } from '@lingui/cli/api';
import { getConfig } from '@lingui/conf';
import { literalsOf } from './literals.ts';

// `node tools/messages.ts` checks that every word of the pages can be translated and is: words outside the catalogues,
// messages that the catalogues lack or no longer need, messages without a translation. Ends with 1 if there are any.
const root = join(import.meta.dirname, '..');
const config = getConfig({ cwd: root });
const findings: string[] = [];

for (const path of await sources(join(root, 'src'))) {
  for (const { line, text } of literalsOf(await readFile(path, 'utf8'))) {
    findings.push(`${relative(root, path)}:${line} shows "${text}" outside the catalogues: put it into Trans or t.`);
  }
}
for (const catalog of await getCatalogs(config)) {
  const [written, found] = await Promise.all([catalog.readAll(), catalog.collect()]);
  for (const locale of config.locales) {
    const messages = written[locale] ?? {};
    const where = relative(root, catalog.getFilename(locale));
    const named = (id: string): string => `"${messages[id]?.message ?? found?.[id]?.message ?? id}"`;
    for (const id of Object.keys(found ?? {})) {
      if (messages[id] === undefined) findings.push(`${where} lacks ${named(id)}: run npm run messages.`);
      else if (!messages[id].translation) findings.push(`${where} has no translation of ${named(id)}.`);
    }
    for (const id of Object.keys(messages)) {
      if (found?.[id] === undefined)
        findings.push(`${where} has ${named(id)}, which nothing shows: run npm run messages.`);
    }
  }
}
for (const finding of findings) console.error(finding);
process.exit(findings.length > 0 ? 1 : 0);

async function sources(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /\.tsx$/.test(name) && !/\.test\.tsx$/.test(name)).map((name) => join(folder, name));
}
