import { FINDING_KEY_SYSTEM, OVERRIDE_REASON_SYSTEM, OVERRIDE_REASONS, type Override } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import type { Vault } from '@meridian/records';

/** An override as it was given: with the code of its reason. */
export interface GivenOverride extends Override {
  code: string;
}

const KEPT = 365 * 86_400_000;
const MOST = 200;
const MOST_WORDS = 2000;
const CODES: ReadonlySet<string> = new Set(OVERRIDE_REASONS.map(({ code }) => code));

interface IssueShape extends Resource {
  identifier?: { system?: unknown; value?: unknown }[];
  mitigation?: { action?: { coding?: { system?: unknown; code?: unknown }[]; text?: unknown }; date?: unknown }[];
}

/**
 * The overrides that an order carries (FHIR R4, MedicationRequest.detectedIssue): each names a DetectedIssue, contained or
 * among `beside`, whose identifier is the key of a finding and whose mitigation holds one of the override reasons.
 */
export function overridesIn(order: Resource, beside: readonly Resource[]): GivenOverride[] {
  const { detectedIssue, contained } = order as Resource & {
    detectedIssue?: { reference?: unknown }[];
    contained?: Resource[];
  };
  if (order.resourceType !== 'MedicationRequest' || !Array.isArray(detectedIssue)) return [];
  return detectedIssue.slice(0, MOST).flatMap(({ reference }) => {
    const named = typeof reference === 'string' ? reference : '';
    const issue = named.startsWith('#')
      ? contained?.find(({ id }) => id === named.slice(1))
      : beside.find(({ resourceType, id }) => `${resourceType}/${id}` === named);
    return issue?.resourceType === 'DetectedIssue' ? overrideOf(issue) : [];
  });
}

function overrideOf(issue: IssueShape): GivenOverride[] {
  const key = issue.identifier?.find(({ system }) => system === FINDING_KEY_SYSTEM)?.value;
  if (typeof key !== 'string') return [];
  for (const { action, date } of issue.mitigation ?? []) {
    const code = action?.coding?.find(({ system }) => system === OVERRIDE_REASON_SYSTEM)?.code;
    if (typeof code !== 'string' || !CODES.has(code)) continue;
    const words = typeof action?.text === 'string' ? action.text.slice(0, MOST_WORDS) : '';
    return [{ key, code, reason: words === '' ? code : words, at: typeof date === 'string' ? date : '' }];
  }
  return [];
}

export function isOverrideReason(code: unknown): code is string {
  return typeof code === 'string' && CODES.has(code);
}

/** Overrides that came by CDS Hooks feedback, where there is no order of ours that could carry them. */
export class Overrides {
  readonly #vault: Vault;
  readonly #now: () => number;

  constructor(vault: Vault, now: () => number) {
    this.#vault = vault;
    this.#now = now;
  }

  async of(patientId: string): Promise<GivenOverride[]> {
    const found = await this.#vault.find<{ override: GivenOverride }>('other', `safety-override:${patientId}`, MOST);
    return found.map(({ content }) => content.override);
  }

  /** The change that keeps an override, for `Vault.change`, together with its event. */
  keeping(patientId: string, id: string, override: GivenOverride): Parameters<Vault['change']>[0][number] {
    return {
      op: 'put',
      kind: 'other',
      id: `safety-override/${id}`,
      content: { override },
      lookups: [`safety-override:${patientId}`],
      expires: this.#now() + KEPT,
      patientId,
    };
  }
}
