import { parseSearch, type SearchQuery } from '@meridian/fhir';
import { type CareTerms, DAY, isCarer } from './care-facts.ts';

/**
 * Searches whose matches may say that a patient is in care now. With `who`, only of care by these (`Practitioner/1`,
 * `Organization/1`); without, for one patient's record.
 */
export function careQueries(now: number, terms: CareTerms, who?: readonly string[]): SearchQuery[] {
  // a day more on both sides: what is found is judged to the millisecond afterwards
  const since = (days: number): string => `ge${new Date(now - (days + 2) * DAY).toISOString().slice(0, 10)}`;
  const before = (days: number): string => `le${new Date(now + (days + 2) * DAY).toISOString().slice(0, 10)}`;
  const people = who?.filter((reference) => isCarer(reference)).join(',');
  const organizations = who?.filter((reference) => reference.startsWith('Organization/')).join(',');
  const practitioners = who?.filter((reference) => reference.startsWith('Practitioner/')).join(',');
  const everybody = who?.filter((reference) => isCarer(reference) || reference.startsWith('Organization/')).join(',');
  const open = 'arrived,triaged,in-progress,onleave';
  return [
    query('Encounter', { status: open, date: since(terms.longestEncounter), participant: people }),
    query('Encounter', { status: 'finished', date: since(terms.afterEncounter), participant: people }),
    ...(who
      ? [
          query('Encounter', {
            status: open,
            date: since(terms.longestEncounter),
            'service-provider': organizations,
          }),
          query('Encounter', {
            status: 'finished',
            date: since(terms.afterEncounter),
            'service-provider': organizations,
          }),
        ]
      : []),
    query('Appointment', {
      date: [since(terms.aroundAppointment), before(terms.aroundAppointment)],
      actor: people,
    }),
    query('ServiceRequest', { status: 'active', authored: since(terms.longestReferral), performer: everybody }),
    query('CareTeam', { status: 'active', participant: people }),
    query('EpisodeOfCare', { status: 'active,onhold', 'care-manager': practitioners }),
    ...(who ? [query('EpisodeOfCare', { status: 'active,onhold', organization: organizations })] : []),
    query('Patient', { 'general-practitioner': people }),
  ].filter((one) => one !== undefined);
}

/** A condition that is undefined is left out; one that is empty can match nothing, and so is not asked. */
function query(
  type: string,
  conditions: Readonly<Record<string, string | readonly string[] | undefined>>,
): SearchQuery | undefined {
  const entries = Object.entries(conditions).filter(([, value]) => value !== undefined);
  if (entries.some(([, value]) => value === '')) return undefined;
  const parameters = entries.flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one as string]),
  );
  // references are relative, so the base does not matter
  return parseSearch([type], parameters, { handling: 'strict', baseUrl: '' });
}
