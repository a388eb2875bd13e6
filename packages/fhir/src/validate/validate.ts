import { isResourceType } from '../definitions.ts';
import type { Issue } from '../issue.ts';
import { checkResource } from './structure.ts';
import { isObject, type ValidateOptions, Walk } from './walk.ts';

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
  const walk = new Walk(resource, options);
  checkResource(resource, walk, false);
  const type = resource.resourceType;
  walk.within(0, typeof type === 'string' && isResourceType(type) ? type : 'Resource');
  return walk.issues();
}
