import { posix } from 'node:path';
import { FLOORS } from './floors.ts';
import { packageOf } from './imports.ts';
import type { Finding, Manifest, Package, Source } from './tree.ts';

const SCOPE = '@meridian/';

/** Imports that run upward between packages, pass by a package's public face, or leave the package by a path. */
export function checkDirection(packages: readonly Package[]): Finding[] {
  const faces = new Map(packages.map(({ manifest }) => [manifest.name, Object.keys(manifest.exports ?? {})]));
  return packages.flatMap(({ name, sources }) =>
    sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier }): Finding[] => {
        const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
        if (target !== undefined && !target.startsWith(`packages/${name}/`) && target.startsWith('packages/')) {
          return [{ path, message: `imports ${specifier}: import the package by its name` }];
        }
        if (!specifier.startsWith(SCOPE)) return [];
        const wanted = packageOf(specifier) as string;
        const short = wanted.slice(SCOPE.length);
        if (short !== name && !FLOORS[name]?.includes(short)) {
          return [{ path, message: `imports ${wanted}, which ${name} may not know (scripts/house-rules/floors.ts)` }];
        }
        const face = faces.get(wanted);
        if (face === undefined) return [{ path, message: `imports ${wanted}, which does not exist` }];
        if (face.includes(`.${specifier.slice(wanted.length)}`)) return [];
        return [{ path, message: `imports ${specifier}, which ${wanted} does not export in its package.json` }];
      }),
    ),
  );
}

/** Circles of imports between the files of a package. Type imports count: a circle of them is one concept in two files. */
export function checkCircles(packages: readonly Package[]): Finding[] {
  return packages.flatMap(({ sources }) => {
    const edges = new Map(sources.map((source) => [source.path, neighbours(source)]));
    return circles(edges).map((circle) => ({
      path: circle[0] as string,
      message: `is in a circle of imports: ${[...circle.slice(1), circle[0]].map((path) => posix.basename(path as string)).join(' → ')}`,
    }));
  });
}

/** Dependencies that are imported and not declared, declared and not imported, or not pinned. */
export function checkManifests(packages: readonly Package[], root: Manifest): Finding[] {
  return packages.flatMap((one) => {
    const path = `packages/${one.name}/package.json`;
    const { dependencies = {}, optionalDependencies = {}, devDependencies = {} } = one.manifest;
    const declared = { ...dependencies, ...optionalDependencies };
    const undeclared = one.sources.flatMap((source) =>
      bareImports(source)
        .filter((name) => name !== one.manifest.name && !(name in declared))
        .filter((name) => !(`@types/${name}` in devDependencies && isTypeOnly(source, name)))
        .filter((name) => !isTooling(source.path) || !(name in devDependencies || name in (root.devDependencies ?? {})))
        .map((name) => ({ path: source.path, message: `imports ${name}, which ${path} does not declare` })),
    );
    const text = one.sources.map((source) => source.text).join('\n');
    const unused = Object.keys(dependencies)
      .filter((name) => !text.includes(`'${name}'`) && !text.includes(`'${name}/`))
      .map((name): Finding => ({ path, message: `declares ${name}, which nothing imports`, warning: true }));
    const loose = Object.entries({ ...declared, ...devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => ({ path, message: `asks for ${name} ${version}: pin one exact version` }));
    return [...undeclared, ...unused, ...loose];
  });
}

/** Code that is not part of the product: tests, their helpers, generators. */
function isTooling(path: string): boolean {
  return /\.test\.tsx?$|\/testing\/|\/tools\//.test(path) || path.endsWith('.config.ts');
}

/** Whether a source takes nothing but types from a package, so that the package need not be there at run time. */
function isTypeOnly({ imports }: Source, name: string): boolean {
  return imports.every(({ specifier, typeOnly }) => typeOnly || packageOf(specifier) !== name);
}

function bareImports({ imports }: Source): string[] {
  return [...new Set(imports.flatMap(({ specifier }) => packageOf(specifier) ?? []))];
}

function neighbours({ path, imports }: Source): string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
}

/** One circle for each edge that closes one on a depth-first walk. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (path: string): void => {
    if (done.has(path)) return;
    const seen = trail.indexOf(path);
    if (seen >= 0) {
      found.push(trail.slice(seen));
      return;
    }
    trail.push(path);
    for (const next of edges.get(path) ?? []) walk(next);
    trail.pop();
    done.add(path);
  };
  for (const path of edges.keys()) walk(path);
  return found;
}
