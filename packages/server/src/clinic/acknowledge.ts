import { AcknowledgementError } from '@meridian/clinic';
import { plainContext } from '@meridian/records';
import type { Role } from '@meridian/viewing';
import type { Target } from '../fhir/operation.ts';
import { resourceAnswer } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import { requireLive } from '../fhir/read.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { requireOwnEyes } from './patient-record.ts';

/** Who can act on a result. */
const CLINICIANS: readonly Role[] = ['western-practitioner', 'tcm-practitioner', 'nurse'];
const MOST_WORDS = 2000;

/**
 * `Task/[id]/$acknowledge`: a clinician has read a critical result back (`readBack`) and takes it over, with what is done
 * about it (`action`). ISO 15189:2022, 7.4.1.3.
 */
export async function acknowledge(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  requireOwnEyes(request);
  const input = new OperationInput(request);
  requireLive(await services.store.read('Task', target.id, request.context), 'Task', target.id);
  if (!request.viewer.roles.some((role) => CLINICIANS.includes(role))) {
    throw refusal(403, 'forbidden', 'A critical result is taken over by whoever treats the patient.');
  }
  const action = input.text('action')?.slice(0, MOST_WORDS);
  try {
    const task = await services.clinic.criticalAlerts.acknowledge(
      target.id,
      {
        ...{ kind: 'acknowledged', at: new Date(services.now()).toISOString(), by: request.viewer.actor },
        readBack: input.text('readBack') === 'true',
        ...(action !== undefined && { action }),
      },
      plainContext(request.context),
    );
    return resourceAnswer(200, task);
  } catch (error) {
    if (error instanceof AcknowledgementError) throw refusal(422, 'business-rule', error.message);
    throw error;
  }
}
