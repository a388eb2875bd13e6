/** One place where two versions differ. */
export interface Change {
  /** Such as `component[0].valueQuantity.value`. */
  path: string;
  /** As JSON; undefined: there was nothing. */
  before: string | undefined;
  after: string | undefined;
}

const MOST = 200;
const LONGEST = 2000;
/** They differ between any two versions. */
const LEFT_OUT = new Set(['meta.versionId', 'meta.lastUpdated']);

/** What changed from one version to the next, leaf by leaf; lists are compared place by place. */
export function changesOf(before: unknown, after: unknown): Change[] {
  const changes: Change[] = [];
  collect(before, after, '', changes);
  return changes.slice(0, MOST);
}

function collect(before: unknown, after: unknown, path: string, changes: Change[]): void {
  if (changes.length >= MOST || LEFT_OUT.has(path) || Object.is(before, after)) return;
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const name of names) collect(before[name], after[name], join(path, name, Array.isArray(before)), changes);
    return;
  }
  changes.push({ path, before: text(before), after: text(after) });
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function join(path: string, name: string, inList: boolean): string {
  if (inList) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value).slice(0, LONGEST);
}
