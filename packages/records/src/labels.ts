import type { Resource } from '@meridian/fhir';

/**
 * Labels of a record as bits, in `resource.labels` and in rules. Part of the storage format: a bit never changes its
 * meaning.
 */
export const LABEL = {
  /** Confidentiality R. */
  restricted: 1,
  /** Confidentiality V. */
  veryRestricted: 2,
  substanceUse: 4,
  mentalHealth: 8,
  hiv: 16,
  sexualHealth: 32,
  genetics: 64,
  violence: 128,
  /** The patient took it out of what others may see. */
  removed: 256,
  /** Written in the practice of Chinese medicine. */
  chineseMedicine: 512,
} as const;

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
/** Our own labels: `removed`, `chinese-medicine`. */
export const VIEWING_LABEL = 'urn:meridian:viewing-label';

/**
 * Codes of `meta.security` that label a record (HL7 v3 Confidentiality; v3 ActCode, _ActInformationSensitivityPolicy with
 * what it contains). Codes of sensitivities that have no bit here, such as SCA (sickle cell anaemia), label as restricted:
 * whoever wrote one wanted the record kept closer than others.
 */
const SECURITY: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  [CONFIDENTIALITY]: { R: LABEL.restricted, V: LABEL.veryRestricted },
  [ACT_CODE]: {
    ETH: LABEL.substanceUse,
    SUD: LABEL.substanceUse,
    ETHUD: LABEL.substanceUse,
    OPIOIDUD: LABEL.substanceUse,
    PSY: LABEL.mentalHealth,
    MH: LABEL.mentalHealth,
    BH: LABEL.mentalHealth,
    COGN: LABEL.mentalHealth,
    DVD: LABEL.mentalHealth,
    EMOTDIS: LABEL.mentalHealth,
    PSYTHPN: LABEL.mentalHealth | LABEL.veryRestricted,
    HIV: LABEL.hiv,
    SEX: LABEL.sexualHealth,
    STD: LABEL.sexualHealth,
    GDIS: LABEL.genetics,
    SDV: LABEL.violence,
    VIO: LABEL.violence,
    MST: LABEL.violence | LABEL.sexualHealth,
    SPI: LABEL.restricted,
    SCA: LABEL.restricted,
    SICKLE: LABEL.restricted,
    TBOO: LABEL.restricted,
    PRS: LABEL.restricted,
    PHY: LABEL.restricted,
  },
  [VIEWING_LABEL]: { removed: LABEL.removed, 'chinese-medicine': LABEL.chineseMedicine },
};

/** A code that labels every record in which it occurs. Either `code` or `prefix`; neither: every code of the system. */
export interface LabelRule {
  system: string;
  code?: string;
  /** All codes that begin with this, such as `F1` in ICD-10. */
  prefix?: string;
  mask: number;
}

/** Plain data, so that it can be handed to import workers. */
export type LabelRules = readonly LabelRule[];

/** The rules of one code system, to be looked up. */
interface SystemRules {
  exact: Map<string, number>;
  prefixes: { prefix: string; mask: number }[];
}

const COMPILED = new WeakMap<LabelRules, ReadonlyMap<string, SystemRules>>();

/**
 * The labels of a resource: those that its `meta.security` states, and those that the rules give to codes anywhere in it,
 * contained resources included.
 */
export function labelsOf(resource: Resource, rules: LabelRules): number {
  let mask = 0;
  const security: unknown = resource.meta?.security;
  if (Array.isArray(security)) for (const coding of security) mask |= securityMask(coding);
  return rules.length === 0 ? mask : mask | codesMask(resource, compiled(rules));
}

function securityMask(coding: unknown): number {
  if (typeof coding !== 'object' || coding === null || !('system' in coding) || !('code' in coding)) return 0;
  const { system, code } = coding;
  if (typeof system !== 'string' || typeof code !== 'string') return 0;
  const known = Object.hasOwn(SECURITY, system) ? SECURITY[system] : undefined;
  return known && Object.hasOwn(known, code) ? (known[code] ?? 0) : 0;
}

function codesMask(node: object, rules: ReadonlyMap<string, SystemRules>): number {
  let mask = 0;
  if ('system' in node && 'code' in node && typeof node.system === 'string' && typeof node.code === 'string') {
    const found = rules.get(node.system);
    if (found) mask |= maskIn(found, node.code);
  }
  for (const member of Object.values(node)) {
    if (typeof member === 'object' && member !== null) mask |= codesMask(member, rules);
  }
  return mask;
}

function maskIn({ exact, prefixes }: SystemRules, code: string): number {
  let mask = exact.get(code) ?? 0;
  for (const { prefix, mask: own } of prefixes) if (code.startsWith(prefix)) mask |= own;
  return mask;
}

function compiled(rules: LabelRules): ReadonlyMap<string, SystemRules> {
  const known = COMPILED.get(rules);
  if (known) return known;
  const made = new Map<string, SystemRules>();
  for (const { system, code, prefix, mask } of rules) {
    const own: SystemRules = made.get(system) ?? { exact: new Map(), prefixes: [] };
    made.set(system, own);
    if (code !== undefined) own.exact.set(code, (own.exact.get(code) ?? 0) | mask);
    else own.prefixes.push({ prefix: prefix ?? '', mask });
  }
  COMPILED.set(rules, made);
  return made;
}
