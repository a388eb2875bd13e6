import { publishedResources } from '../../../tools/published.ts';
import type {
  CodeSystem,
  CodeSystemConcept,
  ElementDefinition,
  StructureDefinition,
  ValueSet,
} from '../../definitions-resources.ts';
import { narrativeProblem } from '../../narrative.ts';

type Json = Record<string, unknown>;

export const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/** The published base types by name. */
export const types: ReadonlyMap<string, StructureDefinition> = new Map(
  publishedResources<StructureDefinition>('StructureDefinition')
    .filter((each) => each.url === CORE + each.name && each.kind !== 'logical')
    .map((each) => [each.name, each]),
);
const systems = new Map(publishedResources<CodeSystem>('CodeSystem').map((each) => [each.url, each]));
const valueSets = new Map(publishedResources<ValueSet>('ValueSet').map((each) => [each.url, each]));

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function elementsOf(type: string): ElementDefinition[] {
  return types.get(type)?.snapshot?.element ?? [];
}

/** The published pattern of the type, and what R4 says in words beside it. */
export function isPrimitiveValue(code: string, value: unknown, element: ElementDefinition): boolean {
  if (code === 'boolean') return typeof value === 'boolean';
  if (code === 'xhtml') return narrativeProblem(value) === undefined;
  if (['decimal', 'integer', 'positiveInt', 'unsignedInt'].includes(code)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return false;
    if (code === 'decimal') return true;
    const least = code === 'integer' ? -(2 ** 31) : code === 'positiveInt' ? 1 : 0;
    return Number.isInteger(value) && value >= least && value < 2 ** 31;
  }
  if (typeof value !== 'string' || value === '' || value.length > 2 ** 20) return false;
  for (const unit of value) if (unit < ' ' && !'\t\n\r'.includes(unit)) return false;
  if (element.path.endsWith('.id') && code === 'string') return !/[ \t\r\n]/.test(value);
  if (code === 'base64Binary')
    return (
      /^([0-9A-Za-z+/]{4})*([0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?$/.test(value.replace(/\s/g, '')) && /\S/.test(value)
    );
  if (code === 'code' && / {2}|[\t\n\r]/.test(value)) return false;
  if (['uri', 'url', 'canonical'].includes(code)) {
    const bare = code === 'canonical' ? value.replace(/\|.*$/s, '') : value;
    if (bare.startsWith('urn:oid:') && !patternOf('oid').test(bare)) return false;
    if (bare.startsWith('urn:uuid:') && !patternOf('uuid').test(bare.toLowerCase())) return false;
  }
  return patternOf(code).test(value) && (!['date', 'dateTime', 'instant'].includes(code) || isRealDay(value));
}

function patternOf(code: string): RegExp {
  const type = elementsOf(code).find(({ path }) => path === `${code}.value`)?.type?.[0];
  const pattern = type?.extension?.find(({ url }) => url.endsWith('/regex'))?.valueString ?? '[\\s\\S]*';
  // The patterns are those of XML Schema, where white space is these four characters only.
  const translated = pattern
    .replace(/\[ \\r\\n\\t\\S\]/g, '[^]')
    .replaceAll('[^\\s]', '[^ \\t\\r\\n]')
    .replaceAll('(\\s[', '([ \\t\\r\\n][')
    .replaceAll('\\S', '[^ \\t\\r\\n]');
  return new RegExp(`^(?:${translated})$`);
}

function isRealDay(value: string): boolean {
  if (value.length < 10) return true;
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value.slice(0, 10));
}

/** Whether a value keeps a required binding to a value set that can be listed from what HL7 publishes. */
export function isBound(value: unknown, { binding, type }: ElementDefinition): boolean {
  const widest = binding?.extension?.find(({ url }) => url.endsWith('/elementdefinition-maxValueSet'))?.valueCanonical;
  const url = binding?.strength === 'required' ? binding.valueSet?.split('|')[0] : widest;
  if (url === undefined || (binding?.strength !== 'required' && !url.endsWith('/all-languages'))) return true;
  const contains = membership(url);
  if (!contains) return true;
  if (typeof value === 'string') return contains('any', value);
  if (!isObject(value)) return true;
  if (type?.[0]?.code !== 'CodeableConcept') return contains(value.system, value.code);
  const codings = (value.coding ?? []) as Json[];
  if (codings.length === 0) return value.extension !== undefined && value.text === undefined;
  return codings.some(({ system, code }) => contains(system, code));
}

function membership(url: string): ((system: unknown, code: unknown) => boolean) | undefined {
  if (url.endsWith('/mimetypes')) return (_, code) => /^(xml|json|ttl|[^/\s]+\/[^/\s;]+( ?;.+)?)$/.test(String(code));
  if (url.endsWith('/all-languages'))
    return (system, code) =>
      isOf(system, 'urn:ietf:bcp:47') && /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(String(code));
  if (url.endsWith('/currencies')) return (_, code) => Intl.supportedValuesOf('currency').includes(String(code));
  if (url.endsWith('/ucum-units'))
    return (system, code) => isOf(system, 'http://unitsofmeasure.org') && /^[!-~]+$/.test(String(code));
  const codes = (valueSets.get(url)?.compose?.include ?? []).flatMap(({ system, concept }) =>
    (concept ?? allConcepts(systems.get(system)?.concept ?? [])).map(({ code }) => ({ system, code })),
  );
  if (codes.length === 0) return undefined;
  return (system, code) => codes.some((each) => each.code === code && (system === 'any' || each.system === system));
}

/** 'any' is the system of a value that has none, being a plain code. */
function isOf(system: unknown, wanted: string): boolean {
  return system === 'any' || system === wanted;
}

function allConcepts(concepts: CodeSystemConcept[]): CodeSystemConcept[] {
  return concepts.flatMap((each) => [each, ...allConcepts(each.concept ?? [])]);
}
