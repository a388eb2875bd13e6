import type { Finding } from './tree.ts';

/** The part of package-lock.json (version 3) that is checked. */
export interface Lockfile {
  packages: Record<string, { resolved?: string; link?: boolean; optionalDependencies?: Record<string, string> }>;
}

/**
 * A lockfile that `npm ci` takes on one machine only: npm leaves out optional dependencies that its registry could not
 * give it when the file was written (binaries for other platforms), and elsewhere refuses the file because they are
 * missing. And one that names a host.
 */
export function checkLockfile({ packages }: Lockfile): Finding[] {
  const path = 'package-lock.json';
  return Object.entries(packages).flatMap(([at, { resolved, link, optionalDependencies = {} }]) => {
    const missing = Object.keys(optionalDependencies)
      .filter((name) => !foldersAbove(at).some((folder) => `${folder}node_modules/${name}` in packages))
      .map((name) => ({ path, message: `lacks ${name}, an optional dependency of ${at}: add its entry` }));
    const host = resolved !== undefined && !link ? [{ path, message: `names the host that ${at} came from` }] : [];
    return [...missing, ...host];
  });
}

/** Where Node looks for the dependencies of a package: its own folder and those above, each with a final slash. */
function foldersAbove(at: string): string[] {
  const parts = at.split('/node_modules/');
  return [...parts.map((_, index) => `${parts.slice(0, index + 1).join('/node_modules/')}/`), ''];
}
