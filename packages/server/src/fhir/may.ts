import { isResourceType } from '@meridian/fhir';
import { explain, type MayAnswer, type Viewer } from '@meridian/viewing';
import { refusal } from '../http/http-error.ts';
import { isDecider } from '../viewing/viewing-api.ts';
import { isId } from './incoming.ts';
import type { Target } from './operation.ts';
import { resourceAnswer } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import type { Answer, FhirRequest } from './request.ts';
import type { Services } from './services.ts';

const REFERENCE = /^([A-Z][A-Za-z]{1,63})(?:\/([A-Za-z0-9\-.]{1,64}))?$/;

/**
 * `$may`: whether one may see a record (`what`: `Condition/1`) or records of a type (`Condition`) of a `patient`, by which
 * policy and consent, and what would change the answer. The patient, and those whose office it is, may ask for somebody
 * else (`viewer`: `Practitioner/1`).
 */
export async function may(_target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const input = new OperationInput(request);
  const [, type = '', id] = REFERENCE.exec(input.text('what') ?? '') ?? [];
  const patientId = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(input.text('patient') ?? '')?.[1];
  if (!isResourceType(type) || patientId === undefined || (id !== undefined && !isId(id))) {
    throw refusal(
      400,
      'required',
      'Give what (a type such as Condition, or a record such as Condition/1) and patient.',
    );
  }
  const viewer = await viewerAsked(input.text('viewer'), patientId, request, services);
  const { visibilities, evidence, labelRules } = services.viewing;
  const question = { type, patientId, ...(id !== undefined && { id }) };
  const answer = await explain(visibilities, evidence, viewer, question, labelRules);
  return resourceAnswer(200, parametersOf(answer));
}

async function viewerAsked(
  reference: string | undefined,
  patientId: string,
  { viewer }: FhirRequest,
  { viewing, now }: Services,
): Promise<Viewer> {
  if (reference === undefined || reference === viewer.actor) return viewer;
  const officers = ['privacy-officer', 'auditor', 'system'] as const;
  if (!isDecider(viewer, patientId, now()) && !officers.some((role) => viewer.roles.includes(role))) {
    throw refusal(403, 'forbidden', 'What somebody else may see is for the patient and for privacy officers to ask.');
  }
  const other = await viewing.viewerAs(reference);
  if (other) return other;
  throw refusal(
    404,
    'not-found',
    'Nobody with an account acts as this viewer; name a Practitioner such as Practitioner/1.',
  );
}

function parametersOf({ allowed, all, because, remedies }: MayAnswer) {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'allowed', valueBoolean: allowed },
      { name: 'all', valueBoolean: all },
      ...because.map((basis) => ({ name: 'because', valueString: basis })),
      ...remedies.map((remedy) => ({ name: 'remedy', valueCode: remedy })),
    ],
  };
}
