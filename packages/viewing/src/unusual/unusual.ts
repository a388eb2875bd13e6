/** Why a view deserves a second look. None of them means that it was wrong. */
export type UnusualFlag = 'not-under-care' | 'same-surname' | 'colleague' | 'well-known-person' | 'volume';

/** One view, as far as the flags need it. */
export interface ViewFacts {
  /** Whether the viewer is the patient or acts for them; then nothing is unusual. */
  own: boolean;
  /** Whether the patient was in the viewer's care, in person or through an organisation. */
  underCare: boolean;
  /** Whether the patient agreed to this view: by consent or by approving a request. */
  agreed: boolean;
  /** Family names as written, of all scripts. */
  viewerSurnames: readonly string[];
  patientSurnames: readonly string[];
  /** Organizations for which viewer and patient work; the patient's: from the patient's own account. */
  viewerOrganizations: readonly string[];
  patientOrganizations: readonly string[];
  /** Codings of the Patient's `meta.security`. */
  patientSecurity: readonly { system?: string; code?: string }[];
  /** Different patients that the viewer looked at today, this one included. */
  patientsToday: number;
  /** The same for earlier working days, at most 60 of them. */
  patientsBefore: readonly number[];
}

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
/** Sensitivity codes for persons who draw curiosity: celebrity, employee (v3-ActCode). */
const CELEBRITY = 'CEL';
const EMPLOYEE = 'EMP';
/** Fewer days say nothing about what is usual for somebody. */
const FEWEST_DAYS = 5;
/** A day on a ward is never unusual below this. */
const NEVER_MANY = 20;
/** How many standard deviations above the mean of earlier days a day must be. */
const DEVIATIONS = 3;

/** The flags of a view, in the order of the type. */
export function unusualFlags(view: ViewFacts): UnusualFlag[] {
  if (view.own) return [];
  const labelled = (code: string): boolean =>
    view.patientSecurity.some((coding) => coding.system === ACT_CODE && coding.code === code);
  const flags: [UnusualFlag, boolean][] = [
    ['not-under-care', !view.underCare && !view.agreed],
    ['same-surname', shares(view.viewerSurnames.map(folded), view.patientSurnames.map(folded))],
    ['colleague', labelled(EMPLOYEE) || shares(view.viewerOrganizations, view.patientOrganizations)],
    ['well-known-person', labelled(CELEBRITY)],
    ['volume', isManyFor(view.patientsBefore, view.patientsToday)],
  ];
  return flags.flatMap(([flag, raised]) => (raised ? [flag] : []));
}

function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();
}

function shares(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => one !== '' && others.includes(one));
}

function isManyFor(before: readonly number[], today: number): boolean {
  if (today <= NEVER_MANY || before.length < FEWEST_DAYS) return false;
  const mean = before.reduce((sum, count) => sum + count, 0) / before.length;
  const variance = before.reduce((sum, count) => sum + (count - mean) ** 2, 0) / before.length;
  // days that are all alike would make one more patient unusual
  return today > mean + DEVIATIONS * Math.max(Math.sqrt(variance), Math.sqrt(mean), 1);
}
