import type { Resource } from '@meridian/fhir';
import type { Grant } from '../grants/grant.ts';
import type { Viewer } from '../viewer.ts';

/**
 * Who may read what, straight from the order of decision in the design, one record at a time: slow, obvious, and sharing
 * nothing with what it is compared with. It knows the types and elements that the random worlds are made of.
 */
export interface ModelWorld {
  records: readonly Resource[];
  grants: readonly Grant[];
  now: number;
}

const CLINICIANS = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist', 'laboratory'];
const DAY = 24 * 3600 * 1000;

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON is read as it is; a model that checks shapes would not be obvious
type Json = any;

export function modelMayRead(viewer: Viewer, record: Resource, world: ModelWorld): boolean {
  const has = (...roles: string[]) => viewer.roles.some((role) => roles.includes(role));
  if (has('system')) return true;
  const kind = kindOf(record.resourceType);
  const patient = patientOf(record);
  const purpose = purposeFamily(viewer.purpose);
  if (purpose === 'other') return false;
  if (patient === undefined) return kind === 'directory';

  // purged or withheld
  const labels = labelsOf(record);
  const self = has('patient') && viewer.patientId === patient;
  if (labels.includes('removed') && !self) return false;
  // the administrator sees no record, but their own
  if (has('administrator') && !self) return false;
  if (self) return true;

  const grants = world.grants.filter(
    (grant) =>
      grant.actor === viewer.actor &&
      grant.patientId === patient &&
      grant.from <= world.now &&
      world.now < grant.until &&
      grant.purposes.includes(viewer.purpose) &&
      inScope(grant, record, labels),
  );
  // law or court order
  if (purpose === 'legal' && grants.some((grant) => grant.kind === 'court-order')) return true;

  const treats = ['treatment', 'emergency'].includes(purpose);
  const openToAll = ['demographic', 'clinical', 'administrative'].includes(kind);
  const glass = grants.some((grant) => grant.kind === 'break-glass');
  const brokeGlass =
    glass && treats && openToAll && has('western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist');

  const person = caresInPerson(viewer, patient, world);
  const organisation = caresByOrganisation(viewer, patient, world);
  // the patient's explicit No, unless the glass is broken
  const outcome = consentOutcome(viewer, record, patient, world, person || organisation);
  if (outcome === 'deny') return brokeGlass;
  // the patient's consent
  if (outcome === 'permit' && openToAll) return true;

  // who acts for the patient
  const proxy = viewer.proxyFor.some(
    (one) => one.patientId === patient && one.from <= world.now && (one.until === undefined || world.now < one.until),
  );
  if (has('proxy') && proxy && labels.every((label) => label === 'genetics')) return true;

  // the patient is under care
  const clinician = has(...CLINICIANS);
  if (clinician && treats && person && (openToAll || kind === 'consent')) {
    if (!labels.includes('substance-use') && !labels.includes('very-restricted')) return true;
  }
  if (clinician && treats && organisation && openToAll && labels.length === 0) return true;
  if (clinician && (treats || purpose === 'operations' || purpose === 'legal') && wrote(viewer, record)) {
    if (kind === 'clinical' || kind === 'administrative') return true;
  }

  // offices
  if (has('records-officer') && labels.length === 0) {
    if (purpose === 'operations' && ['demographic', 'administrative'].includes(kind)) return true;
    if (purpose === 'payment' && ['demographic', 'financial'].includes(kind)) return true;
  }
  if (has('privacy-officer') && purpose === 'operations' && ['audit', 'consent'].includes(kind)) return true;
  if (has('auditor') && purpose === 'operations' && kind === 'audit') return true;

  // viewing token
  if (openToAll && grants.some((grant) => grant.kind === 'approval' || grant.kind === 'access-code')) return true;
  return brokeGlass;
}

function kindOf(type: string): string {
  const kinds: Record<string, string> = {
    Patient: 'demographic',
    Observation: 'clinical',
    Condition: 'clinical',
    Encounter: 'clinical',
    Consent: 'consent',
    AuditEvent: 'audit',
    Coverage: 'financial',
    Appointment: 'administrative',
    Organization: 'directory',
  };
  return kinds[type] as string;
}

