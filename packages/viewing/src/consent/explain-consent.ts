import type { Resource } from '@meridian/fhir';
import type { Provision } from './provision.ts';
import { type ReadConsentOptions, readConsent } from './read-consent.ts';

/** What a Consent does here, for the patient who wrote it and for the privacy officer. */
export interface ConsentExplanation {
  /** Whether it has any effect: active, of scope patient-privacy, of a patient of this server. */
  inForce: boolean;
  /** One for each provision with something that was not understood, outermost first. */
  problems: readonly ConsentProblem[];
}

export interface ConsentProblem {
  /** Such as `provision.provision[0]`. */
  path: string;
  /** Elements of it that were not understood. */
  elements: readonly string[];
  /** What follows: a Yes opens nothing, a No closes all that it might mean. */
  effect: 'opens nothing' | 'closes whatever it may mean';
}

/** Tells what of a Consent was not understood, and what follows from that. */
export function explainConsent(resource: Resource, options: ReadConsentOptions = {}): ConsentExplanation {
  const consent = readConsent(resource, options);
  return consent
    ? { inForce: true, problems: problemsOf(consent.provision, 'provision') }
    : { inForce: false, problems: [] };
}

function problemsOf(provision: Provision, path: string): ConsentProblem[] {
  const own: ConsentProblem[] =
    provision.unknown.size === 0
      ? []
      : [
          {
            path,
            elements: [...provision.unknown],
            effect: provision.type === 'permit' ? 'opens nothing' : 'closes whatever it may mean',
          },
        ];
  return [...own, ...provision.exceptions.flatMap((one, index) => problemsOf(one, `${path}.provision[${index}]`))];
}
