import type { ImportReport } from '@meridian/records';
import { CommandError } from '../command-error.ts';
import type { Answer, Client } from '../connection/client.ts';
import { allRejected, compare, type UnitResult } from './counts.ts';
import { type Batch, isObject } from './unit.ts';

const CONTENT_TYPE = { bundle: 'application/fhir+json', ndjson: 'application/fhir+ndjson' };

/** Sends a unit to `POST /exchange/import`. A unit that the server refuses as a whole counts as rejected in all its parts. */
export async function sendUnit(client: Client, unit: Batch): Promise<UnitResult> {
  const answer = await client.call({
    method: 'POST',
    url: '/exchange/import',
    headers: { 'content-type': CONTENT_TYPE[unit.format], accept: 'application/json' },
    body: unit.body,
  });
  if (answer.status === 200) return compare(unit, reportOf(answer));
  if (answer.status === 404 || answer.status === 405) {
    throw new CommandError('The server takes no imports at /exchange/import; is it a Meridian server of this version?');
  }
  return allRejected(unit, issuesOf(answer));
}

function reportOf({ body }: Answer): ImportReport {
  const value = parse(body);
  if (!isObject(value) || !isObject(value.total) || !isObject(value.byType) || !Array.isArray(value.rejected)) {
    throw new CommandError('The server answered an import with something else than a report; is it a Meridian server?');
  }
  return value as unknown as ImportReport;
}

/** The issues of an OperationOutcome. */
function issuesOf({ status, body }: Answer): ImportReport['rejected'][number]['issues'] {
  const outcome = parse(body);
  if (isObject(outcome) && Array.isArray(outcome.issue) && outcome.issue.length > 0) return outcome.issue;
  return [{ severity: 'error', code: 'exception', diagnostics: `The server answered with status ${status}.` }];
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
