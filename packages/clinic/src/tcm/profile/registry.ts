import { ProfileRegistry, Terminology } from '@meridian/fhir';
import { tcmCareProfiles } from './care.ts';
import { tcmCodeSystems, tcmValueSets } from './code-systems.ts';
import { tcmExtensions } from './extensions.ts';
import { tcmObservationProfiles } from './observations.ts';
import type { StructureDefinition } from './structure.ts';

/** All our StructureDefinitions: extensions first, then the profiles that use them. */
export function tcmProfiles(): (StructureDefinition & { id: string })[] {
  return [...tcmExtensions(), ...tcmObservationProfiles(), ...tcmCareProfiles()];
}

/** Adds our profiles to a registry, and their code systems and value sets to its terminology. */
export function addTcmProfiles(profiles: ProfileRegistry, terminology: Terminology): void {
  for (const system of tcmCodeSystems()) terminology.add(system);
  for (const valueSet of tcmValueSets()) terminology.add(valueSet);
  for (const profile of tcmProfiles()) profiles.add(profile);
}

/** A registry that knows R4 and our profiles, for `validate(resource, { profiles })`. */
export function tcmProfileRegistry(): ProfileRegistry {
  const terminology = new Terminology();
  const profiles = new ProfileRegistry(terminology);
  addTcmProfiles(profiles, terminology);
  return profiles;
}
