import { type JsonDataSet, tagOfKeyword } from '@meridian/convert';
import { parseSearch, type Resource } from '@meridian/fhir';
import type { ViewContext } from '@meridian/records';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import type { Parameters } from '../http/query-string.ts';
import { matchesAll } from './attribute-match.ts';
import type { KeptInstance } from './kept-instance.ts';
import type { StudyParts } from './study-access.ts';

export interface QueryParts extends StudyParts {
  base: string;
}

export type Level = 'studies' | 'series' | 'instances';

const DEFAULT_LIMIT = 100;
const MOST_LIMIT = 1000;
const MOST_OFFSET = 10_000;
/** Studies that one query looks at. */
const MOST_STUDIES = 20_000;
const PAGE = 100;

/** Attributes of each level that are always answered where they are there (PS3.18 tables 10.6.3-3 to 10.6.3-5). */
const ANSWERED: Readonly<Record<Level, readonly string[]>> = {
  studies:
    '00080005 00080020 00080030 00080050 00080090 00080201 00100010 00100020 00100030 00100040 0020000D 00200010 00081030'.split(
      ' ',
    ),
  series: '00080005 00080060 00080201 0008103E 00080021 00080031 0020000E 00200011 00400244 00400245 00400275'.split(
    ' ',
  ),
  instances: '00080005 00080016 00080018 00080201 00200013 00280008 00280010 00280011 00280100'.split(' '),
};

interface Asked {
  /** Attributes to match, by tag. */
  match: Map<string, string>;
  limit: number;
  offset: number;
}

/**
 * Search Transactions (QIDO-RS, PS3.18 §10.6): studies by a search for ImagingStudies, with the caller's rules; series and
 * instances by their own attributes within those.
 *
 * @param within the study, or study and series, of the URL
 */
export async function query(
  level: Level,
  within: { study?: string; series?: string },
  parameters: Parameters,
  context: ViewContext,
  parts: QueryParts,
): Promise<Answer> {
  const asked = readQuery(parameters);
  if (within.study !== undefined) asked.match.set('0020000D', within.study);
  if (within.series !== undefined) asked.match.set('0020000E', within.series);
  const found: JsonDataSet[] = [];
  let skip = asked.offset;
  for await (const study of visibleStudies(asked.match, context, parts)) {
    for await (const result of resultsOf(level, study, asked.match, parts)) {
      if (skip > 0) skip--;
      else found.push(result);
      if (found.length > asked.limit) break;
    }
    if (found.length > asked.limit) break;
  }
  const more = found.length > asked.limit;
  if (found.length === 0) return { status: 204 };
  return {
    status: 200,
    contentType: 'application/dicom+json',
    body: Buffer.from(JSON.stringify(found.slice(0, asked.limit))),
    ...(more && { headers: { warning: '299 meridian "There are more results; ask for them with offset."' } }),
  };
}

function readQuery(parameters: Parameters): Asked {
  const asked: Asked = { match: new Map(), limit: DEFAULT_LIMIT, offset: 0 };
  for (const [name, value] of parameters) {
    if (name === 'limit') asked.limit = Math.min(whole(name, value), MOST_LIMIT);
    else if (name === 'offset') asked.offset = whole(name, value);
    else if (name === 'fuzzymatching') {
      if (value === 'true')
        throw refusal(400, 'not-supported', 'Names are matched as they are; send no fuzzymatching.');
    } else if (name !== 'includefield' && value !== '') {
      const tag = /^[0-9A-Fa-f]{8}$/.test(name) ? name.toUpperCase() : tagOfKeyword(name);
      if (tag === undefined) throw refusal(400, 'value', 'The query names an attribute that DICOM does not have.');
      asked.match.set(tag, value);
    }
  }
  if (asked.offset > MOST_OFFSET)
    throw refusal(400, 'too-costly', `An offset is at most ${MOST_OFFSET}; narrow the query.`);
  return asked;
}

function whole(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw refusal(400, 'value', `The parameter ${name} must be a whole number.`);
  return Number(text);
}

/** What the store's index can narrow; everything is looked at again with the attributes themselves. */
function searchOf(match: ReadonlyMap<string, string>): [string, string][] {
  const search: [string, string][] = [];
  const study = match.get('0020000D');
  if (study !== undefined) {
    const uids = study.split(/[\\,]/).filter((uid) => /^[\d.]{1,64}$/.test(uid));
    search.push(['identifier', uids.map((uid) => `urn:dicom:uid|urn:oid:${uid}`).join(',') || 'urn:dicom:uid|none']);
  }
  const { from, to } = datesOf(match.get('00080020') ?? '');
  if (from !== undefined) search.push(['started', `ge${from}`]);
  if (to !== undefined) search.push(['started', `le${to}`]);
  const modality = match.get('00080061');
  if (modality !== undefined && /^[\w]+$/.test(modality)) search.push(['modality', modality]);
  const accession = match.get('00080050');
  if (accession !== undefined && !/[*?\\|,$]/.test(accession)) search.push(['identifier', accession]);
  return search;
}

