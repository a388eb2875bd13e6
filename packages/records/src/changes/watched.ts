import { typeNumber } from '../types.ts';

/** Types on which decisions about visibility depend: other processes are told when one is written. */
export const WATCHED: readonly string[] = [
  'Appointment',
  'CareTeam',
  'Consent',
  'Encounter',
  'EpisodeOfCare',
  'Patient',
  'PractitionerRole',
  'RelatedPerson',
  'ServiceRequest',
];

export const WATCHED_NUMBERS: ReadonlySet<number> = new Set(WATCHED.map(typeNumber));

/** The channel on which they are told (NOTIFY). */
export const CHANGES = 'meridian_changed';
