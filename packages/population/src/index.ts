export type { PopulationOptions } from './options.ts';
export { PopulationOptionsError } from './options.ts';
export { isRealHkid } from './people/hkid.ts';
export { generatePopulation, patientRecord, sharedResources } from './population.ts';
