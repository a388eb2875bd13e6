import type { Evidence, StoredVersion, Vault } from '@meridian/records';
import { type Notice, type Seen, unusualFlags, type ViewFacts } from '@meridian/viewing';
import type { People } from '../identity/people.ts';

export interface ViewFactsParts {
  vault: Vault;
  evidence: Pick<Evidence, 'read'>;
  people: People;
  now: () => number;
}

/** Days that are remembered to know what is usual for somebody. */
const DAYS = 60;
/** Patients of one day that are told apart. */
const MOST_PATIENTS = 1000;

/** How many different patients somebody looked at, by day; today's are named so that none counts twice. */
interface Diary {
  readonly [name: string]: unknown;
  today: string;
  patients: string[];
  before: number[];
}

/** The flags of a view: broken glass by its permission, the others by the rules of `@meridian/viewing`. */
export async function flagsOf(seen: Seen, parts: ViewFactsParts): Promise<Notice['flags']> {
  const basis = seen.basis ?? '';
  const unusual = unusualFlags(await factsOf(seen, basis, parts));
  return basis.startsWith('break-glass')
    ? ['break-glass', ...unusual.filter((flag) => flag !== 'not-under-care')]
    : unusual;
}

async function factsOf(seen: Seen, basis: string, parts: ViewFactsParts): Promise<ViewFacts> {
  const { evidence, people } = parts;
  const [type = '', id = ''] = seen.actor.split('/');
  const [person, patient, diary, viewerOrganizations] = await Promise.all([
    evidence.read(type, id),
    evidence.read('Patient', seen.patientId),
    count(seen, parts),
    seen.account === undefined ? [] : people.organizationsOf(seen.account),
  ]);
  const patientAccounts = await people.accountsAs(`Patient/${seen.patientId}`);
  const patientOrganizations = (
    await Promise.all(patientAccounts.map((account) => people.organizationsOf(account)))
  ).flat();
  return {
    own: false,
    underCare: basis.startsWith('treating') || basis.startsWith('author'),
    agreed: /^(?:consent|approval)/.test(basis),
    viewerSurnames: surnamesOf(person),
    patientSurnames: surnamesOf(patient),
    viewerOrganizations,
    patientOrganizations,
    patientSecurity: securityOf(patient),
    patientsToday: diary.patients.length,
    patientsBefore: diary.before,
  };
}

/** Counts the patient for today. Two at once may lose one count: it is a statistic. */
async function count({ actor, patientId }: Seen, { vault, now }: ViewFactsParts): Promise<Diary> {
  const id = `diary/${actor}`;
  const found = await vault.get<Diary>('other', id);
  const today = new Date(now()).toISOString().slice(0, 10);
  const standing = found?.content ?? { today, patients: [], before: [] };
  const diary: Diary =
    standing.today === today
      ? standing
      : { today, patients: [], before: [...standing.before, standing.patients.length].slice(-DAYS) };
  if (diary.patients.includes(patientId) || diary.patients.length >= MOST_PATIENTS) return diary;
  const content: Diary = { ...diary, patients: [...diary.patients, patientId] };
  await vault.change([{ op: 'put', kind: 'other', id, content, expires: now() + 2 * DAYS * 86_400_000 }]);
  return content;
}

interface Named {
  name?: { family?: string }[];
  meta?: { security?: { system?: string; code?: string }[] };
}

function read(stored: StoredVersion | undefined): Named {
  return stored?.json === undefined ? {} : (JSON.parse(stored.json.toString('utf8')) as Named);
}

function surnamesOf(stored: StoredVersion | undefined): string[] {
  const { name } = read(stored);
  return Array.isArray(name) ? name.flatMap(({ family }) => (family === undefined ? [] : [family])) : [];
}

function securityOf(stored: StoredVersion | undefined): { system?: string; code?: string }[] {
  return read(stored).meta?.security ?? [];
}
