import type { Operation } from '../fhir/operation.ts';
import { acknowledge } from './acknowledge.ts';
import { checkSafetyOperation } from './check-safety.ts';
import { combinedMedicationList } from './combined-medication-list.ts';
import { interpretObservations, interpretReport } from './interpret-results.ts';
import { readReportOperation } from './read-report.ts';
import { readerInterpretation } from './reader-interpretation.ts';
import { releaseNow, spoken } from './release.ts';

const OURS = 'urn:meridian:operation:';

/** The operations of the clinic; what each does stands with its function. */
export const CLINIC_OPERATIONS: readonly Operation[] = [
  {
    name: 'check-safety',
    definition: `${OURS}check-safety`,
    levels: ['system'],
    methods: ['POST'],
    permission: 'r',
    scopeType: 'Patient',
    run: checkSafetyOperation,
  },
  {
    name: 'check-safety',
    definition: `${OURS}patient-check-safety`,
    levels: ['instance'],
    types: ['Patient'],
    methods: ['POST'],
    permission: 'r',
    run: checkSafetyOperation,
  },
  {
    name: 'combined-medication-list',
    definition: `${OURS}combined-medication-list`,
    levels: ['instance'],
    types: ['Patient'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: combinedMedicationList,
  },
  {
    name: 'interpret',
    definition: `${OURS}report-interpret`,
    levels: ['instance'],
    types: ['DiagnosticReport'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: interpretReport,
  },
  {
    name: 'interpret',
    definition: `${OURS}observation-interpret`,
    levels: ['type', 'instance'],
    types: ['Observation'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: interpretObservations,
  },
  {
    name: 'acknowledge',
    definition: `${OURS}acknowledge`,
    levels: ['instance'],
    types: ['Task'],
    methods: ['POST'],
    permission: 'u',
    run: acknowledge,
  },
  {
    name: 'release-now',
    definition: `${OURS}release-now`,
    levels: ['instance'],
    types: ['DiagnosticReport', 'Observation'],
    methods: ['POST'],
    permission: 'r',
    run: releaseNow,
  },
  {
    name: 'spoken',
    definition: `${OURS}spoken`,
    levels: ['instance'],
    types: ['DiagnosticReport', 'Observation'],
    methods: ['POST'],
    permission: 'r',
    run: spoken,
  },
  {
    name: 'interpretation',
    definition: `${OURS}interpretation`,
    levels: ['instance'],
    types: ['DiagnosticReport'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: readerInterpretation,
  },
  {
    name: 'read-report',
    definition: `${OURS}read-report`,
    levels: ['system'],
    methods: ['POST'],
    permission: 'r',
    scopeType: 'DiagnosticReport',
    run: readReportOperation,
  },
  {
    name: 'read-report',
    definition: `${OURS}stored-report-read`,
    levels: ['instance'],
    types: ['DiagnosticReport'],
    methods: ['GET', 'POST'],
    permission: 'r',
    run: readReportOperation,
  },
];
