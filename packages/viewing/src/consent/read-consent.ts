import { forEachReference, type Resource } from '@meridian/fhir';
import { type PatientConsent, type Provision, sweeping } from './provision.ts';
import { localReference, readContext, readProvision, TooLarge } from './read-provision.ts';

const SCOPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/consentscope';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
/** v3-ActConsentDirective: what holds where no provision says otherwise. */
const BASE: Readonly<Record<string, 'permit' | 'deny'>> = {
  OPTIN: 'permit',
  OPTINR: 'permit',
  OPTOUT: 'deny',
  OPTOUTE: 'deny',
};
/** Conditions of a provision besides its time. */
const CONDITIONS = ['actor', 'action', 'securityLabel', 'purpose', 'class', 'code', 'dataPeriod', 'data'];

export interface ReadConsentOptions {
  /** Our own base, such as `https://example.org/fhir`. */
  baseUrl?: string;
  /** What a record refers to (`Type/id`), for data of meaning `related`; undefined where it is not known. */
  relatedTo?: (reference: string) => readonly string[] | undefined;
}

/**
 * Reads a Consent (FHIR R4) as the patient's instrument. Undefined where it is none: not active, of another scope than
 * `patient-privacy`, or of no patient of this server.
 *
 * FHIR R4 calls a provision "an exception to the base policy of this consent" and gives types to nested ones only;
 * IHE Privacy Consent on FHIR gives the root one too. So a root provision with a type means what its type says, and one
 * without is the exception to `policyRule`. Nested provisions are exceptions to the one around them.
 *
 * One that cannot be weighed (too large) denies everything: a No must not be lost in it.
 */
export function readConsent(resource: Resource, options: ReadConsentOptions = {}): PatientConsent | undefined {
  if (resource.resourceType !== 'Consent' || resource.status !== 'active' || resource.id === undefined)
    return undefined;
  if (!hasCode(resource.scope, SCOPE_SYSTEM, (code) => code === 'patient-privacy')) return undefined;
  const patient = localReference((resource.patient as { reference?: unknown } | undefined)?.reference, options.baseUrl);
  if (!patient?.startsWith('Patient/')) return undefined;
  const consent = { id: resource.id, patientId: patient.slice('Patient/'.length) };
  try {
    return { ...consent, provision: readRoot(resource, options) };
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return { ...consent, provision: { ...sweeping('deny'), unknown: new Set(['size']) } };
  }
}

function readRoot(resource: Resource, options: ReadConsentOptions): Provision {
  const context = readContext(options.baseUrl, options.relatedTo ?? (() => undefined));
  const base = baseOf(resource);
  const source = resource.provision as Readonly<Record<string, unknown>> | undefined;
  // a modifier changes the meaning of all that stands beside it
  const modified = resource.modifierExtension !== undefined;
  const root = readUnmodified(source, base, context);
  return modified ? { ...root, unknown: new Set([...root.unknown, 'modifierExtension']) } : root;
}

function readUnmodified(
  source: Readonly<Record<string, unknown>> | undefined,
  base: 'permit' | 'deny' | undefined,
  context: ReturnType<typeof readContext>,
): Provision {
  if (source === undefined) return base ? sweeping(base) : { ...sweeping('permit'), unknown: new Set(['policyRule']) };
  if (source.type !== undefined) return readProvision(source, 'deny', context);
  if (base === undefined) return { ...readProvision(source, 'permit', context), unknown: new Set(['type']) };
  // with nothing but a time, nobody can tell whether the consent holds within that time or outside of it
  const restricts = CONDITIONS.some((name) => source[name] !== undefined);
  if (!restricts) return { ...readProvision(source, base, context), period: undefined, unknown: new Set(['type']) };
  return sweeping(base, [readProvision(source, base === 'permit' ? 'deny' : 'permit', context)]);
}

function baseOf(resource: Resource): 'permit' | 'deny' | undefined {
  let base: 'permit' | 'deny' | undefined;
  hasCode(resource.policyRule, ACT_CODE, (code) => {
    base = Object.hasOwn(BASE, code) ? BASE[code] : undefined;
    return base !== undefined;
  });
  return base;
}

function hasCode(concept: unknown, system: string, is: (code: string) => boolean): boolean {
  const codings = (concept as { coding?: unknown } | undefined)?.coding;
  if (!Array.isArray(codings)) return false;
  return codings.some(
    (coding: { system?: unknown; code?: unknown } | null) =>
      coding?.system === system && typeof coding.code === 'string' && is(coding.code),
  );
}

/** The records whose references must be looked up before a Consent can be read (data of meaning `related`). */
export function relatedData(resource: Resource, baseUrl?: string): string[] {
  const found = new Set<string>();
  const visit = (provision: unknown, depth: number): void => {
    const { data, provision: nested } = (provision ?? {}) as { data?: unknown; provision?: unknown };
    for (const entry of Array.isArray(data) ? data : []) {
      const { meaning, reference } = (entry ?? {}) as { meaning?: unknown; reference?: { reference?: unknown } };
      const local = meaning === 'related' ? localReference(reference?.reference, baseUrl) : undefined;
      if (local !== undefined && found.size < MAX_RELATED) found.add(local);
    }
    if (depth < 8 && Array.isArray(nested)) for (const one of nested) visit(one, depth + 1);
  };
  visit(resource.provision, 0);
  return [...found];
}

const MAX_RELATED = 50;

/** What a record refers to on this server, without its patient. */
export function referencesOf(resource: Resource, baseUrl?: string): string[] {
  const found = new Set<string>();
  forEachReference(resource, (text) => {
    const local = localReference(text, baseUrl);
    if (local !== undefined && !local.startsWith('Patient/')) found.add(local);
  });
  return [...found];
}
