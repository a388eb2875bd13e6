import { isResourceType } from '../definitions.ts';
import type { Issue } from '../issue.ts';
import { checkResource } from './structure.ts';
import { isObject, Walk } from './walk.ts';

/** What a caller may ask of a validation beyond the base rules. */
export interface ValidateOptions {
  /** Also report best practices and other rules of severity "warning", such as dom-6 (a resource has a narrative). */
  bestPractice?: boolean;
}

/**
 * Checks a parsed JSON resource strictly against FHIR R4 (4.0.1). Never throws; an empty list means valid, and so does a
 * list of warnings only (`hasErrors` tells). At most 100 issues are reported, and 64 levels of elements walked.
 *
 * @example
 * validate({ resourceType: 'Patient', gender: 'f' });
 * // [{ severity: 'error', code: 'code-invalid', expression: ['Patient.gender'], diagnostics: 'Use a code of …' }]
 */
export function validate(resource: unknown, options: ValidateOptions = {}): Issue[] {
  if (!isObject(resource)) {
    return [
      { severity: 'error', code: 'structure', diagnostics: 'Send a resource: a JSON object with a resourceType.' },
    ];
  }
  const walk = new Walk(resource, options.bestPractice ?? false);
  checkResource(resource, walk, false);
  const type = resource.resourceType;
  walk.within(0, typeof type === 'string' && isResourceType(type) ? type : 'Resource');
  return walk.issues();
}
