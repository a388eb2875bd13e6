import type { Operation } from '../fhir/operation.ts';
import { convert } from './convert.ts';

/** Takes in and converts files; see `convert`. */
export const CONVERT_OPERATIONS: readonly Operation[] = [
  {
    name: 'convert',
    definition: 'urn:meridian:operation:convert',
    levels: ['system'],
    methods: ['POST'],
    permission: 'c',
    scopeType: 'DocumentReference',
    body: 'bundle',
    run: convert,
  },
];
