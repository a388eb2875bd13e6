import { isCompartmentOwner, isResourceType } from '@meridian/fhir';
import type { Permission } from '@meridian/viewing';
import { cancelJob, jobFile, jobStatus, ownJob } from '../bulk/status.ts';
import { refusal } from '../http/http-error.ts';
import { searchAuditEvents } from '../viewing/audit-events.ts';
import { readBinary, writeBinary } from './binary.ts';
import { bundle } from './bundle.ts';
import type { Dispatch } from './bundle-entry.ts';
import { capabilityStatement } from './capability.ts';
import { create } from './create.ts';
import { conditionalDelete, remove } from './delete.ts';
import { history } from './history.ts';
import { isId } from './incoming.ts';
import { findOperation } from './operations.ts';
import { conditionalPatch, patch } from './patch.ts';
import { read, vread } from './read.ts';
import type { Answer, BodyKind, FhirRequest, Method } from './request.ts';
import { search, searchByPost } from './search.ts';
import type { Services } from './services.ts';
import { conditionalUpdate, update } from './update.ts';

/** What is to be done for a method and path. */
export interface Route {
  /** For metrics, logs and traces: names no resource. */
  template: string;
  body: BodyKind;
  /** Whether the answer may be something else than FHIR JSON, so that Accept is the interaction's business. */
  raw?: boolean;
  /** What the token must allow, and on which type (undefined: all); undefined: anybody may. */
  needs: readonly [Permission, string | undefined] | undefined;
  run(request: FhirRequest, services: Services, dispatch: Dispatch): Promise<Answer>;
}

type Table = Partial<Record<Method, Route>>;

/**
 * The route of a request (FHIR R4, RESTful API). Throws 404 for a path that is nothing here and 405, with `Allow`, for a
 * method that the path does not have.
 *
 * @param segments of the path below the base, decoded
 */
export function findRoute(method: string, segments: readonly string[]): Route {
  const table = tableOf(segments);
  const route = table[method as Method] ?? (method === 'HEAD' ? table.GET : undefined);
  if (route) return route;
  const allow = Object.keys(table).join(', ');
  throw refusal(405, 'not-supported', `The method is not allowed here; this URL takes ${allow}.`, { allow });
}

function tableOf(segments: readonly string[]): Table {
  const [type = '', id = ''] = segments;
  if (segments.length === 0) return SYSTEM;
  const last = segments[segments.length - 1] as string;
  if (type === '$export-status' || type === '$import-status') return jobTable(segments);
  if (last.startsWith('$')) return operationTable(segments);
  if (segments.length === 1 && !isResourceType(type)) return systemTable(type);
  if (!isResourceType(type))
    throw refusal(404, 'not-supported', 'The URL must begin with a resource type of FHIR R4; see metadata.');
  if (segments.length === 1) return typeTable(type);
  if (segments.length === 2 && id.startsWith('_')) return typeLevelTable(type, id);
  if (!isId(id))
    throw refusal(400, 'value', 'The id in the URL is not a FHIR id: 1 to 64 letters, digits, hyphens and dots.');
  return segments.length === 2 ? instanceTable(type, id) : belowInstance(type, id, segments);
}

const SYSTEM: Table = {
  GET: {
    template: '/fhir',
    body: 'none',
    needs: ['s', undefined],
    run: (request, services) => search({ types: undefined, path: '' }, request, services),
  },
  POST: {
    template: '/fhir (bundle)',
    body: 'bundle',
    // Each entry is checked for itself.
    needs: undefined,
    run: bundle,
  },
};

function systemTable(name: string): Table {
  switch (name) {
    case 'metadata':
      return { GET: { template: '/fhir/metadata', body: 'none', needs: undefined, run: capabilityStatement } };
    case '_history':
      return {
        GET: {
          template: '/fhir/_history',
          body: 'none',
          needs: ['r', undefined],
          run: (request, services) => history({}, request, services),
        },
      };
    case '_search':
      return {
        POST: {
          template: '/fhir/_search',
          body: 'memory',
          needs: ['s', undefined],
          run: (request, services) => searchByPost({ types: undefined, path: '' }, request, services),
        },
      };
    default:
      throw refusal(404, 'not-found', 'There is nothing at this URL; GET metadata lists what there is.');
  }
}

function operationTable(segments: readonly string[]): Table {
  const [level, type, id] = [
    segments.length,
    segments.length > 1 ? segments[0] : undefined,
    segments.length > 2 ? segments[1] : undefined,
  ];
  const name = (segments[level - 1] as string).slice(1);
  const operation = level <= 3 ? findOperation(name, type, id !== undefined) : undefined;
  if (!operation || (type !== undefined && !isResourceType(type)) || (id !== undefined && !isId(id))) {
    throw refusal(404, 'not-supported', 'There is no such operation here; GET metadata lists the operations.');
  }
  const route: Route = {
    template: `/fhir${type === undefined ? '' : '/:type'}${id === undefined ? '' : '/:id'}/$${operation.name}`,
    body: operation.body ?? 'memory',
    needs: [operation.permission, operation.onAllTypes ? undefined : (type ?? operation.scopeType)],
    run: (request, services) => operation.run({ type: type ?? '', id: id ?? '' }, request, services),
  };
  return Object.fromEntries(operation.methods.map((method) => [method, route]));
}

