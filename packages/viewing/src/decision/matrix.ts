import { LABELS } from '../labels/label.ts';
import type { Role } from '../viewer.ts';
import type { DecisionTable, Standing } from './decision-table.ts';
import { ACTIONS, CATEGORIES, type Category, type Outcome, PURPOSES, RELATIONS, ROLES } from './vocabulary.ts';

/**
 * The authorisation matrix as two tables in Markdown: what each role may do, by relation, purpose, kind of record and what
 * the patient's consents say; and which labels stay closed. Rows that say the same are put together.
 */
export function authorisationMatrix(table: DecisionTable): string {
  return [
    tableOf(
      'may',
      CATEGORIES,
      rows((standing) => CATEGORIES.map((category) => may(table, standing, category))),
    ),
    '',
    'Labels of clinical records that are open for reading, in the same notation:',
    '',
    tableOf(
      'reads',
      LABELS,
      rows((standing) => openLabels(table, standing)),
    ),
  ].join('\n');
}

function may(table: DecisionTable, standing: Standing, category: Category): string {
  const writes = ACTIONS.filter(
    (action) => action !== 'read' && table.decide(standing, action, category, 'none', 'normal').allowed,
  );
  return read(table, standing, category, 'normal') + writes.map((action) => action[0]?.toUpperCase()).join('');
}

function openLabels(table: DecisionTable, standing: Standing): string[] {
  if (read(table, standing, 'clinical', 'normal') === '') return LABELS.map(() => '');
  return LABELS.map((label) => read(table, standing, 'clinical', label));
}

/**
 * `R`: unless the patient says No; `R!`: even then; `(R)`: only if the patient says Yes, which is the same for every relation
 * and so stands with `none` alone.
 */
function read(table: DecisionTable, standing: Standing, category: Category, label: (typeof LABELS)[number]): string {
  const open = (consent: Outcome): boolean => table.decide(standing, 'read', category, consent, label).allowed;
  if (open('none')) return open('deny') ? 'R!' : 'R';
  return standing.relation === 'none' && open('permit') ? '(R)' : '';
}

/** A purpose that is not known opens nothing. */
const KNOWN = PURPOSES.filter((purpose) => purpose !== 'other');

interface Row {
  relation: string;
  roles: Role[];
  purposes: string;
  cells: readonly string[];
}

function rows(cellsFor: (standing: Standing) => string[]): Row[] {
  const found = new Map<string, Row>();
  for (const relation of RELATIONS) {
    for (const role of ROLES) {
      // programs may do what their scopes say (system.cedar), for any purpose and relation
      if (role === 'system') continue;
      const byCells = Map.groupBy(KNOWN, (purpose) => cellsFor({ roles: [role], purpose, relation }).join('|'));
      for (const [text, purposes] of byCells) {
        const cells = text.split('|');
        if (cells.every((cell) => cell === '')) continue;
        const key = `${relation} ${text} ${purposes}`;
        const row = found.get(key) ?? { relation, roles: [], purposes: shortened(purposes), cells };
        row.roles.push(role);
        found.set(key, row);
      }
    }
  }
  return [...found.values()];
}

function shortened(purposes: readonly string[]): string {
  return purposes.length === KNOWN.length ? 'any' : purposes.join(', ');
}

function tableOf(what: string, columns: readonly string[], content: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const roles = (row: Row): string => (row.roles.length === ROLES.length - 1 ? 'any' : row.roles.join(', '));
  return [
    line(['relation', `role that ${what}`, 'purpose', ...columns]),
    line(Array.from({ length: columns.length + 3 }, () => '---')),
    ...content.map((row) => line([row.relation, roles(row), row.purposes, ...row.cells])),
  ].join('\n');
}
