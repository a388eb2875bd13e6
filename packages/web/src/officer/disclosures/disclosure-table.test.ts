import { expect, test } from 'vitest';
import { disclosureTable } from './disclosure-table.ts';

const LOOK = {
  id: '0000000000000007',
  at: '2026-11-23T10:00:00Z',
  who: 'HO "何"',
  actor: 'Practitioner/d',
  act: 'read',
  purpose: 'TREAT',
  refused: false,
  role: 'nurse',
  organization: 'Organization/h',
  types: [['Observation', 2]] as const,
};

test('each look is a line of ten cells, quotes doubled', () => {
  const [, line = ''] = disclosureTable([LOOK], () => 'Clinic, North').split('\r\n');
  expect(line).toBe(
    '"2026-11-23T10:00:00Z","HO ""何""","Practitioner/d","nurse","Clinic, North","read","TREAT","shown","Observation 2","0000000000000007"',
  );
});

test('a name is never a formula', () => {
  expect(disclosureTable([{ ...LOOK, who: '=HYPERLINK("x")' }], (one) => one)).toContain('"\'=HYPERLINK(""x"")"');
});
