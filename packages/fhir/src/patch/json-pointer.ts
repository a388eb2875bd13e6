import { PatchError } from './patch-error.ts';

/** Deeper pointers than this do not occur in FHIR, and patches must not build what cannot be serialised. */
const MAX_TOKENS = 128;

/** The reference tokens of a JSON Pointer (RFC 6901 §§ 3, 4): `/a~1b/0` → `a/b`, `0`. Throws for what is none. */
export function pointerTokens(pointer: unknown, member: 'path' | 'from', operation: number): string[] {
  if (typeof pointer !== 'string') throw new PatchError(400, `"${member}" must be a JSON Pointer.`, operation);
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PatchError(400, `"${member}" must be empty or begin with "/".`, operation);
  const parts = pointer.slice(1).split('/');
  if (parts.length > MAX_TOKENS)
    throw new PatchError(400, `"${member}" is deeper than ${MAX_TOKENS} levels.`, operation);
  return parts.map((part) => {
    if (/~(?![01])/.test(part)) {
      throw new PatchError(400, `In "${member}" a "~" must be written "~0", and a "/" within a name "~1".`, operation);
    }
    const token = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (token === '__proto__') throw new PatchError(400, `"${member}" must not name "__proto__".`, operation);
    return token;
  });
}
