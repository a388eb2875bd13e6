import { compile, type OptionVariants } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { resourceTypes } from '../../definitions.ts';
import type { Resource } from '../../resource.ts';
import type { PublishedParameter } from './definitions.ts';

/**
 * The values that a published SearchParameter finds in a resource, by evaluating its own expression with a FHIRPath
 * engine and reading the results by their FHIR type. Slow and without tables, so that the compiled extractor can be
 * compared with it. Values carry no keys and no canonical quantities; the system of a `code` is `*`.
 */
export function slowExtract(
  parameter: PublishedParameter,
  resource: Resource,
  published: ReadonlyMap<string, PublishedParameter>,
): unknown[] {
  if (parameter.type === 'composite') return slowComposite(parameter, resource, published);
  // Arm by arm: the engine's own union refuses quantities that have a comparator.
  const nodes = (parameter.expression as string).split('|').flatMap((arm) => evaluate(arm.trim(), resource));
  return nodes.flatMap((node) => convert(parameter.type, node));
}

interface Node {
  type: string;
  data: unknown;
}

type Evaluator = (resource: unknown, environment?: Record<string, unknown>) => unknown[];

const compiled = new Map<string, Evaluator>();

/** Stands for `resolve() is T`, as nothing can be resolved here: by the type that the reference names. */
function refersTo(inputs: unknown[], asked: string): boolean[] {
  return inputs.map((input) => {
    const { reference, type } = input as { reference?: string; type?: string };
    const [, named] = /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(reference ?? '') ?? [];
    return (type ?? named) === asked;
  });
}

const OPTIONS: OptionVariants = {
  resolveInternalTypes: false,
  userInvocationTable: { refersTo: { fn: refersTo, arity: { 1: ['String'] } } },
};

function evaluate(
  expression: string,
  resource: unknown,
  base?: string,
  environment: Record<string, unknown> = {},
): Node[] {
  const key = `${base ?? ''} ${expression}`;
  let run = compiled.get(key);
  if (!run) {
    // R4 writes DateTime once where it means dateTime.
    const path = expression.replaceAll('DateTime)', 'dateTime)').replace(/resolve\(\) is (\w+)/g, "refersTo('$1')");
    run = compile(base === undefined ? path : { base, expression: path }, r4, OPTIONS) as unknown as Evaluator;
    compiled.set(key, run);
  }
  return run(resource, environment).map((result) => {
    const node = result as { fhirNodeDataType?: string; data?: unknown; convertData?: unknown };
    if (typeof result !== 'object' || result === null || !('fhirNodeDataType' in result)) {
      return { type: typeof result, data: result };
    }
    const data = node.data;
    const plain =
      typeof data === 'object' && data !== null && 'toNumber' in data
        ? (data as { toNumber(): number }).toNumber()
        : data;
    return { type: node.fhirNodeDataType ?? typeof plain, data: plain };
  });
}

function slowComposite(
  parameter: PublishedParameter,
  resource: Resource,
  published: ReadonlyMap<string, PublishedParameter>,
): unknown[] {
  const bases = (parameter.expression as string)
    .split('|')
    .map((base) => base.trim())
    .filter((base) => base.split('.')[0] === resource.resourceType);
  return bases.flatMap((base) =>
    evaluate(base, resource).flatMap(({ data }) => {
      const components = (parameter.component ?? []).map(({ definition, expression }) => {
        const { type } = published.get(definition) as PublishedParameter;
        return evaluate(expression, data, base, { resource }).flatMap((node) => convert(type, node));
      });
      return components.some((found) => found.length === 0) ? [] : [{ kind: 'composite', components }];
    }),
  );
}

type Any = Record<string, unknown>;

/** The types that parameters of a kind are defined on (R4, Search, "Search Parameter Types"); resources stand in bundles. */
const READABLE: Record<string, string[]> = {
  token: 'code Coding CodeableConcept Identifier ContactPoint boolean string id uri url canonical oid uuid'.split(' '),
  string: 'string markdown code id uri HumanName Address'.split(' '),
  reference: ['Reference', 'canonical', 'uri', 'url', ...resourceTypes()],
  uri: 'uri url canonical oid uuid'.split(' '),
  number: 'decimal integer positiveInt unsignedInt'.split(' '),
  quantity: 'Quantity Age Duration Count Distance SimpleQuantity Money Range'.split(' '),
  date: 'date dateTime instant Period Timing'.split(' '),
};

function convert(kind: string, { type, data }: Node): unknown[] {
  const element = (typeof data === 'object' && data !== null ? data : {}) as Any;
  if (!READABLE[kind]?.includes(type)) return [];
  switch (kind) {
    case 'token':
      return token(type, data, element);
    case 'string':
      return strings(type, data, element).map((value) => ({ kind, value }));
    case 'uri':
      return String(data).includes('|') && type === 'canonical'
        ? [
            { kind, value: data },
            { kind, value: String(data).split('|')[0] },
          ]
        : [{ kind, value: data }];
    case 'number':
      return [{ kind, value: data }];
    case 'quantity':
      return quantity(type, element);
    case 'date':
      return date(type, data, element);
    case 'reference':
      return reference(type, data, element);
    default:
      return [];
  }
}

