import type { IncomingMessage } from 'node:http';
import type { BulkImport, Context, ImportCounts, ImportReport } from '@meridian/records';
import { ndjsonUnits } from './bulk/ndjson-units.ts';
import type { Answer } from './fhir/request.ts';
import { BUNDLE_LIMIT, readBody } from './http/body.ts';
import { refusal } from './http/http-error.ts';
import { isJson, mediaType } from './http/media.ts';

/** Units under way at a time: they run in worker threads, and each is held in memory. */
const PARALLEL = 3;
const MOST_REJECTED = 1000;
const NDJSON_TYPES = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson']);

/**
 * `POST /exchange/import`: takes one Bundle, or NDJSON of any length, and answers when all of it is stored: counts by
 * type and the refused entries. Resources keep their ids, so sending the same again stores nothing twice.
 */
export async function exchangeImport(message: IncomingMessage, bulk: BulkImport, context: Context): Promise<Answer> {
  // a large unit may take longer than a silent connection is otherwise given
  message.socket.setTimeout(0);
  const type = message.headers['content-type'];
  let report: ImportReport;
  if (NDJSON_TYPES.has(mediaType(type))) report = await importLines(message, bulk, context);
  else if (isJson(type)) {
    const body = await readBody(message, BUNDLE_LIMIT, message.headers['content-length']);
    report = await bulk.run({ format: 'bundle', body }, context);
  } else {
    throw refusal(415, 'not-supported', 'Send a Bundle as application/fhir+json, or lines as application/fhir+ndjson.');
  }
  return { status: 200, contentType: 'application/json', body: Buffer.from(JSON.stringify(report)) };
}

async function importLines(message: IncomingMessage, bulk: BulkImport, context: Context): Promise<ImportReport> {
  const sum: ImportReport = { total: none(), byType: {}, rejected: [] };
  const underWay = new Set<Promise<void>>();
  let lines = 0;
  for await (const unit of ndjsonUnits(message)) {
    const before = lines;
    lines += unit.lines;
    const work: Promise<void> = bulk
      .run({ format: 'ndjson', body: unit.body }, context)
      .then((report) => addReport(sum, report, before))
      .finally(() => underWay.delete(work));
    underWay.add(work);
    if (underWay.size >= PARALLEL) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  sum.rejected.sort((one, other) => one.index - other.index);
  return sum;
}

function addReport(sum: ImportReport, report: ImportReport, linesBefore: number): void {
  addCounts(sum.total, report.total);
  for (const [type, counts] of Object.entries(report.byType)) {
    const standing = sum.byType[type] ?? none();
    sum.byType[type] = standing;
    addCounts(standing, counts);
  }
  for (const rejected of report.rejected) {
    if (sum.rejected.length >= MOST_REJECTED) return;
    sum.rejected.push({ ...rejected, index: rejected.index + linesBefore });
  }
}

function addCounts(sum: ImportCounts, counts: ImportCounts): void {
  sum.read += counts.read;
  sum.created += counts.created;
  sum.updated += counts.updated;
  sum.unchanged += counts.unchanged;
  sum.rejected += counts.rejected;
}

function none(): ImportCounts {
  return { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
}
