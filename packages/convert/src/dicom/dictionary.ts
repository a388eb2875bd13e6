import { readFileSync } from 'node:fs';

/** What PS3.6 says of an attribute. */
export interface DictionaryEntry {
  vr: string;
  keyword: string;
}

let byTag: ReadonlyMap<string, DictionaryEntry> | undefined;
let byKeyword: ReadonlyMap<string, string> | undefined;

/** Read once, when first needed: programs without DICOM do not pay for it. */
function table(): ReadonlyMap<string, DictionaryEntry> {
  byTag ??= new Map(
    readFileSync(new URL('../../data/dicom/dictionary.tsv', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [tag = '', vr = 'UN', keyword = ''] = line.split('\t');
        return [tag, { vr, keyword }];
      }),
  );
  return byTag;
}

/** The entry of a tag (eight upper-case hex digits), also in a repeating group; undefined for private and unknown tags. */
export function dictionaryEntry(tag: string): DictionaryEntry | undefined {
  return table().get(tag) ?? (/^[56]0/.test(tag) ? table().get(`${tag.slice(0, 2)}xx${tag.slice(4)}`) : undefined);
}

/** The tag of a keyword such as `PatientName`; undefined where there is none. */
export function tagOfKeyword(keyword: string): string | undefined {
  byKeyword ??= new Map([...table()].map(([tag, entry]) => [entry.keyword, tag]));
  return byKeyword.get(keyword);
}

/** The VR with which an attribute without one is read (PS3.5 §A.1, §7.8): of private creators, group lengths, the rest. */
export function implicitVr(tag: string): string {
  if (tag.endsWith('0000')) return 'UL';
  const isPrivate = (Number.parseInt(tag.slice(3, 4), 16) & 1) === 1;
  if (isPrivate) return /^....00[1-9A-F].$/.test(tag) ? 'LO' : 'UN';
  return dictionaryEntry(tag)?.vr ?? 'UN';
}
