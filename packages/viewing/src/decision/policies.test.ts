import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourceTypes } from '@meridian/fhir';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LABELS } from '../labels/label.ts';
import { listedTypes } from './categories.ts';
import { DecisionTable } from './decision-table.ts';
import { DEFAULT_POLICIES, type DecisionClass, openPolicies } from './policies.ts';
import { ACTIONS, CATEGORIES, OUTCOMES, PURPOSES, RELATIONS, ROLES } from './vocabulary.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meridian-policies-'));
  cpSync(DEFAULT_POLICIES, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const CLASS: DecisionClass = {
  roles: ['nurse'],
  purpose: 'treatment',
  relation: 'treating-person',
  consent: 'none',
  category: 'clinical',
  label: 'normal',
  action: 'read',
};

test('a policy that does not parse, or speaks of what the schema does not know, stops the start with file and line', () => {
  const open = (text: string) => () => {
    writeFileSync(join(folder, 'mistake.cedar'), text);
    openPolicies(folder);
  };
  expect(open('// first\npermit (principal, action, resuorce);')).toThrow(/^mistake\.cedar:2 /);
  expect(open('\n\npermit (principal in Role::"nurze", action, resource);')).toThrow(/^mistake\.cedar:3 .*nurze/s);
  expect(open('permit (principal, action, resource) when { context.colour == 1 };')).toThrow(/^mistake\.cedar:1 /);
  expect(open('permit (principal == ?principal, action, resource);')).toThrow(/mistake\.cedar/);
  expect(open('// nothing')).toThrow(/mistake\.cedar/);
});

test('a folder without schema or policies stops the start', () => {
  rmSync(join(folder, 'schema.cedarschema'));
  expect(() => openPolicies(folder)).toThrow(/schema\.cedarschema cannot be read/);
  expect(() => openPolicies(join(folder, 'absent'))).toThrow(/cannot be read/);
});

test('the words of the code and of the schema are the same', () => {
  const { schema } = openPolicies();
  const words = (entity: string) =>
    [...(new RegExp(`entity ${entity} enum \\[([^\\]]*)\\]`).exec(schema)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(
      ([, word]) => word,
    );
  expect(words('Role')).toEqual(ROLES);
  expect(words('Relation')).toEqual(RELATIONS);
  expect(words('Purpose')).toEqual(PURPOSES);
  expect(words('Category')).toEqual(CATEGORIES);
  expect(words('Outcome')).toEqual(OUTCOMES);
  expect(words('Label')).toEqual(LABELS);
  expect(/^action (.*) appliesTo/m.exec(schema)?.[1]?.split(', ')).toEqual(ACTIONS);
});

test('every type whose kind is named is one of FHIR R4', () => {
  const known = new Set(resourceTypes());
  expect(listedTypes().filter((type) => !known.has(type))).toEqual([]);
  expect(new Set(listedTypes()).size).toBe(listedTypes().length);
});

test('a decision names the policies that made it', () => {
  const policies = openPolicies();
  expect(policies.decideClass(CLASS)).toEqual({ allowed: true, policies: ['treating-person'] });
  expect(policies.decideClass({ ...CLASS, consent: 'deny' })).toEqual({ allowed: false, policies: ['consent-deny'] });
  expect(policies.decideClass({ ...CLASS, relation: 'none' })).toEqual({ allowed: false, policies: [] });
  expect(policies.names).toContain('self-writes-2');
});

test('the table answers as the policies do, each time it is asked', () => {
  const policies = openPolicies();
  const table = new DecisionTable(policies);
  for (const label of [...LABELS, ...LABELS]) {
    const asked = { ...CLASS, label };
    expect(table.decide(asked, 'read', 'clinical', 'none', label)).toEqual(policies.decideClass(asked));
  }
});

test('without a role, or for a purpose that is not known, no record of a patient is open', () => {
  const policies = openPolicies();
  for (const relation of RELATIONS) {
    if (relation === 'nobody' || relation === 'self') continue;
    for (const consent of OUTCOMES) {
      for (const category of CATEGORIES) {
        const asked = { ...CLASS, relation, consent, category };
        expect(policies.decideClass({ ...asked, purpose: 'other', roles: ['nurse', 'patient', 'proxy'] }).allowed).toBe(
          false,
        );
        expect(policies.decideClass({ ...asked, roles: ['administrator', 'nurse'], action: 'read' }).allowed).toBe(
          false,
        );
      }
    }
  }
});
