import { init, parse } from 'es-module-lexer';

/** One import of a source file. */
export interface Import {
  specifier: string;
  /** `import type`, `export type … from`: gone at run time. */
  typeOnly: boolean;
}

await init;

/** The imports of a TypeScript source with literal specifiers, dynamic ones included. */
export function importsOf(source: string): Import[] {
  const [imports] = parse(source);
  return imports.flatMap((one): Import[] => {
    if (one.type === 'import-meta' || one.specifier === undefined) return [];
    const typeOnly = one.type === 'dynamic' ? one.probablyTypeOnly : one.typeOnly;
    return [{ specifier: one.specifier, typeOnly }];
  });
}

/** The npm package that a bare specifier names; undefined for a relative path, Node's own modules and subpath imports. */
export function packageOf(specifier: string): string | undefined {
  if (/^(?:\.|\/|#|node:|data:)/.test(specifier)) return undefined;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
