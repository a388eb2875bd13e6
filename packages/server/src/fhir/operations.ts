import { exportStart } from '../bulk/export-start.ts';
import { importStart } from '../bulk/import-start.ts';
import { CLINIC_OPERATIONS } from '../clinic/operations.ts';
import { CONVERT_OPERATIONS } from '../convert/operations.ts';
import { everything } from './everything.ts';
import { lastN } from './lastn.ts';
import { match } from './match.ts';
import { may } from './may.ts';
import { changeMeta, showMeta } from './meta.ts';
import type { Operation } from './operation.ts';
import { summary } from './summary.ts';
import { expand, lookup, validateCode } from './terminology.ts';
import { validateResource } from './validate.ts';

const CORE = 'http://hl7.org/fhir/OperationDefinition/';
const BULK = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/';

/**
 * `$stats` (Observation) is absent on purpose: FHIR R4 marks it as a draft of maturity 0 that leaves open which
 * observations with which units may be averaged together, and a wrong average in a chart is worse than none. Trends and
 * derived values come from the report interpretation, which states its rules.
 */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'validate',
    definition: `${CORE}Resource-validate`,
    levels: ['type', 'instance'],
    methods: ['POST', 'GET'],
    permission: 'r',
    run: validateResource,
  },
  {
    name: 'meta',
    definition: `${CORE}Resource-meta`,
    levels: ['instance'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: showMeta,
  },
  {
    name: 'meta-add',
    definition: `${CORE}Resource-meta-add`,
    levels: ['instance'],
    methods: ['POST'],
    permission: 'u',
    run: (target, request, services) => changeMeta('add', target, request, services),
  },
  {
    name: 'meta-delete',
    definition: `${CORE}Resource-meta-delete`,
    levels: ['instance'],
    methods: ['POST'],
    permission: 'u',
    run: (target, request, services) => changeMeta('delete', target, request, services),
  },
  {
    name: 'everything',
    definition: `${CORE}Patient-everything`,
    levels: ['instance'],
    types: ['Patient'],
    methods: ['GET', 'POST'],
    permission: 'r',
    onAllTypes: true,
    run: everything,
  },
  {
    name: 'summary',
    definition: 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary',
    levels: ['instance'],
    types: ['Patient'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: summary,
  },
  {
    name: 'match',
    definition: `${CORE}Patient-match`,
    levels: ['type'],
    types: ['Patient'],
    methods: ['POST'],
    permission: 's',
    run: match,
  },
  {
    name: 'may',
    definition: 'urn:meridian:operation:may',
    levels: ['system'],
    methods: ['GET', 'POST'],
    permission: 'r',
    scopeType: 'Patient',
    run: may,
  },
  {
    name: 'lastn',
    definition: `${CORE}Observation-lastn`,
    levels: ['type'],
    types: ['Observation'],
    methods: ['GET', 'POST'],
    permission: 's',
    run: lastN,
  },
  {
    name: 'expand',
    definition: `${CORE}ValueSet-expand`,
    levels: ['type', 'instance'],
    types: ['ValueSet'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: expand,
  },
  {
    name: 'validate-code',
    definition: `${CORE}ValueSet-validate-code`,
    levels: ['type', 'instance'],
    types: ['ValueSet', 'CodeSystem'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: validateCode,
  },
  {
    name: 'lookup',
    definition: `${CORE}CodeSystem-lookup`,
    levels: ['type'],
    types: ['CodeSystem'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: lookup,
  },
  {
    name: 'export',
    definition: `${BULK}export`,
    levels: ['system'],
    methods: ['GET', 'POST'],
    permission: 'r',
    onAllTypes: true,
    run: exportStart,
  },
  {
    name: 'export',
    definition: `${BULK}patient-export`,
    levels: ['type'],
    types: ['Patient'],
    methods: ['GET', 'POST'],
    permission: 'r',
    onAllTypes: true,
    run: exportStart,
  },
  {
    name: 'export',
    definition: `${BULK}group-export`,
    levels: ['instance'],
    types: ['Group'],
    methods: ['GET', 'POST'],
    permission: 'r',
    onAllTypes: true,
    run: exportStart,
  },
  {
    name: 'import',
    definition: 'urn:meridian:operation:import',
    levels: ['system'],
    methods: ['POST'],
    permission: 'c',
    onAllTypes: true,
    body: 'stream',
    run: importStart,
  },
  ...CLINIC_OPERATIONS,
  ...CONVERT_OPERATIONS,
];

/** The operation of a name at a level. */
export function findOperation(name: string, type: string | undefined, instance: boolean): Operation | undefined {
  const level = type === undefined ? 'system' : instance ? 'instance' : 'type';
  return OPERATIONS.find(
    (operation) =>
      operation.name === name &&
      operation.levels.includes(level) &&
      (type === undefined || operation.types === undefined || operation.types.includes(type)),
  );
}