function token(type: string, data: unknown, element: Any): unknown[] {
  const kind = 'token';
  switch (type) {
    case 'CodeableConcept': {
      const codings = ((element.coding as Any[] | undefined) ?? []).filter((c) => c.code ?? c.system ?? c.display);
      if (codings.length === 0) return element.text ? [{ kind, text: [element.text] }] : [];
      return codings.map(({ system, code, display }) => ({ kind, system, code, text: texts(display, element.text) }));
    }
    case 'Coding':
      return [{ kind, system: element.system, code: element.code, text: texts(element.display) }];
    case 'Identifier': {
      const { text, coding } = (element.type ?? {}) as { text?: string; coding?: Any[] };
      const types = coding?.filter((c) => c.code).map(({ system, code }) => ({ system, code }));
      if (!element.value) return [];
      return [{ kind, system: element.system, code: element.value, text: texts(text), identifierType: types }];
    }
    case 'ContactPoint':
      return element.value ? [{ kind, system: element.system, code: element.value }] : [];
    case 'code':
      return [{ kind, system: '*', code: data }];
    default:
      return [{ kind, code: String(data) }];
  }
}

function texts(...found: unknown[]): unknown[] | undefined {
  const distinct = [...new Set(found.filter((text) => text))];
  return distinct.length === 0 ? undefined : distinct;
}

function strings(type: string, data: unknown, element: Any): unknown[] {
  const parts =
    type === 'HumanName'
      ? ['family', 'given', 'prefix', 'suffix', 'text']
      : ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'];
  if (type !== 'HumanName' && type !== 'Address') return [data];
  return parts.flatMap((part) => (element[part] ?? []) as unknown[]).filter((value) => value);
}

function quantity(type: string, element: Any): unknown[] {
  const kind = 'quantity';
  if (type === 'SampledData') return [];
  if (type === 'Range')
    return [element.low, element.high].flatMap((end) => (end ? quantity('Quantity', end as Any) : []));
  if (element.value === undefined) return [];
  if (type === 'Money') return [{ kind, value: element.value, system: 'urn:iso:std:iso:4217', code: element.currency }];
  const { value, system, code, unit } = element;
  return [{ kind, value, system, code, unit }];
}

function date(type: string, data: unknown, element: Any): unknown[] {
  const kind = 'date';
  if (type === 'Period') {
    if (element.start === undefined && element.end === undefined) return [];
    const low = element.start === undefined ? -Infinity : lowOf(element.start as string);
    const high = element.end === undefined ? Infinity : highOf(element.end as string);
    return [{ kind, low, high }];
  }
  if (type === 'Timing') {
    const events = ((element.event as string[] | undefined) ?? []).map((event) => [lowOf(event), highOf(event)]);
    const bounds = (element.repeat as Any | undefined)?.boundsPeriod as Any | undefined;
    const [period] = bounds ? (date('Period', undefined, bounds) as { low: number; high: number }[]) : [];
    const all = period ? [...events, [period.low, period.high]] : events;
    if (all.length === 0) return [];
    return [
      {
        kind,
        low: Math.min(...all.map(([low]) => low as number)),
        high: Math.max(...all.map(([, high]) => high as number)),
      },
    ];
  }
  return [{ kind, low: lowOf(data as string), high: highOf(data as string) }];
}

function lowOf(text: string): number {
  return Date.parse(text.length < 11 || /Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
}

function highOf(text: string): number {
  const low = new Date(lowOf(text));
  if (text.length === 4) return low.setUTCFullYear(low.getUTCFullYear() + 1);
  if (text.length === 7) return low.setUTCMonth(low.getUTCMonth() + 1);
  if (text.length === 10) return low.setUTCDate(low.getUTCDate() + 1);
  const fraction = /\.(\d+)/.exec(text)?.[1];
  return low.getTime() + (fraction === undefined ? 1000 : 10 ** Math.max(0, 3 - fraction.length));
}

function reference(type: string, data: unknown, element: Any): unknown[] {
  const kind = 'reference';
  if (element.resourceType) return element.id ? [{ kind, type: element.resourceType, id: element.id }] : [];
  const text = type === 'Reference' ? (element.reference as string | undefined) : String(data).split('|')[0];
  const { system, value } = (element.identifier ?? {}) as { system?: string; value?: string };
  const identifier = value ? { system, value } : undefined;
  const [, local, id] =
    /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]+)?$/.exec(text ?? '') ?? [];
  const usable = text && !text.startsWith('#') && !/^[A-Z][A-Za-z]+\?/.test(text);
  if (!usable) return identifier ? [{ kind, identifier }] : [];
  return [local === undefined ? { kind, url: text, identifier } : { kind, type: local, id, identifier }];
}