/** `$export-status/[id]` and its files: not FHIR, but named by FHIR Bulk Data as what Content-Location points to. */
function jobTable([name = '', id = '', list = '', at = '']: readonly string[]): Table {
  const kind = name === '$export-status' ? 'export' : 'import';
  const needs = [kind === 'export' ? 'r' : 'c', undefined] as const;
  const template = `/fhir/${name}/:job`;
  const job = (request: FhirRequest, services: Services) => ownJob(services.jobs, kind, id, request.context);
  if (list !== '') {
    const run: Route['run'] = async (request, services) =>
      jobFile(await job(request, services), list, at, services.store);
    return { GET: { template: `${template}/:file`, body: 'none', raw: true, needs, run } };
  }
  return {
    GET: {
      template,
      body: 'none',
      raw: true,
      needs,
      run: async (request, services) => jobStatus(await job(request, services), services.baseUrl),
    },
    DELETE: {
      template,
      body: 'none',
      needs,
      run: async (request, services) => cancelJob(await job(request, services), services.jobs),
    },
  };
}

function typeTable(type: string): Table {
  const template = '/fhir/:type';
  const binary = type === 'Binary';
  return {
    GET: {
      template,
      body: 'none',
      needs: ['s', type],
      run: (request, services) =>
        isAboutPatient(type, request)
          ? searchAuditEvents(request.parameters, request.viewer, services.viewing.auditEvents)
          : search({ types: [type], path: type }, request, services),
    },
    POST: {
      template,
      body: binary ? 'stream' : type === 'Bundle' ? 'bundle' : 'memory',
      needs: ['c', type],
      run: binary
        ? (request, services) => writeBinary(undefined, request, services)
        : (request, services) => create(type, request, services),
    },
    PUT: {
      template: `${template}?`,
      body: 'memory',
      needs: ['u', type],
      run: (request, services) => conditionalUpdate(type, request, services),
    },
    PATCH: {
      template: `${template}?`,
      body: 'memory',
      needs: ['u', type],
      run: (request, services) => conditionalPatch(type, request, services),
    },
    DELETE: {
      template: `${template}?`,
      body: 'none',
      needs: ['d', type],
      run: (request, services) => conditionalDelete(type, request, services),
    },
  };
}

/** Who looked at a patient's record is answered from the ledger; other AuditEvents are resources like any. */
function isAboutPatient(type: string, { parameters }: FhirRequest): boolean {
  return type === 'AuditEvent' && parameters.some(([name]) => name === 'patient');
}

function typeLevelTable(type: string, name: string): Table {
  if (name === '_search') {
    const run: Route['run'] = (request, services) => searchByPost({ types: [type], path: type }, request, services);
    return { POST: { template: '/fhir/:type/_search', body: 'memory', needs: ['s', type], run } };
  }
  if (name === '_history') {
    const run: Route['run'] = (request, services) => history({ type }, request, services);
    return { GET: { template: '/fhir/:type/_history', body: 'none', needs: ['r', type], run } };
  }
  throw refusal(404, 'not-found', 'There is nothing at this URL; GET metadata lists what there is.');
}

function instanceTable(type: string, id: string): Table {
  const template = '/fhir/:type/:id';
  const binary = type === 'Binary';
  return {
    GET: {
      template,
      body: 'none',
      raw: binary,
      needs: ['r', type],
      run: binary
        ? (request, services) => readBinary(id, request, services)
        : (request, services) => read(type, id, request, services),
    },
    PUT: {
      template,
      body: binary ? 'stream' : type === 'Bundle' ? 'bundle' : 'memory',
      needs: ['u', type],
      run: binary
        ? (request, services) => writeBinary(id, request, services)
        : (request, services) => update(type, id, request, services),
    },
    PATCH: {
      template,
      body: 'memory',
      needs: ['u', type],
      run: (request, services) => patch(type, id, request, services),
    },
    DELETE: {
      template,
      body: 'none',
      needs: ['d', type],
      run: (request, services) => remove(type, id, request, services),
    },
  };
}

function belowInstance(type: string, id: string, segments: readonly string[]): Table {
  const [, , third = '', fourth = ''] = segments;
  if (third === '_history' && segments.length === 3) {
    const run: Route['run'] = (request, services) => history({ type, id }, request, services);
    return { GET: { template: '/fhir/:type/:id/_history', body: 'none', needs: ['r', type], run } };
  }
  if (third === '_history' && segments.length === 4) {
    const run: Route['run'] = (request, services) => vread(type, id, fourth, request, services);
    return { GET: { template: '/fhir/:type/:id/_history/:version', body: 'none', needs: ['r', type], run } };
  }
  const member = third === '*' || isResourceType(third);
  if (
    member &&
    isCompartmentOwner(type) &&
    (segments.length === 3 || (segments.length === 4 && fourth === '_search'))
  ) {
    return compartmentTable(type, id, third, segments.length === 4);
  }
  throw refusal(404, 'not-found', 'There is nothing at this URL; GET metadata lists what there is.');
}

function compartmentTable(owner: string, id: string, member: string, byPost: boolean): Table {
  const all = member === '*';
  const scope = { types: all ? undefined : [member], path: `${owner}/${id}/${member}`, compartment: { owner, id } };
  const template = `/fhir/:compartment/:id/${all ? '*' : ':type'}`;
  const needs = ['s', all ? undefined : member] as const;
  if (byPost) {
    const run: Route['run'] = (request, services) => searchByPost(scope, request, services);
    return { POST: { template: `${template}/_search`, body: 'memory', needs, run } };
  }
  return { GET: { template, body: 'none', needs, run: (request, services) => search(scope, request, services) } };
}
