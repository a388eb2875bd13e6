import { jsonText } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import type { RecordStore, ViewContext } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import { findStudy } from './filing.ts';
import type { KeptInstance, KeptInstances } from './kept-instance.ts';

export interface StudyParts {
  store: RecordStore;
  kept: KeptInstances;
  baseUrl: string;
}

/** What is asked for: a study, a series of it, or an instance of that. */
export interface Selection {
  study: string;
  series?: string;
  instance?: string;
}

/** A reader of nothing: an id that no resource has, so that an unknown study takes the way of a hidden one. */
const NO_STUDY = 'no-such-study';

/**
 * The instances that were asked for. Whoever may not see their ImagingStudy gets the answer for a study that does not
 * exist; for everybody else this is a view, and on record before anything is sent.
 */
export async function openSelection(
  selection: Selection,
  context: ViewContext,
  parts: StudyParts,
): Promise<{ instances: KeptInstance[]; study: Resource }> {
  const found = await findStudy(selection.study, parts);
  const stored = await parts.store.read('ImagingStudy', found?.id ?? NO_STUDY, context);
  if (stored?.json === undefined) throw nothingHere();
  const study = JSON.parse(stored.json.toString('utf8')) as Resource;
  const instances = await keptOf(selection, parts);
  if (instances.length === 0) throw nothingHere();
  return { instances, study };
}

async function keptOf({ study, series, instance }: Selection, { kept }: StudyParts): Promise<KeptInstance[]> {
  if (instance !== undefined) {
    const one = await kept.get(instance);
    return one && one.study === study && (series === undefined || one.series === series) ? [one] : [];
  }
  const all = await kept.ofStudy(study);
  return all.filter((one) => series === undefined || one.series === series).sort(bySeriesThenNumber);
}

function bySeriesThenNumber(a: KeptInstance, b: KeptInstance): number {
  if (a.series !== b.series) return a.series < b.series ? -1 : 1;
  const number = (kept: KeptInstance): number => Number(jsonText(kept.summary, '00200013') ?? 2 ** 31);
  return number(a) - number(b) || (a.instance < b.instance ? -1 : 1);
}

export function nothingHere(): Error {
  return refusal(404, 'not-found', 'There is no such study, series or instance here.');
}
