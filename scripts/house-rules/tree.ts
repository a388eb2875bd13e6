import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Import, importsOf } from './imports.ts';

/** A source file of the repository. */
export interface Source {
  /** From the root, with forward slashes. */
  path: string;
  text: string;
  imports: readonly Import[];
}

/** One of our packages. */
export interface Package {
  /** Its folder's name: `records` of `@meridian/records`. */
  name: string;
  manifest: Manifest;
  sources: readonly Source[];
}

export interface Manifest {
  name: string;
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** A rule that is broken: where, and what to do. */
export interface Finding {
  path: string;
  message: string;
  /** A warning does not fail the check. */
  warning?: true;
}

/** Paths of all files that are or could be committed. */
export function listFiles(root: string): string[] {
  const output = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  return output.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** Reads the packages among these files. Generated code is not ours to judge. */
export function readPackages(root: string, files: readonly string[]): Package[] {
  const manifests = files.filter((path) => /^packages\/[^/]+\/package\.json$/.test(path));
  return manifests.map((path) => {
    const name = path.split('/')[1] as string;
    const own = files.filter((file) => file.startsWith(`packages/${name}/`) && isSource(file));
    return {
      name,
      manifest: JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest,
      sources: own.map((file) => readSource(root, file)),
    };
  });
}

function isSource(path: string): boolean {
  return /\.(?:tsx?|mjs)$/.test(path) && !path.endsWith('.d.ts') && !path.includes('/generated/');
}

function readSource(root: string, path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, imports: importsOf(path.endsWith('.tsx') ? withoutJsx(text) : text) };
}

/** The imports alone: the lexer knows no JSX, whose text may hold what looks like an open string. */
function withoutJsx(text: string): string {
  const statements = text.match(/^(?:import|export)\b[^;]*?'[^']+';|\bimport\('[^']+'\)/gm);
  return (statements ?? []).join('\n');
}