function purposeFamily(code: string): string {
  const families: Record<string, string> = {
    TREAT: 'treatment',
    ETREAT: 'emergency',
    BTG: 'emergency',
    PATRQT: 'patient-request',
    HOPERAT: 'operations',
    HPAYMT: 'payment',
    HRESCH: 'research',
    HLEGAL: 'legal',
  };
  return families[code] ?? 'other';
}

function patientOf(record: Json): string | undefined {
  if (record.resourceType === 'Patient') return record.id;
  const reference =
    record.subject ??
    record.patient ??
    record.beneficiary ??
    record.participant?.map((one: Json) => one.actor).find((one: Json) => one?.reference.startsWith('Patient/')) ??
    record.entity?.[0]?.what;
  return reference?.reference.slice('Patient/'.length);
}

function labelsOf(record: Resource): string[] {
  const names: Record<string, string> = {
    R: 'restricted',
    V: 'very-restricted',
    PSY: 'mental-health',
    ETH: 'substance-use',
    HIV: 'hiv',
    GDIS: 'genetics',
    removed: 'removed',
  };
  return (record.meta?.security ?? []).flatMap(({ code = '' }) => names[code] ?? []);
}

function wrote(viewer: Viewer, record: Json): boolean {
  const authors: Json[] =
    record.resourceType === 'Observation'
      ? (record.performer ?? [])
      : record.resourceType === 'Condition'
        ? [record.asserter].filter(Boolean)
        : [];
  return authors.some(({ reference }) => reference === viewer.actor);
}

function inScope({ scope, kind }: Grant, record: Json, labels: readonly string[]): boolean {
  const id = `${record.resourceType}/${record.id}`;
  if (scope.types.length > 0 && !scope.types.includes(record.resourceType)) return false;
  if (scope.records.length > 0 && !scope.records.includes(id)) return false;
  const asked: Record<string, string> = {
    'mental-health': 'PSY',
    'substance-use': 'ETH',
    hiv: 'HIV',
    genetics: 'GDIS',
  };
  if (labels.some((label) => label in asked && !scope.sensitivities.includes(asked[label] as 'PSY'))) return false;
  const named = scope.records.length > 0 || kind === 'break-glass' || kind === 'court-order';
  return named || !labels.includes('very-restricted');
}

function caresInPerson(viewer: Viewer, patient: string, world: ModelWorld): boolean {
  return world.records.some((record: Json) => {
    if (patientOf(record) !== patient && !(record.resourceType === 'Patient' && record.id === patient)) return false;
    if (record.resourceType === 'Encounter' && encounterCounts(record, world.now)) {
      return record.participant?.some((one: Json) => one.individual.reference === viewer.actor);
    }
    if (record.resourceType === 'Appointment') {
      const near = Math.abs(Date.parse(record.start) - world.now) < 7 * DAY;
      const there = record.participant.some((one: Json) => one.actor.reference === viewer.actor);
      return near && there && record.status === 'booked' && viewer.actor.startsWith('Practitioner/');
    }
    return false;
  });
}

function caresByOrganisation(viewer: Viewer, patient: string, world: ModelWorld): boolean {
  return world.records.some(
    (record: Json) =>
      record.resourceType === 'Encounter' &&
      patientOf(record) === patient &&
      encounterCounts(record, world.now) &&
      viewer.organizations.some((id) => record.serviceProvider?.reference === `Organization/${id}`),
  );
}

function encounterCounts(encounter: Json, now: number): boolean {
  const start = Date.parse(encounter.period.start);
  if (now < start) return false;
  if (encounter.status === 'in-progress') return now < start + 365 * DAY;
  if (encounter.status !== 'finished') return false;
  return now < Date.parse(encounter.period.end) + 30 * DAY;
}

function consentOutcome(
  viewer: Viewer,
  record: Resource,
  patient: string,
  world: ModelWorld,
  caring: boolean,
): 'permit' | 'deny' | 'none' {
  let permit = false;
  for (const consent of world.records as readonly Json[]) {
    if (consent.resourceType !== 'Consent' || consent.status !== 'active' || patientOf(consent) !== patient) continue;
    const effect = provisionEffect(consent.provision, 'deny', viewer, record, world.now, caring);
    if (effect.deny) return 'deny';
    permit ||= effect.permit;
  }
  return permit ? 'permit' : 'none';
}

