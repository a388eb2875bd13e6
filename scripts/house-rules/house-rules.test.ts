import { describe, expect, test } from 'vitest';
import { checkCircles, checkDirection, checkManifests } from './dependencies.ts';
import { importsOf, packageOf } from './imports.ts';
import { checkLockfile } from './lockfile.ts';
import type { Package } from './tree.ts';
import { checkLength, checkWords } from './words.ts';

describe('imports', () => {
  test('of values and of types are told apart, whatever their form', () => {
    const source = `
      import { a, type B } from './values.ts';
import type { C } from './types.ts';
import type D from 'default-type';
export type { E } from './more-types.ts';
export * from './star.ts';
export type F = { x: typeof import('nothing') };
const g: string = await import('dynamic') as unknown as string;
// import { h } from './comment.ts';
const i = "import { j } from './string.ts'";`;
    expect(importsOf(source)).toEqual([
      { specifier: './values.ts', typeOnly: false },
      { specifier: './types.ts', typeOnly: true },
      { specifier: 'default-type', typeOnly: true },
      { specifier: './more-types.ts', typeOnly: true },
      { specifier: './star.ts', typeOnly: false },
      { specifier: 'dynamic', typeOnly: false },
    ]);
  });

  test('name the package they need', () => {
    const names = ['./a.ts', 'node:fs', '#inner', 'pg', 'pg/lib/x.js', '@scope/name', '@scope/name/deep'];
    expect(names.map(packageOf)).toEqual([
      ...[undefined, undefined, undefined],
      ...['pg', 'pg', '@scope/name', '@scope/name'],
    ]);
  });
});

describe('direction', () => {
  test('upward is refused, also for types', () => {
    const packages = [
      pack('records', { 'src/a.ts': "import { x } from '@meridian/fhir';" }),
      pack('fhir', { 'src/b.ts': "import type { y } from '@meridian/records';" }),
    ];
    expect(checkDirection(packages).map(({ path }) => path)).toEqual(['packages/fhir/src/b.ts']);
  });

  test('only the public face of a package may be imported, and only by name', () => {
    const packages = [
      pack('fhir', {}),
      pack('clinic', {
        'src/a.ts': "import { x } from '@meridian/fhir/src/inner.ts';",
        'src/b.ts': "import { x } from '../../fhir/src/index.ts';",
        'src/c.ts': "import { x } from '../tools/own.ts';",
        'src/d.ts': "import { x } from '@meridian/fhir';",
      }),
    ];
    const paths = checkDirection(packages).map(({ path }) => path);
    expect(paths).toEqual(['packages/clinic/src/a.ts', 'packages/clinic/src/b.ts']);
  });

  test('a circle of files is found once', () => {
    const circle = pack('fhir', {
      'src/a.ts': "import { b } from './b.ts';",
      'src/b.ts': "import type { c } from './c.ts';",
      'src/c.ts': "import { a } from './a.ts';",
      'src/d.ts': "import { a } from './a.ts';",
    });
    expect(checkCircles([circle]).map(({ message }) => message)).toEqual([
      'is in a circle of imports: b.ts → c.ts → a.ts',
    ]);
    expect(checkCircles([pack('fhir', { 'src/a.ts': "import { b } from './b.ts';", 'src/b.ts': '' })])).toEqual([]);
  });
});

describe('package.json', () => {
  const source = { 'src/a.ts': "import 'used';", 'src/a.test.ts': "import 'vitest';" };
  const root = { name: 'root', devDependencies: { vitest: '1.0.0' } };

  test('agrees with the imports', () => {
    expect(checkManifests([pack('fhir', source, { used: '1.2.3' })], root)).toEqual([]);
  });

  test('without what is imported, with what is not, and with a range', () => {
    expect(checkManifests([pack('fhir', source, {})], root)[0]?.message).toContain('imports used');
    const [unused] = checkManifests([pack('fhir', source, { used: '1.2.3', other: '1.2.3' })], root);
    expect(unused?.message).toContain('declares other');
    const [loose] = checkManifests([pack('fhir', source, { used: '^1.2.3' })], root);
    expect(loose?.message).toContain('pin one exact version');
  });

  test('a development dependency is for tests only', () => {
    const [finding] = checkManifests([pack('fhir', { 'src/a.ts': "import 'vitest';" })], root);
    expect(finding?.message).toContain('imports vitest');
  });
});

test('a lockfile lists the optional dependencies of every platform, and names no host', () => {
  const tool = { optionalDependencies: { inner: '1.0.0', hoisted: '1.0.0' } };
  const packages = {
    'node_modules/a/node_modules/tool': tool,
    'node_modules/a/node_modules/tool/node_modules/inner': {},
  };
  expect(checkLockfile({ packages: { ...packages, 'node_modules/hoisted': {} } })).toEqual([]);
  expect(checkLockfile({ packages: { ...packages, 'node_modules/a/node_modules/hoisted': {} } })).toEqual([]);
  expect(checkLockfile({ packages: { ...packages, 'node_modules/b/node_modules/hoisted': {} } })).toHaveLength(1);
  expect(checkLockfile({ packages: { 'node_modules/a': { resolved: 'https://example.org/a.tgz' } } })).toHaveLength(1);
});

describe('words', () => {
  test("paths of someone's machine are found, routes and options are not", () => {
    const lines = [`cd ${'/ho'}me/someone/meridian`, `'${'/wo'}rk/tree'`, 'GET /fhir/Patient', './work/x', 'a/home/b'];
    expect(checkWords('a.md', lines.join('\n')).map(({ path }) => path)).toEqual(['a.md:1', 'a.md:2']);
  });

  test('a long file is a warning', () => {
    expect(checkLength('a.ts', 'x\n'.repeat(500))).toMatchObject([{ warning: true }]);
    expect(checkLength('a.ts', 'x\n'.repeat(300))).toEqual([]);
  });
});

function pack(name: string, files: Record<string, string>, dependencies: Record<string, string> = {}): Package {
  return {
    name,
    manifest: { name: `@meridian/${name}`, exports: { '.': './src/index.ts' }, dependencies },
    sources: Object.entries(files).map(([path, text]) => ({
      path: `packages/${name}/${path}`,
      text,
      imports: importsOf(text),
    })),
  };
}
