import { matches, type Resource } from '@meridian/fhir';
import { type LabelRules, labelsOf } from '../labels.ts';
import type { OpenedVersion } from '../stored-row.ts';
import type { Rule } from '../visibility.ts';
import { narrow } from './narrow.ts';

/** What a rule says of one record. */
export interface Verdict {
  admitted: boolean;
  /** The reasons on the way to the admission, from the outermost inwards. */
  basis: string | undefined;
}

export interface AdmitOptions {
  /** Base URL below which absolute references are our own. */
  baseUrl: string;
  labels: LabelRules;
}

/**
 * The other reading of a rule, on an opened version. Agrees with `compileRule`.
 *
 * Labels are those of the version that stands now and those of this version's own content. A deleted version has no
 * content: ask about the one before it.
 */
export function admits(rule: Rule, version: OpenedVersion, options: AdmitOptions): Verdict {
  const reasons = reasonsOf(narrow(rule, version.stored.type), new Subject(version, options));
  if (!reasons) return { admitted: false, basis: undefined };
  return { admitted: true, basis: reasons.length === 0 ? undefined : reasons.join('; ') };
}

/** What is looked at of a version, made when it is needed first. */
class Subject {
  readonly patient: bigint;
  readonly #version: OpenedVersion;
  readonly #options: AdmitOptions;
  #resource: Resource | undefined;
  #labels: number | undefined;

  constructor(version: OpenedVersion, options: AdmitOptions) {
    this.patient = version.patient;
    this.#version = version;
    this.#options = options;
  }

  get labels(): number {
    this.#labels ??= this.#version.labels | labelsOf(this.#content, this.#options.labels);
    return this.#labels;
  }

  fulfils(rule: Rule & { kind: 'filter' }): boolean {
    return matches([rule.filter], this.#content, { baseUrl: this.#options.baseUrl });
  }

  get #content(): Resource {
    const { stored } = this.#version;
    this.#resource ??= stored.json
      ? (JSON.parse(stored.json.toString()) as Resource)
      : { resourceType: stored.type, id: stored.id };
    return this.#resource;
  }
}

/** Undefined: not admitted. */
function reasonsOf(rule: Rule, subject: Subject): string[] | undefined {
  switch (rule.kind) {
    case 'always':
      return [];
    case 'never':
    case 'types':
      return undefined;
    case 'all':
      return ofAll(rule.of, subject);
    case 'any':
      for (const part of rule.of) {
        const reasons = reasonsOf(part, subject);
        if (reasons) return reasons;
      }
      return undefined;
    case 'not':
      return reasonsOf(rule.of, subject) ? undefined : [];
    case 'because': {
      const inner = reasonsOf(rule.rule, subject);
      return inner && [rule.basis, ...inner];
    }
    case 'patients':
      return rule.patients.includes(subject.patient) ? [] : undefined;
    case 'nobody':
      return subject.patient === 0n ? [] : undefined;
    case 'labels':
      return (subject.labels & rule.mask) !== 0 ? [] : undefined;
    case 'filter':
      return subject.fulfils(rule) ? [] : undefined;
  }
}

function ofAll(rules: readonly Rule[], subject: Subject): string[] | undefined {
  const reasons: string[] = [];
  for (const rule of rules) {
    const own = reasonsOf(rule, subject);
    if (!own) return undefined;
    reasons.push(...own);
  }
  return reasons;
}
