import type { Resource } from '@meridian/fhir';
import { refusal } from '../http/http-error.ts';
import { first, list } from '../http/query-string.ts';
import { resourceOf } from './incoming.ts';
import type { FhirRequest } from './request.ts';

/** One parameter of an operation, from the URL (text) or from a Parameters resource (value or resource). */
interface Parameter {
  name?: unknown;
  resource?: Resource;
  part?: Parameter[];
  [value: string]: unknown;
}

/** What an operation was called with (FHIR R4, Operations §3.2.0.1): a query, a Parameters resource, or both. */
export class OperationInput {
  readonly #request: FhirRequest;
  readonly #parameters: readonly Parameter[];

  constructor(request: FhirRequest) {
    this.#request = request;
    const { body } = request;
    const hasBody = body.kind === 'resource' || (body.kind === 'bytes' && body.bytes.length > 0);
    this.#parameters = request.method === 'POST' && hasBody ? parametersOf(resourceOf(request)) : [];
  }

  /** The first value as text: a code, uri, string, instant, number or boolean. */
  text(name: string): string | undefined {
    const fromUrl = first(this.#request.parameters, name);
    return fromUrl ?? this.values(name)[0];
  }

  /** All values as text; commas in the URL separate. */
  texts(name: string): string[] {
    return [...list(this.#request.parameters, name), ...this.values(name).flatMap((value) => value.split(','))];
  }

  /** A whole number. */
  number(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least))
      throw refusal(400, 'value', `The parameter ${name} must be a whole number from ${least} on.`);
    return value;
  }

  /** The value of a parameter that is a data type, such as `valueMeta` or `valueCoding`. */
  value(name: string, type: string): unknown {
    return this.#parameters.find((parameter) => parameter.name === name)?.[`value${type}`];
  }

  /** All values of a parameter with this data type. */
  valuesOf(name: string, type: string): unknown[] {
    return this.#parameters
      .filter((parameter) => parameter.name === name)
      .map((parameter) => parameter[`value${type}`]);
  }

  resource(name: string): Resource | undefined {
    return this.#parameters.find((parameter) => parameter.name === name)?.resource;
  }

  /** All resources under this name. */
  resources(name: string): Resource[] {
    return this.#parameters.flatMap((parameter) =>
      parameter.name === name && parameter.resource !== undefined ? [parameter.resource] : [],
    );
  }

  /** Parameters made of parts, each as a way to ask for the value of a part with a data type. */
  groups(name: string): ((part: string, type: string) => unknown)[] {
    return this.#parameters
      .filter((parameter) => parameter.name === name && Array.isArray(parameter.part))
      .map((parameter) => (part, type) => parameter.part?.find((one) => one.name === part)?.[`value${type}`]);
  }

  /** Parameters made of parts, as maps from the part's name to its text. */
  parts(name: string): Map<string, string>[] {
    return this.#parameters
      .filter((parameter) => parameter.name === name && Array.isArray(parameter.part))
      .map((parameter) => {
        const parts = (parameter.part ?? []).map((part) => [String(part.name), textOf(part) ?? ''] as const);
        return new Map(parts);
      });
  }

  /** All values as text. */
  values(name: string): string[] {
    const texts = this.#parameters.map((parameter) => (parameter.name === name ? textOf(parameter) : undefined));
    return texts.filter((text) => text !== undefined);
  }
}

function parametersOf(resource: Resource): readonly Parameter[] {
  if (resource.resourceType !== 'Parameters') {
    throw refusal(400, 'invalid', 'The body of this operation must be a Parameters resource.');
  }
  const { parameter = [] } = resource as { parameter?: unknown };
  if (!Array.isArray(parameter)) throw refusal(400, 'structure', 'Parameters.parameter must be a list.');
  return parameter.filter((item) => typeof item === 'object' && item !== null) as Parameter[];
}

function textOf(parameter: Parameter): string | undefined {
  for (const [name, value] of Object.entries(parameter)) {
    if (!name.startsWith('value')) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (name === 'valueReference' && typeof value === 'object' && value !== null && 'reference' in value)
      return String(value.reference);
  }
  return undefined;
}
