import { readFileSync } from 'node:fs';
import { isCompartmentOwner, resourceTypes, searchParametersOf } from '@meridian/fhir';
import { OPERATIONS } from './operations.ts';
import type { Answer, FhirRequest } from './request.ts';
import type { Services } from './services.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What `/metadata` says: built once for each base URL, from the tables that the router and the searches themselves use. */
const built = new Map<string, Buffer>();

/** `GET metadata` (FHIR R4, RESTful API §3.1.0.10). */
export async function capabilityStatement(_request: FhirRequest, services: Services): Promise<Answer> {
  let body = built.get(services.baseUrl);
  if (!body) {
    body = Buffer.from(JSON.stringify(statementOf(services.baseUrl)));
    built.set(services.baseUrl, body);
  }
  return { status: 200, body };
}

/** Of this version of the statement; the server's start would make every restart a new one. */
const DATE = '2026-11-23';

function statementOf(baseUrl: string): object {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: DATE,
    kind: 'instance',
    software: { name: 'Meridian', version },
    implementation: { description: 'Meridian medical record system', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json'],
    instantiates: ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: false,
          description: 'Every request but this one needs a bearer token of this server (RFC 6750).',
        },
        resource: resourceTypes().map(resourceOf),
        interaction: ['transaction', 'batch', 'history-system', 'search-system'].map((code) => ({ code })),
        operation: operationsOn('system', undefined),
        compartment: resourceTypes()
          .filter(isCompartmentOwner)
          .map((type) => `http://hl7.org/fhir/CompartmentDefinition/${type.toLowerCase()}`),
      },
    ],
  };
}

const INTERACTIONS = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
];

function resourceOf(type: string): object {
  const parameters = searchParametersOf(type);
  const references = parameters.filter((parameter) => parameter.type === 'reference');
  const operation = [...operationsOn('type', type), ...operationsOn('instance', type)];
  const unique = new Map(operation.map((each) => [`${each.name} ${each.definition}`, each]));
  return {
    type,
    interaction: INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'single',
    referencePolicy: ['literal', 'logical', 'local'],
    searchInclude: ['*', ...references.map((parameter) => `${type}:${parameter.name}`)],
    searchParam: parameters.map(({ name, url, type: kind, description }) => ({
      name,
      definition: url,
      type: kind,
      ...(description && { documentation: description }),
    })),
    ...(unique.size > 0 && { operation: [...unique.values()] }),
  };
}

function operationsOn(
  level: 'system' | 'type' | 'instance',
  type: string | undefined,
): { name: string; definition: string }[] {
  return OPERATIONS.filter(
    (operation) =>
      operation.levels.includes(level) &&
      (type === undefined || operation.types === undefined || operation.types.includes(type)),
  ).map(({ name, definition }) => ({ name, definition }));
}