function provisionEffect(
  provision: Json,
  otherwise: string,
  viewer: Viewer,
  record: Resource,
  now: number,
  caring: boolean,
): { permit: boolean; deny: boolean } {
  const type = provision.type ?? otherwise;
  const opposite = type === 'permit' ? 'deny' : 'permit';
  const inner = (provision.provision ?? []).map((one: Json) =>
    provisionEffect(one, opposite, viewer, record, now, caring),
  );
  const innerDeny = inner.some(({ deny }: Json) => deny);
  const innerPermit = inner.some(({ permit }: Json) => permit) && !innerDeny;
  const met = conditions(provision, type, viewer, record, now);
  const surely = met.every((one) => one === true);
  const maybe = met.every((one) => one !== false);
  const anybody = type === 'deny' || provision.actor !== undefined || caring;
  if (type === 'permit') return { permit: surely && anybody && !innerDeny, deny: maybe && innerDeny };
  return { permit: surely && innerPermit, deny: maybe && !innerPermit };
}

/** For each condition: met, not met, or (undefined) not understood. */
function conditions(p: Json, type: string, viewer: Viewer, record: Json, now: number): (boolean | undefined)[] {
  const among = <T>(list: T[] | undefined, test: (item: T) => boolean | undefined): boolean | undefined => {
    if (!list) return true;
    const results = list.map(test);
    return results.includes(undefined) ? undefined : results.includes(true);
  };
  return [
    p.period === undefined || (Date.parse(p.period.start) <= now && now < Date.parse(p.period.end) + DAY),
    among(p.actor, (actor: Json) => isActor(actor, viewer)),
    among(p.purpose, ({ code }: Json) =>
      code === 'XXX'
        ? undefined
        : code === viewer.purpose || (code === 'TREAT' && ['ETREAT', 'BTG'].includes(viewer.purpose)),
    ),
    among(p.class, ({ code }: Json) => (code === 'Nonsense' ? undefined : code === record.resourceType)),
    among(p.code, ({ coding }: Json) => coding[0].code === record.code?.coding[0].code),
    among(p.securityLabel, ({ code }: Json) => carries(record, code, type)),
    among(p.data, (data: Json) => isData(data, record)),
    p.dataPeriod === undefined || datedWithin(p.dataPeriod, record),
  ];
}

/** No date, or partly within: perhaps. */
function datedWithin(period: Json, record: Json): boolean | undefined {
  const [low, high] = datesOf(record);
  if (low === undefined || high === undefined) return undefined;
  const [start, end] = [Date.parse(period.start), Date.parse(period.end) + DAY];
  if (start <= low && high <= end) return true;
  return high <= start || low >= end ? false : undefined;
}

function datesOf(record: Json): [number?, number?] {
  switch (record.resourceType) {
    case 'Observation':
      return record.effectiveDateTime
        ? [Date.parse(record.effectiveDateTime), Date.parse(record.effectiveDateTime) + DAY]
        : [];
    case 'Encounter':
      return [Date.parse(record.period.start), Date.parse(record.period.end)];
    case 'Appointment':
      return [Date.parse(record.start), Date.parse(record.start)];
    default:
      return [];
  }
}

function isActor(actor: Json, viewer: Viewer): boolean | undefined {
  const role = actor.role.coding[0].code;
  if (role === 'CST') return undefined;
  if (role === 'tcm-practitioner') return viewer.roles.includes('tcm-practitioner');
  const { reference } = actor.reference;
  return reference === viewer.actor || viewer.organizations.some((id) => reference === `Organization/${id}`);
}

function carries(record: Resource, code: string, type: string): boolean {
  const labels = labelsOf(record);
  const high = labels.includes('very-restricted') ? 2 : labels.includes('restricted') ? 1 : 0;
  const step = ['N', 'R', 'V'].indexOf(code);
  if (step >= 0) return type === 'permit' ? high <= step : high >= step;
  return code === 'PSY' && labels.includes('mental-health');
}

function isData({ meaning, reference }: Json, record: Json): boolean {
  const id = `${record.resourceType}/${record.id}`;
  if (meaning === 'authoredby') {
    return [...(record.performer ?? []), record.asserter].some((one) => one?.reference === reference.reference);
  }
  if (id === reference.reference) return true;
  return meaning === 'dependents' && record.encounter?.reference === reference.reference;
}
