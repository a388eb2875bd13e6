import type { Extension, Parameters, ParametersParameter } from 'fhir/r4';
import type { Language } from '../../i18n/language.ts';

export type Severity = 'contraindicated' | 'serious' | 'moderate' | 'minor' | 'information';

/** The same words in the languages of the application. */
export type Words = Readonly<Record<Language, string>>;

/** What a safety check found (`Patient/[id]/$check-safety`). */
export interface SafetyFinding {
  /** An override refers to it. */
  key: string;
  severity: Severity;
  /** On what it rests: `label`, `guideline`, `trial`, `observational`, `case-report`, `classical-text`, `none`. */
  evidence: string;
  /** It stops the pen until a reason is given. */
  interrupts: boolean;
  text: Words;
  advice: Words;
  concerns: readonly Words[];
  sources: readonly string[];
}

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';
const SEVERITIES: readonly string[] = ['contraindicated', 'serious', 'moderate', 'minor', 'information'];
const MOST = 200;

/** The findings in an answer of `$check-safety`, in its order: worst first. */
export function findingsOf({ parameter = [] }: Parameters): SafetyFinding[] {
  return parameter
    .filter(({ name }) => name === 'finding')
    .slice(0, MOST)
    .map(({ part = [] }) => findingOf(part));
}

function findingOf(parts: readonly ParametersParameter[]): SafetyFinding {
  const named = (name: string): ParametersParameter[] => parts.filter((part) => part.name === name);
  const code = (name: string): string => named(name)[0]?.valueCode ?? '';
  const severity = code('severity');
  return {
    key: named('key')[0]?.valueString ?? '',
    // what is not understood is shown as grave rather than lost
    severity: (SEVERITIES.includes(severity) ? severity : 'serious') as Severity,
    evidence: code('evidence'),
    interrupts: named('interrupts')[0]?.valueBoolean === true,
    text: wordsOf(named('text')[0]),
    advice: wordsOf(named('advice')[0]),
    concerns: named('concerns').map(wordsOf),
    sources: named('source').flatMap(({ valueString }) => valueString ?? []),
  };
}

/** English in the value, the other languages in extensions (FHIR R4, extension translation). */
function wordsOf(part: ParametersParameter | undefined): Words {
  const en = part?.valueString ?? '';
  const translations = (part?._valueString?.extension ?? []).filter(({ url }) => url === TRANSLATION);
  const inLanguage = (language: string): string =>
    translations.map(({ extension = [] }) => contentOf(extension, language)).find((text) => text !== undefined) ?? en;
  return { en, 'zh-Hant': inLanguage('zh-Hant'), 'zh-Hans': inLanguage('zh-Hans') };
}

function contentOf(extension: readonly Extension[], language: string): string | undefined {
  const named = (url: string): Extension | undefined => extension.find((one) => one.url === url);
  return named('lang')?.valueCode === language ? named('content')?.valueString : undefined;
}
