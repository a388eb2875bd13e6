import type { Resource, Terminology } from '@meridian/fhir';
import { refusal } from '../http/http-error.ts';
import type { Target } from './operation.ts';
import { parseStored, resourceAnswer } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import { requireLive } from './read.ts';
import type { Answer, FhirRequest } from './request.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';

type ValueSet = Exclude<Parameters<Terminology['expand']>[0], string>;

const MOST_CODES = 10_000;

/** `ValueSet/$expand` (FHIR R4, ValueSet §4.9.18.1), by url, by instance, or of a value set in the call. */
export async function expand(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const input = new OperationInput(request);
  const valueSet = await valueSetOf(target, input, request, services);
  const filter = input.text('filter');
  const offset = input.number('offset', 0) ?? 0;
  const count = Math.min(input.number('count', 0) ?? 1000, MOST_CODES);
  const { total, contains } = services.terminology.expand(valueSet, {
    offset,
    count,
    ...(filter !== undefined && { filter }),
  });
  const described: Partial<ValueSet> = typeof valueSet === 'string' ? { url: valueSet } : valueSet;
  const { compose: _compose, expansion: _expansion, ...head } = described;
  return resourceAnswer(200, {
    status: 'active',
    ...head,
    resourceType: 'ValueSet',
    expansion: {
      identifier: 'urn:meridian:expansion',
      timestamp: new Date(services.now()).toISOString(),
      total,
      offset,
      ...(contains.length > 0 && { contains }),
    },
  } as Resource);
}

async function valueSetOf(
  target: Target,
  input: OperationInput,
  request: FhirRequest,
  services: Services,
): Promise<string | ValueSet> {
  if (target.id !== '') {
    const stored = await services.store.read('ValueSet', target.id, request.context);
    return asValueSet(parseStored(requireLive(stored, 'ValueSet', target.id)));
  }
  const given = input.resource('valueSet');
  if (given) return asValueSet(given);
  const url = input.text('url');
  if (url === undefined)
    throw refusal(400, 'required', 'The operation needs the parameter url: the canonical URL of a value set.');
  if (services.terminology.valueSet(url)) return url;
  const [canonical = '', version] = url.split('|');
  const parameters = [['url', canonical] as const, ...(version === undefined ? [] : [['version', version] as const])];
  const found = await services.store.search(
    { ...queryOf(['ValueSet'], parameters, 'strict', services), count: 1 },
    request.context,
  );
  const [stored] = found.matches;
  return stored ? asValueSet(parseStored(stored)) : url;
}

function asValueSet(resource: Resource): ValueSet {
  if (resource.resourceType !== 'ValueSet')
    throw refusal(400, 'invalid', 'The parameter valueSet must hold a ValueSet.');
  return resource as unknown as ValueSet;
}

/** A code as it stands in a call: `code` and `system`, a `coding`, or the codings of a `codeableConcept`. */
interface Asked {
  system?: string;
  code: string;
  display?: string;
}

function askedCodes(input: OperationInput): Asked[] {
  const coding = input.value('coding', 'Coding');
  const concept = input.value('codeableConcept', 'CodeableConcept') as { coding?: unknown } | undefined;
  const codings = concept && Array.isArray(concept.coding) ? concept.coding : coding === undefined ? [] : [coding];
  const fromCodings = codings.filter(isAsked);
  if (fromCodings.length > 0) return fromCodings;
  const [code, system, display] = [input.text('code'), input.text('system'), input.text('display')];
  if (code === undefined)
    throw refusal(400, 'required', 'The operation needs a code with its system, a coding or a codeableConcept.');
  return [{ code, ...(system !== undefined && { system }), ...(display !== undefined && { display }) }];
}

function isAsked(value: unknown): value is Asked {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}

/** `ValueSet/$validate-code` (§4.9.18.2) and `CodeSystem/$validate-code` (§4.8.14.2). */
export async function validateCode(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const input = new OperationInput(request);
  const asked = askedCodes(input);
  const check =
    target.type === 'ValueSet'
      ? await inValueSet(target, input, request, services)
      : inCodeSystem(target, input, services.terminology);
  const results = asked.map(check);
  const best = results.find((each) => each.result) ?? results[0];
  const parameter: unknown[] = [{ name: 'result', valueBoolean: best?.result ?? false }];
  if (best?.message !== undefined) parameter.push({ name: 'message', valueString: best.message });
  if (best?.display !== undefined) parameter.push({ name: 'display', valueString: best.display });
  return resourceAnswer(200, { resourceType: 'Parameters', parameter });
}

type Check = (asked: Asked) => { result: boolean; message?: string; display?: string };

async function inValueSet(
  target: Target,
  input: OperationInput,
  request: FhirRequest,
  services: Services,
): Promise<Check> {
  const valueSet = await valueSetOf(target, input, request, services);
  if (typeof valueSet === 'string') return (asked) => services.terminology.validateInValueSet(valueSet, asked);
  const { contains } = services.terminology.expand(valueSet, { count: Number.MAX_SAFE_INTEGER });
  return ({ system, code }) => {
    const found = contains.find((each) => each.code === code && (system === undefined || each.system === system));
    if (!found) return { result: false, message: 'The code is not in the value set.' };
    return found.display === undefined ? { result: true } : { result: true, display: found.display };
  };
}

function inCodeSystem(target: Target, input: OperationInput, terminology: Terminology): Check {
  if (target.id !== '') {
    throw refusal(
      404,
      'not-supported',
      'Call CodeSystem/$validate-code with the parameter url; instances are not supported.',
    );
  }
  const url = input.text('url');
  return (asked) => {
    const system = url ?? asked.system;
    if (system === undefined)
      throw refusal(400, 'required', 'The operation needs the parameter url: the canonical URL of a code system.');
    return terminology.validateInCodeSystem(system, asked);
  };
}

/** `CodeSystem/$lookup` (§4.8.14.1). */
export async function lookup(_target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const [asked] = askedCodes(new OperationInput(request));
  if (asked?.system === undefined) throw refusal(400, 'required', 'The operation $lookup needs the parameter system.');
  const found = services.terminology.lookup(asked.system, asked.code);
  const parameter: unknown[] = [{ name: 'name', valueString: found.name }];
  if (found.version !== undefined) parameter.push({ name: 'version', valueString: found.version });
  parameter.push({ name: 'display', valueString: found.display ?? asked.code });
  const property = (code: string, value: object) =>
    parameter.push({
      name: 'property',
      part: [
        { name: 'code', valueCode: code },
        { name: 'value', ...value },
      ],
    });
  if (found.definition !== undefined) property('definition', { valueString: found.definition });
  for (const parent of found.parents) property('parent', { valueCode: parent });
  for (const child of found.children) property('child', { valueCode: child });
  return resourceAnswer(200, { resourceType: 'Parameters', parameter });
}
