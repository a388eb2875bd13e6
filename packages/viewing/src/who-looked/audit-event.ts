import type { Resource } from '@meridian/fhir';
import { EVENT_KIND, type PatientEvent } from '@meridian/records';

/** Events that tell a patient what happened to the record, as IHE BALP AuditEvents. */
export const TOLD_KINDS: ReadonlySet<number> = new Set([
  EVENT_KIND.created,
  EVENT_KIND.updated,
  EVENT_KIND.deleted,
  EVENT_KIND.viewed,
  EVENT_KIND.searched,
  EVENT_KIND.exported,
  EVENT_KIND.disclosed,
  EVENT_KIND.refused,
  EVENT_KIND.brokeGlass,
  EVENT_KIND.breakGlassReviewed,
  EVENT_KIND.consentGiven,
  EVENT_KIND.consentWithdrawn,
  EVENT_KIND.approvalAsked,
  EVENT_KIND.approvalDecided,
  EVENT_KIND.tokenIssued,
  EVENT_KIND.tokenUsed,
  EVENT_KIND.tokenEnded,
  EVENT_KIND.interpretationSigned,
  EVENT_KIND.safetyOverridden,
  EVENT_KIND.notified,
]);

/** Events in which somebody saw something, or was kept from it. */
export const LOOKED_KINDS: ReadonlySet<number> = new Set([
  EVENT_KIND.viewed,
  EVENT_KIND.searched,
  EVENT_KIND.exported,
  EVENT_KIND.disclosed,
  EVENT_KIND.refused,
  EVENT_KIND.brokeGlass,
]);

interface Words {
  /** AuditEvent.action: Create, Read, Update, Delete, Execute. */
  action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** http://hl7.org/fhir/restful-interaction, where one fits. */
  interaction?: string;
  /** Our own code, where the standard has none. */
  own?: string;
}

const WORDS: ReadonlyMap<number, Words> = new Map<number, Words>([
  [EVENT_KIND.created, { action: 'C', interaction: 'create' }],
  [EVENT_KIND.updated, { action: 'U', interaction: 'update' }],
  [EVENT_KIND.deleted, { action: 'D', interaction: 'delete' }],
  [EVENT_KIND.viewed, { action: 'R', interaction: 'read' }],
  [EVENT_KIND.searched, { action: 'E', interaction: 'search' }],
  [EVENT_KIND.exported, { action: 'R', own: 'export' }],
  [EVENT_KIND.disclosed, { action: 'R', own: 'disclosure' }],
  [EVENT_KIND.refused, { action: 'R', own: 'refusal' }],
  [EVENT_KIND.brokeGlass, { action: 'E', own: 'break-glass' }],
  [EVENT_KIND.breakGlassReviewed, { action: 'E', own: 'break-glass-review' }],
  [EVENT_KIND.consentGiven, { action: 'C', own: 'consent-given' }],
  [EVENT_KIND.consentWithdrawn, { action: 'U', own: 'consent-withdrawn' }],
  [EVENT_KIND.approvalAsked, { action: 'C', own: 'approval-asked' }],
  [EVENT_KIND.approvalDecided, { action: 'U', own: 'approval-decided' }],
  [EVENT_KIND.tokenIssued, { action: 'C', own: 'token-issued' }],
  [EVENT_KIND.tokenUsed, { action: 'E', own: 'token-used' }],
  [EVENT_KIND.tokenEnded, { action: 'U', own: 'token-ended' }],
  [EVENT_KIND.interpretationSigned, { action: 'C', own: 'interpretation-signed' }],
  [EVENT_KIND.safetyOverridden, { action: 'E', own: 'safety-overridden' }],
  [EVENT_KIND.notified, { action: 'E', own: 'notified' }],
]);

const RESTFUL = 'http://hl7.org/fhir/restful-interaction';
const BALP = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition';
const MOST_ENTITIES = 100;

export interface AuditEventParts {
  /** Of the FHIR API, without a final slash. */
  baseUrl: string;
  /** How an actor is shown, where it is known. */
  nameOf(actor: string): string | undefined;
}

