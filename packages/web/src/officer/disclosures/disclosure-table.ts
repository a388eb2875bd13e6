import type { Look } from '../../records/looks.ts';

const HEAD = ['time', 'who', 'reference', 'role', 'organisation', 'act', 'purpose', 'outcome', 'records', 'event'];

/** The looks as CSV (RFC 4180), headed in English, which other programs read. */
export function disclosureTable(looks: readonly Look[], placeOf: (organization: string) => string): string {
  const rows = looks.map((look) => [
    look.at,
    look.who,
    look.actor ?? '',
    look.role,
    look.organization === undefined ? '' : placeOf(look.organization),
    look.act,
    look.purpose,
    look.refused ? 'refused' : 'shown',
    look.types.map(([type, count]) => `${type} ${count}`).join('; '),
    look.id,
  ]);
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Quoted always; a first character that spreadsheets take for a formula is kept from being one (OWASP, CSV injection). */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
