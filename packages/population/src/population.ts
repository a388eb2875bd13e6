import type { Resource } from '@meridian/fhir';
import { Dice } from './chance/dice.ts';
import { institutions } from './institutions/organizations.ts';
import { practitionerResources, staff } from './institutions/practitioners.ts';
import { type PopulationOptions, PopulationOptionsError, windowOf } from './options.ts';
import { recordOf } from './patient-record.ts';

/**
 * Makes a population lazily: first the shared resources, then one array for each patient, the Patient first in it. All
 * are FHIR R4 with ids and references ready for import; a reference points to the same array, to the shared resources or
 * to an array that came before. Throws {@link PopulationOptionsError} before anything is made.
 *
 * @example
 * for (const resources of generatePopulation({ patients: 100, seed: 7, years: 20, until: '2026-01-31' })) {
 *   console.log(resources.length);
 * }
 */
export function generatePopulation(options: PopulationOptions): Iterable<Resource[]> {
  const window = windowOf(options);
  const { patients, seed } = options;
  const colleagues = staff(seed);
  return {
    *[Symbol.iterator]() {
      yield sharedResources(options);
      for (let index = 0; index < patients; index++) yield recordOf(seed, index, patients, window, colleagues);
    },
  };
}

/** The region: Organizations, Locations, Practitioners, PractitionerRoles. Depends on the seed alone. */
export function sharedResources(options: PopulationOptions): Resource[] {
  windowOf(options);
  return [
    ...institutions(options.seed, new Dice(`${options.seed}/institutions`)),
    ...practitionerResources(options.seed),
  ];
}

/**
 * The record of one patient, the same as at that place in {@link generatePopulation}.
 *
 * @param index from 0 to `options.patients - 1`; anything else throws {@link PopulationOptionsError}.
 */
export function patientRecord(options: PopulationOptions, index: number): Resource[] {
  const window = windowOf(options);
  if (!Number.isSafeInteger(index) || index < 0 || index >= options.patients) {
    throw new PopulationOptionsError(`index must be a whole number from 0 to ${options.patients - 1}.`);
  }
  return recordOf(options.seed, index, options.patients, window, staff(options.seed));
}
