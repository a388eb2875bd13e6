import { randomUUID } from 'node:crypto';
import { type Finding, isQuietlyShown, type Script, toCards } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import { EVENT_KIND, plainContext, type VaultChange } from '@meridian/records';
import { isResource } from '../fhir/incoming.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { jsonAnswer } from '../viewing/json-request.ts';
import { localeOf, scriptOf } from './language.ts';
import { type GivenOverride, isOverrideReason } from './override.ts';
import { patientIdIn } from './patient-record.ts';
import { aboutDrafts, checked, checkPatient, noteLook } from './safety.ts';

type Json = Readonly<Record<string, unknown>>;

/** How long feedback about a card is taken. */
const CARD_KEPT = 7 * 86_400_000;
const MOST_ORDERS = 100;
const MOST_FEEDBACK = 100;
const MOST_WORDS = 2000;
const UUID = /^[0-9a-f-]{36}$/;
const PREFETCH = {
  patient: 'Patient/{{context.patientId}}',
  medications: 'MedicationRequest?patient={{context.patientId}}&status=active,on-hold',
  statements: 'MedicationStatement?patient={{context.patientId}}&status=active',
  allergies: 'AllergyIntolerance?patient={{context.patientId}}',
  problems: 'Condition?patient={{context.patientId}}',
};

/** The services of CDS Hooks 2.0. */
export const CDS_SERVICES = ['order-sign', 'order-select'].map((hook) => ({
  hook,
  id: `meridian-${hook}`,
  title: 'Safety across both medicines',
  description:
    'Drugs, herbs and formulas checked together: interactions, pregnancy, kidneys and liver, allergies, doses, duplicates.',
  prefetch: PREFETCH,
}));

interface KeptCard {
  readonly [name: string]: unknown;
  patientId: string;
  actor: string;
  keys: readonly string[];
}

/** `GET /cds-services` (CDS Hooks 2.0, Discovery): open to everybody. */
export function discover(): Answer {
  return jsonAnswer(200, { services: CDS_SERVICES }, { 'cache-control': 'public, max-age=3600' });
}

/**
 * `POST /cds-services/meridian-order-sign`, `…-order-select`: cards about the draft orders. For a patient of this system its
 * own record is what is checked, as the caller may see it; for others what was prefetched.
 */
export async function callService(id: string, body: Json, request: FhirRequest, services: Services): Promise<Answer> {
  const service = CDS_SERVICES.find((one) => one.id === id);
  if (!service) throw refusal(404, 'not-found', 'There is no such service; GET /cds-services lists them.');
  const context = objectOf(body.context);
  if (body.hook !== service.hook || typeof body.hookInstance !== 'string' || !context) {
    throw refusal(400, 'required', `The service needs hook (${service.hook}), hookInstance and context.`);
  }
  const patientId = patientIdIn(typeof context.patientId === 'string' ? context.patientId : undefined);
  const drafts = ordersOf(context, service.hook === 'order-select');
  const findings = await findingsFor(patientId, drafts, body, request, services);
  const script = scriptOf(localeOf(request));
  const cards = cardsOf(findings, script);
  const kept = cards.flatMap(({ card, keys }): VaultChange[] =>
    keys.length === 0
      ? []
      : [
          {
            ...{ op: 'put', kind: 'other', id: `cds-card/${card.uuid}`, patientId, revision: 0 },
            content: { patientId, actor: request.viewer.actor, keys } satisfies KeptCard,
            expires: services.now() + CARD_KEPT,
          },
        ],
  );
  if (kept.length > 0) await services.clinic.vault.change(kept);
  return jsonAnswer(200, { cards: cards.map(({ card }) => card) });
}

async function findingsFor(
  patientId: string,
  drafts: readonly Resource[],
  body: Json,
  request: FhirRequest,
  services: Services,
): Promise<readonly Finding[]> {
  const check = await checkPatient(patientId, drafts, request, services);
  if (check.record.seen.some(({ resourceType }) => resourceType === 'Patient')) {
    const findings = aboutDrafts(check);
    await noteLook(patientId, { ...check, findings }, request, services);
    return findings;
  }
  const on = new Date(services.now()).toISOString().slice(0, 10);
  const findings = checked([...prefetched(body.prefetch), ...check.drafts], on).filter(isQuietlyShown);
  return aboutDrafts({ ...check, findings });
}

