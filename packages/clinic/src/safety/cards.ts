import type { Script, ThreeScripts } from '../tcm/script.ts';
import type { Finding, Source } from './finding.ts';

/** A card of a CDS Hooks answer (CDS Hooks 2.0, "Card Attributes"), as far as we fill it in. */
export interface Card {
  uuid: string;
  /** At most 140 characters. */
  summary: string;
  /** GitHub Flavored Markdown. */
  detail: string;
  indicator: 'info' | 'warning' | 'critical';
  source: { label: string; url?: string };
  links?: { label: string; url: string; type: 'absolute' }[];
  overrideReasons?: { system: string; code: string; display: string }[];
}

export interface CardOptions {
  script?: Script;
  /** Makes the card's id; a random UUID in practice. */
  uuid: () => string;
  /** Only findings about one of these items are shown (`order-select`, `order-sign`: the draft orders); all if absent. */
  orders?: ReadonlySet<string>;
}

/** The code system of {@link OVERRIDE_REASONS}. */
export const OVERRIDE_REASON_SYSTEM = 'https://meridian.example/fhir/CodeSystem/safety-override-reason';

/** Why somebody may go ahead in spite of a warning; free text goes with the answer. */
export const OVERRIDE_REASONS: readonly ({ code: string } & ThreeScripts)[] = [
  {
    code: 'benefit-outweighs-risk',
    en: 'The benefit outweighs the risk',
    zhHant: '益處大於風險',
    zhHans: '益处大于风险',
  },
  {
    code: 'will-monitor',
    en: 'It will be monitored as advised',
    zhHant: '會按建議監察',
    zhHans: '会按建议监察',
  },
  {
    code: 'tolerated-before',
    en: 'The patient has tolerated it before',
    zhHant: '病人以往使用無不適',
    zhHans: '病人以往使用无不适',
  },
  {
    code: 'record-is-wrong',
    en: 'The record behind the warning is wrong',
    zhHant: '警示所據的記錄有誤',
    zhHans: '警示所据的记录有误',
  },
  {
    code: 'not-taken-together',
    en: 'They are not taken at the same time',
    zhHant: '並非同時服用',
    zhHans: '并非同时服用',
  },
];

const SUMMARY_LIMIT = 140;

const HEADINGS: Readonly<Record<'before' | 'and', ThreeScripts>> = {
  before: {
    en: 'Overridden for this patient before',
    zhHant: '曾為此病人確認照用',
    zhHans: '曾为此病人确认照用',
  },
  and: { en: 'more', zhHant: '項其他', zhHans: '项其他' },
};

/**
 * Findings as cards for the hooks `order-select` and `order-sign`: one card for each pair of orders, its worst finding in
 * front, so that a formula of ten herbs against one drug is one card. What was overridden before is one line in one last
 * card without an interruption.
 */
export function toCards(findings: readonly Finding[], options: CardOptions): { cards: Card[] } {
  const script = options.script ?? 'en';
  const about = findings.filter((finding) => options.orders === undefined || concernsOrder(finding, options.orders));
  const groups = new Map<string, Finding[]>();
  for (const finding of about) {
    if (finding.overridden !== undefined) continue;
    const key = finding.concerned.map((one) => one.items.join(',')).join('|');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const cards = [...groups.values()].map((group) => card(group, script, options.uuid()));
  const before = about.filter((finding) => finding.overridden !== undefined);
  return { cards: before.length === 0 ? cards : [...cards, reminder(before, script, options.uuid())] };
}

function concernsOrder(finding: Finding, orders: ReadonlySet<string>): boolean {
  return finding.concerned.some((one) => one.items.some((item) => orders.has(item)));
}

function card(group: readonly Finding[], script: Script, uuid: string): Card {
  const [worst] = group;
  if (worst === undefined) throw new RangeError('A card needs a finding.');
  const more = group.length === 1 ? '' : ` (+${group.length - 1} ${HEADINGS.and[script]})`;
  const sources = [...new Map(group.flatMap((one) => one.sources).map((one) => [one.id, one])).values()];
  const links = sources.flatMap(linksOf);
  return {
    uuid,
    summary: cut(worst.text[script], SUMMARY_LIMIT - more.length) + more,
    detail: group.map((one) => paragraph(one, script)).join('\n\n'),
    indicator: indicatorOf(worst),
    source: { label: worst.sources[0]?.citation ?? 'Meridian' },
    ...(links.length === 0 ? {} : { links }),
    ...(worst.interrupts ? { overrideReasons: reasons(script) } : {}),
  };
}

function paragraph(finding: Finding, script: Script): string {
  const sources = finding.sources.map((one) => `- ${[one.citation, ...(one.identifiers ?? [])].join(' ')}`);
  return [
    `**${finding.text[script]}** (${finding.severity}, ${finding.evidence})`,
    finding.advice[script],
    ...sources,
  ].join('\n');
}

function reminder(findings: readonly Finding[], script: Script, uuid: string): Card {
  const lines = findings.map(
    (one) => `- ${one.text[script]} (${one.overridden?.at ?? ''}: ${one.overridden?.reason ?? ''})`,
  );
  return {
    uuid,
    summary: `${HEADINGS.before[script]}: ${findings.length}`,
    detail: lines.join('\n'),
    indicator: 'info',
    source: { label: 'Meridian' },
  };
}

function indicatorOf({ severity }: Finding): Card['indicator'] {
  if (severity === 'contraindicated') return 'critical';
  return severity === 'serious' || severity === 'moderate' ? 'warning' : 'info';
}

function reasons(script: Script): { system: string; code: string; display: string }[] {
  return OVERRIDE_REASONS.map((one) => ({ system: OVERRIDE_REASON_SYSTEM, code: one.code, display: one[script] }));
}

function linksOf(source: Source): { label: string; url: string; type: 'absolute' }[] {
  return (source.identifiers ?? []).flatMap((identifier) => {
    const [kind, value] = identifier.split(' ');
    if (value === undefined) return [];
    if (kind === 'PMID')
      return [{ label: identifier, url: `https://pubmed.ncbi.nlm.nih.gov/${value}/`, type: 'absolute' }];
    return kind === 'DOI' ? [{ label: identifier, url: `https://doi.org/${value}`, type: 'absolute' }] : [];
  });
}

/** Cut by characters, never within one. */
function cut(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
