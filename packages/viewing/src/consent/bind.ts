import type { Rule } from '@meridian/records';
import { categoryOf } from '../decision/categories.ts';
import { purposeCovers } from '../decision/purposes.ts';
import type { Action } from '../decision/vocabulary.ts';
import { ALWAYS, allOf, anyOf, NEVER, notOf, typesOf } from '../rules/combine.ts';
import { authoredBy, codedAs, datedIn, instancesOf, pointingTo } from '../rules/filters.ts';
import type { Role } from '../viewer.ts';
import { labelledAs } from './label-condition.ts';
import type { ConsentActor, Provision } from './provision.ts';

/** Who would receive, as far as consents need to know. */
export interface Recipient {
  /** `Practitioner/1` and the like. */
  actor: string;
  roles: readonly Role[];
  /** References by which the viewer can be named: Organizations, PractitionerRoles, CareTeams. */
  memberOf: readonly string[];
  /** Whether the patient is in the viewer's care, in person or through an organisation. */
  caring: boolean;
  /** A code of v3-ActReason. */
  purpose: string;
  action: Action;
  /** Epoch milliseconds. */
  now: number;
}

/** Which records a consent opens and closes to a recipient. A record may be in neither; a No counts more than a Yes. */
export interface ConsentEffect {
  permit: Rule;
  deny: Rule;
}

/**
 * What a provision means for one recipient, on records of `types`.
 *
 * Every condition has two readings: `certain`, for what it opens, and `possible`, for what it closes. They differ where
 * something was not understood: then a Yes opens nothing, and a No closes all that it might mean.
 */
export function bindProvision(provision: Provision, recipient: Recipient, types: readonly string[]): ConsentEffect {
  const inner = provision.exceptions.map((exception) => bindProvision(exception, recipient, types));
  const permitted = anyOf(...inner.map(({ permit }) => permit));
  const denied = anyOf(...inner.map(({ deny }) => deny));
  const certain = condition(provision, recipient, types, 'certain');
  const possible = condition(provision, recipient, types, 'possible');
  if (provision.type === 'permit') {
    return { permit: allOf(certain, notOf(denied)), deny: allOf(possible, denied) };
  }
  const excepted = allOf(permitted, notOf(denied));
  return { permit: allOf(certain, excepted), deny: allOf(possible, notOf(excepted)) };
}

type Reading = 'certain' | 'possible';

function condition(provision: Provision, recipient: Recipient, types: readonly string[], reading: Reading): Rule {
  if (reading === 'certain' && provision.unknown.size > 0) return NEVER;
  if (!applies(provision, recipient, reading)) return NEVER;
  const understood = <T>(element: string, value: T | undefined): T | undefined =>
    provision.unknown.has(element) ? undefined : value;
  const labels = understood('securityLabel', provision.labels);
  const classes = understood('class', provision.types);
  const codes = understood('code', provision.codes);
  const data = understood('data', provision.data);
  const { dataPeriod } = provision;
  return allOf(
    labels ? labelledAs(types, labels, provision.type) : ALWAYS,
    classes ? typesOf(classes) : ALWAYS,
    codes ? codedAs(types, codes) : ALWAYS,
    dataPeriod ? datedIn(types, dataPeriod, reading === 'certain' ? 'within' : 'touching') : ALWAYS,
    data
      ? anyOf(
          instancesOf(types, data.instances),
          pointingTo(types.filter(isContent), data.dependents),
          authoredBy(types, data.authors),
        )
      : ALWAYS,
  );
}

/** Consents and the audit trail refer to records without being part of what the patient means by them. */
function isContent(type: string): boolean {
  return !['consent', 'audit'].includes(categoryOf(type));
}

/** The conditions that do not depend on the record; those not understood are taken as met. */
function applies(provision: Provision, recipient: Recipient, reading: Reading): boolean {
  const { period, actors, actions, purposes, unknown } = provision;
  if (period && (recipient.now < period.from || recipient.now >= period.until)) return false;
  if (actions && !unknown.has('action') && !coversAction(actions, recipient.action)) return false;
  if (purposes && !unknown.has('purpose') && !purposes.some((named) => purposeCovers(named, recipient.purpose))) {
    return false;
  }
  if (actors) return unknown.has('actor') || actors.some((actor) => isActor(actor, recipient));
  // a Yes that names nobody is for everyone caring for the patient, not for the world; what it excepts is for all
  return provision.type === 'deny' || reading === 'possible' || recipient.caring;
}

/** Reading is access, use or disclosure; writing is collection or correction (consentaction). */
function coversAction(actions: readonly string[], action: Action): boolean {
  const covered = action === 'read' ? ['access', 'use', 'disclose'] : ['collect', 'correct'];
  return actions.some((named) => covered.includes(named));
}

function isActor(actor: ConsentActor, recipient: Recipient): boolean {
  switch (actor.kind) {
    case 'named':
      return recipient.actor === actor.reference || recipient.memberOf.includes(actor.reference);
    case 'role':
      return (recipient.roles as readonly string[]).includes(actor.role);
    case 'caring':
      return recipient.caring;
  }
}
