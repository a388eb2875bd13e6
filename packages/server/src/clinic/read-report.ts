import { LONGEST_TEXT, readReport, toFhir } from '@meridian/clinic';
import { patientIdOf, type Resource } from '@meridian/fhir';
import type { Target } from '../fhir/operation.ts';
import { parseStored, resourceAnswer } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import { requireLive } from '../fhir/read.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { patientIdIn } from './patient-record.ts';

/**
 * `$read-report` on a DiagnosticReport (its conclusion and plain-text forms), or on the system with `text` and `patient`:
 * what the words say, as proposals, each with the characters it rests on. Nothing is stored: a person reads it, and then
 * signs it or not. The `text` that the characters are counted in comes along.
 */
export async function readReportOperation(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const { text, patientId, report, issued } =
    target.id === '' ? given(request) : await stored(target.id, request, services);
  if (text.trim() === '' || text.length > LONGEST_TEXT) {
    throw refusal(422, 'too-long', `A report has 1 to ${LONGEST_TEXT} characters of text; give it in parts.`);
  }
  let proposals = 0;
  const resources = toFhir(readReport(text), {
    ...{ patient: `Patient/${patientId}`, report, at: new Date(services.now()).toISOString() },
    ...(issued !== undefined && { reportDate: issued.slice(0, 10) }),
    newId: () => `proposal-${++proposals}`,
  });
  return resourceAnswer(200, {
    resourceType: 'Parameters',
    parameter: [{ name: 'text', valueString: text }, ...resources.map((resource) => ({ name: 'proposal', resource }))],
  });
}

interface Given {
  text: string;
  patientId: string;
  report: string;
  issued?: string;
}

function given(request: FhirRequest): Given {
  const input = new OperationInput(request);
  const text = input.text('text');
  if (text === undefined) throw refusal(400, 'required', 'Give the words of the report as text.');
  const report = input.text('report') ?? '';
  return {
    ...{ text, patientId: patientIdIn(input.text('patient')) },
    report: /^(?:DiagnosticReport|DocumentReference)\/[A-Za-z0-9\-.]{1,64}$/.test(report) ? report : '#',
  };
}

interface ReportShape extends Resource {
  conclusion?: unknown;
  issued?: unknown;
  presentedForm?: { contentType?: unknown; data?: unknown }[];
}

async function stored(id: string, request: FhirRequest, services: Services): Promise<Given> {
  const found = await services.store.read('DiagnosticReport', id, request.context);
  const report: ReportShape = parseStored(requireLive(found, 'DiagnosticReport', id));
  const patientId = patientIdOf(report, services.baseUrl);
  if (patientId === undefined) throw refusal(422, 'business-rule', 'The report names no patient.');
  const { conclusion, issued, presentedForm } = report;
  const forms = (presentedForm ?? []).flatMap(({ contentType, data }) =>
    typeof contentType === 'string' && contentType.startsWith('text/plain') && typeof data === 'string'
      ? [Buffer.from(data, 'base64').toString('utf8')]
      : [],
  );
  const text = [...(typeof conclusion === 'string' ? [conclusion] : []), ...forms].join('\n\n');
  return { text, patientId, report: `DiagnosticReport/${id}`, ...(typeof issued === 'string' && { issued }) };
}