/** One card for each set of orders, with the keys of what it warns of; what was overridden before is one reminder. */
function cardsOf(findings: readonly Finding[], script: Script) {
  const groups = Map.groupBy(findings, (one) =>
    one.overridden ? '' : one.concerned.map(({ items }) => items.join(',')).join('|'),
  );
  return [...groups.values()].flatMap((group) =>
    toCards(group, { script, uuid: randomUUID }).cards.map((card) => ({
      card,
      keys: group.filter(({ interrupts }) => interrupts).map(({ key }) => key),
    })),
  );
}

/** `POST /cds-services/[id]/feedback` (CDS Hooks 2.0, Feedback): an override with its reason is kept, and an event. */
export async function takeFeedback(body: Json, request: FhirRequest, services: Services): Promise<Answer> {
  const { feedback } = body;
  if (!Array.isArray(feedback) || feedback.length > MOST_FEEDBACK) {
    throw refusal(400, 'structure', `Give feedback as a list of at most ${MOST_FEEDBACK} entries.`);
  }
  for (const one of feedback) {
    const entry = objectOf(one);
    if (entry?.outcome === 'overridden') await override(entry, request, services);
    else if (entry?.outcome !== 'accepted') {
      throw refusal(400, 'value', 'The outcome of each entry is accepted or overridden.');
    }
  }
  return { status: 200, contentType: 'application/json', body: Buffer.from('{}') };
}

async function override(entry: Json, request: FhirRequest, { clinic, now }: Services): Promise<void> {
  const uuid = String(entry.card);
  const found = UUID.test(uuid) ? await clinic.vault.get<KeptCard>('other', `cds-card/${uuid}`) : undefined;
  if (!found || found.content.actor !== request.viewer.actor) {
    throw refusal(404, 'not-found', 'There is no such card of yours, or it is older than a week.');
  }
  const given = objectOf(entry.overrideReason);
  const code = objectOf(given?.reason)?.code;
  if (!isOverrideReason(code)) {
    throw refusal(400, 'required', 'An override needs one of the overrideReasons of the card.');
  }
  const comment = given?.userComment;
  const reason = typeof comment === 'string' && comment !== '' ? comment.slice(0, MOST_WORDS) : code;
  const { patientId, keys } = found.content;
  const at = new Date(now()).toISOString();
  const overrides = keys.map((key): GivenOverride => ({ key, code, reason, at }));
  await clinic.vault.change(
    overrides.map((one) => clinic.overrides.keeping(patientId, randomUUID(), one)),
    [
      {
        ...{ kind: EVENT_KIND.safetyOverridden, patientId, context: plainContext(request.context) },
        subjects: [`CdsCard/${uuid}`],
      },
    ],
  );
}

function ordersOf({ draftOrders, selections }: Json, selectedOnly: boolean): Resource[] {
  const { entry } = objectOf(draftOrders) ?? {};
  const resources = (Array.isArray(entry) ? entry : []).slice(0, MOST_ORDERS).flatMap((one: unknown) => {
    const resource = objectOf(one)?.resource;
    return isResource(resource) ? [resource] : [];
  });
  if (!selectedOnly || !Array.isArray(selections)) return resources;
  return resources.filter(({ resourceType, id }) => selections.includes(`${resourceType}/${id}`));
}

/** The resources of a prefetch: each value is one resource or a Bundle of them. */
function prefetched(prefetch: unknown): Resource[] {
  return Object.values(objectOf(prefetch) ?? {}).flatMap((value) => {
    if (!isResource(value)) return [];
    if (value.resourceType !== 'Bundle') return [value];
    const { entry } = value;
    return (Array.isArray(entry) ? entry : []).flatMap((one: unknown) => {
      const resource = objectOf(one)?.resource;
      return isResource(resource) ? [resource] : [];
    });
  });
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