/** `20240101-20241231`, either end open, or one day (PS3.4 §C.2.2.2.5). */
function datesOf(text: string): { from?: string; to?: string } {
  const [, first = '', range, last = ''] = /^(\d{8})?(-)?(\d{8})?$/.exec(text) ?? [];
  const dashed = (date: string): string => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  const end = range === undefined ? first : last;
  return { ...(first !== '' && { from: dashed(first) }), ...(end !== '' && { to: dashed(end) }) };
}

async function* visibleStudies(
  match: ReadonlyMap<string, string>,
  context: ViewContext,
  { store, baseUrl }: QueryParts,
): AsyncGenerator<Resource> {
  const parsed = parseSearch(['ImagingStudy'], searchOf(match), { handling: 'strict', baseUrl });
  let cursor: string | undefined;
  for (let seen = 0; seen < MOST_STUDIES; seen += PAGE) {
    const page = await store.search({ ...parsed, count: PAGE, ...(cursor !== undefined && { cursor }) }, context);
    for (const { json } of page.matches) if (json) yield JSON.parse(json.toString('utf8')) as Resource;
    cursor = page.next;
    if (cursor === undefined) return;
  }
  throw refusal(400, 'too-costly', 'The query looks at too many studies; narrow it by date, patient or modality.');
}

async function* resultsOf(
  level: Level,
  study: Resource,
  match: ReadonlyMap<string, string>,
  parts: QueryParts,
): AsyncGenerator<JsonDataSet> {
  const uid = studyUidOf(study);
  if (uid === undefined) return;
  const sample = await parts.kept.oneOfStudy(uid);
  if (sample === undefined) return;
  const whole = ofStudy(sample, study, parts.base);
  if (!matchesAll(whole, match, STUDY_LEVEL)) return;
  if (level === 'studies') {
    yield whole;
    return;
  }
  const all = await parts.kept.ofStudy(uid);
  for (const instances of Map.groupBy(all, ({ series }) => series).values()) {
    const series = { ...whole, ...ofSeries(instances, parts.base) };
    if (!matchesAll(series, match, SERIES_LEVEL)) continue;
    if (level === 'series') yield series;
    else {
      for (const kept of instances) {
        const instance = { ...series, ...ofInstance(kept, parts.base) };
        if (matchesAll(instance, match, undefined)) yield instance;
      }
    }
  }
}

const STUDY_LEVEL: ReadonlySet<string> = new Set([...ANSWERED.studies, '00080061', '00201206', '00201208']);
const SERIES_LEVEL: ReadonlySet<string> = new Set([...STUDY_LEVEL, ...ANSWERED.series, '00201209']);

function studyUidOf({ identifier }: Resource): string | undefined {
  const all = (identifier ?? []) as { system?: string; value?: string }[];
  return all.find(({ system }) => system === 'urn:dicom:uid')?.value?.slice('urn:oid:'.length);
}

function picked(summary: JsonDataSet, level: Level): JsonDataSet {
  return Object.fromEntries(ANSWERED[level].map((tag) => [tag, summary[tag] ?? { vr: VR_OF[tag] ?? 'LO' }]));
}

/** VRs of attributes that are answered empty where an instance lacks them (PS3.18 §10.6.3.2). */
const VR_OF: Readonly<Record<string, string>> = {
  '00080005': 'CS',
  '00080016': 'UI',
  '00080018': 'UI',
  '00080020': 'DA',
  '00080021': 'DA',
  '00080030': 'TM',
  '00080031': 'TM',
  '00080050': 'SH',
  '00080060': 'CS',
  '00080090': 'PN',
  '00080201': 'SH',
  '00100010': 'PN',
  '00100030': 'DA',
  '00100040': 'CS',
  '0020000D': 'UI',
  '0020000E': 'UI',
  '00200010': 'SH',
  '00200011': 'IS',
  '00200013': 'IS',
  '00280008': 'IS',
  '00280010': 'US',
  '00280011': 'US',
  '00280100': 'US',
  '00400244': 'DA',
  '00400245': 'TM',
  '00400275': 'SQ',
};

function ofStudy({ summary, study }: KeptInstance, resource: Resource, base: string): JsonDataSet {
  const modalities = ((resource.modality ?? []) as { code?: string }[]).flatMap(({ code }) => code ?? []);
  return {
    ...picked(summary, 'studies'),
    '00080056': { vr: 'CS', Value: ['ONLINE'] },
    '00080061': { vr: 'CS', Value: modalities },
    '00081190': { vr: 'UR', Value: [`${base}/studies/${study}`] },
    '00201206': { vr: 'IS', Value: [Number(resource.numberOfSeries ?? 0)] },
    '00201208': { vr: 'IS', Value: [Number(resource.numberOfInstances ?? 0)] },
  };
}

function ofSeries(instances: readonly KeptInstance[], base: string): JsonDataSet {
  const [first] = instances as [KeptInstance];
  return {
    ...picked(first.summary, 'series'),
    '00081190': { vr: 'UR', Value: [`${base}/studies/${first.study}/series/${first.series}`] },
    '00201209': { vr: 'IS', Value: [instances.length] },
  };
}

function ofInstance({ summary, study, series, instance }: KeptInstance, base: string): JsonDataSet {
  return {
    ...picked(summary, 'instances'),
    '00081190': { vr: 'UR', Value: [`${base}/studies/${study}/series/${series}/instances/${instance}`] },
  };
}
