import { matches, type Resource } from '@meridian/fhir';
import type { Rule } from '@meridian/records';

/** A record as a rule sees it. */
export interface SeenRecord {
  resource: Resource;
  /** 0: nobody's. */
  patient: bigint;
  labels: number;
}

/** Whether a rule admits a record, evaluated in memory: the meaning of rules, without a database. */
export function ruleAdmits(rule: Rule, record: SeenRecord): boolean {
  return reasons(rule, record) !== undefined;
}

/** Why a rule admits a record: the reasons on the way; undefined where it does not. */
export function reasons(rule: Rule, record: SeenRecord): string[] | undefined {
  switch (rule.kind) {
    case 'all': {
      const all = rule.of.map((part) => reasons(part, record));
      return all.includes(undefined) ? undefined : all.flatMap((some) => some ?? []);
    }
    case 'any':
      return rule.of.map((part) => reasons(part, record)).find((some) => some !== undefined);
    case 'because': {
      const inner = reasons(rule.rule, record);
      return inner && [rule.basis, ...inner];
    }
    default:
      return holds(rule, record) ? [] : undefined;
  }
}

function holds(rule: Exclude<Rule, { kind: 'all' | 'any' | 'because' }>, record: SeenRecord): boolean {
  const type = record.resource.resourceType;
  switch (rule.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'not':
      return reasons(rule.of, record) === undefined;
    case 'types':
      return rule.types.includes(type);
    case 'patients':
      return rule.patients.includes(record.patient);
    case 'nobody':
      return record.patient === 0n;
    case 'labels':
      return (record.labels & rule.mask) !== 0;
    case 'filter':
      return rule.types.includes(type) && matches([rule.filter], record.resource);
  }
}