/**
 * An event of a patient's chain as a FHIR AuditEvent, by IHE Basic Audit Log Patterns (ITI BALP 1.1.3, patient read,
 * query, create, update, delete): who, in which role and organisation, what, why, and on what permission, with the URL of
 * its receipt. Its id is the number of the event.
 */
export function auditEventOf(event: PatientEvent, patientId: string, parts: AuditEventParts): Resource {
  const { action, interaction, own } = WORDS.get(event.kind) ?? { action: 'E', own: 'other' };
  const codes = `${parts.baseUrl}/CodeSystem/audit-event`;
  const subtype = interaction ? { system: RESTFUL, code: interaction } : { system: codes, code: own };
  const profile = balpProfile(event.kind);
  const name = parts.nameOf(event.actor);
  return {
    resourceType: 'AuditEvent',
    id: event.event,
    ...(profile !== undefined && { meta: { profile: [profile] } }),
    extension: [
      { url: `${parts.baseUrl}/StructureDefinition/receipt`, valueUrl: receiptUrl(parts.baseUrl, event.event) },
      { url: `${parts.baseUrl}/StructureDefinition/chain-sequence`, valueInteger: event.sequence },
      ...(event.basis ? [{ url: `${parts.baseUrl}/StructureDefinition/permission`, valueString: event.basis }] : []),
    ],
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'RESTful Operation',
    },
    subtype: [subtype],
    action,
    recorded: new Date(event.at).toISOString(),
    outcome: event.kind === EVENT_KIND.refused ? '4' : '0',
    purposeOfEvent: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: event.purpose }] },
    ],
    agent: [agentOf(event, name)],
    source: { observer: { display: 'Meridian' } },
    entity: [
      {
        what: { reference: `Patient/${patientId}` },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1', display: 'Person' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1', display: 'Patient' },
      },
      ...event.subjects.slice(0, MOST_ENTITIES).map((subject) => ({
        ...(isReference(subject) ? { what: { reference: subject } } : { name: subject }),
        type: {
          system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
          code: '2',
          display: 'System Object',
        },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '4', display: 'Domain Resource' },
      })),
      {
        what: { identifier: { value: event.requestId } },
        type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
      },
    ],
  } as Resource;
}

function agentOf(event: PatientEvent, name: string | undefined): object {
  const who = isReference(event.actor)
    ? { reference: event.actor, ...(name !== undefined && { display: name }) }
    : { display: event.actor };
  const role = event.role ? [{ text: event.role }] : undefined;
  return {
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
    ...(role && { role }),
    who,
    requestor: true,
    ...(event.organization && {
      extension: [
        {
          url: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/ihe-otherId',
          valueIdentifier: { type: { text: 'organization' }, value: event.organization },
        },
      ],
    }),
  };
}

const REFERENCE = /^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/\d+)?$/;
/** Our own documents have the form of references and are none of FHIR. */
const OWN = /^(?:ViewingRequest|ViewingGrant|AccessCode|HealthLink|Review)\b/;

function isReference(text: string): boolean {
  return REFERENCE.test(text) && !OWN.test(text);
}

function balpProfile(kind: number): string | undefined {
  switch (kind) {
    case EVENT_KIND.created:
      return `${BALP}/IHE.BasicAudit.PatientCreate`;
    case EVENT_KIND.updated:
      return `${BALP}/IHE.BasicAudit.PatientUpdate`;
    case EVENT_KIND.deleted:
      return `${BALP}/IHE.BasicAudit.PatientDelete`;
    case EVENT_KIND.viewed:
      return `${BALP}/IHE.BasicAudit.PatientRead`;
    case EVENT_KIND.searched:
      return `${BALP}/IHE.BasicAudit.PatientQuery`;
    default:
      return undefined;
  }
}

function receiptUrl(baseUrl: string, event: string): string {
  return `${baseUrl.replace(/\/fhir$/, '')}/ledger/receipt/event/${event}`;
}
