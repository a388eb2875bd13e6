import {
  type Context,
  EVENT_KIND,
  type Vault,
  type VaultChange,
  VaultConflict,
  type VaultEvent,
} from '@meridian/records';
import type { Grant } from '../grants/grant.ts';
import type { VaultGrants } from '../grants/vault-grants.ts';
import type { Preferences } from '../notices/preferences.ts';
import type { Viewer } from '../viewer.ts';
import { type ApproverGroup, groupOf } from './approvers.ts';
import type { RequestedScope } from './requested-scope.ts';
import {
  ApprovalError,
  checkAsked,
  type Decision,
  decide,
  stateOf,
  type ViewingRequest,
  withdraw,
} from './viewing-request.ts';

/** A request waits this long for its answer: 14 days. */
const WAITS = 14 * 24 * 3600_000;
/** How long decided and expired requests are kept, for both sides to look at: one year. */
const KEPT = 365 * 24 * 3600_000;
/** Open requests of one requester about one patient, and about everybody. */
const MOST_ABOUT_ONE = 3;
const MOST_OPEN = 100;
const MOST_LISTED = 200;
const TRIES = 5;

export interface Asked {
  patientId: string;
  scope: RequestedScope;
  purpose: ViewingRequest['purpose'];
  words: string;
  minutes: number;
  views?: number;
}

export interface ViewingRequestsParts {
  vault: Vault;
  grants: VaultGrants;
  /** Epoch milliseconds. */
  now: () => number;
  newId: () => string;
  /** Whether there is such a patient. */
  hasPatient(id: string): Promise<boolean>;
  preferencesOf(patientId: string): Promise<Preferences>;
  /** Who must agree to look at this patient's record for this purpose. */
  approversOf(patientId: string, purpose: string): Promise<readonly ApproverGroup[]>;
  /** How the requester is shown to the patient. */
  nameOf(viewer: Viewer): Promise<{ name: string; role: string; organization?: string }>;
  /** Told after the commit; must not throw. */
  onAsked(request: ViewingRequest): void;
  onDecided(request: ViewingRequest): void;
}

/** Asking to see, and deciding about it. */
export class ViewingRequests {
  readonly #parts: ViewingRequestsParts;

  constructor(parts: ViewingRequestsParts) {
    this.#parts = parts;
  }

  async ask(viewer: Viewer, asked: Asked, context: Context): Promise<ViewingRequest> {
    const { now, newId } = this.#parts;
    if (viewer.account === undefined) throw new ApprovalError(403, 'Only people can ask for approval.');
    checkAsked(asked);
    if (!(await this.#parts.hasPatient(asked.patientId))) throw new ApprovalError(404, 'There is no such patient.');
    const { organization, ...shown } = await this.#parts.nameOf(viewer);
    await this.#refuseUnwanted(viewer, asked.patientId, organization);
    const at = now();
    const request: ViewingRequest = {
      ...asked,
      id: newId(),
      requester: {
        actor: viewer.actor,
        account: viewer.account,
        ...shown,
        ...(organization !== undefined && { organization }),
      },
      created: at,
      expires: at + WAITS,
      approvers: await this.#parts.approversOf(asked.patientId, asked.purpose),
      voices: [],
      state: 'waiting',
    };
    await this.#parts.vault.change([put(request, 0)], [eventOf(request, EVENT_KIND.approvalAsked, context)]);
    this.#parts.onAsked(request);
    return request;
  }

  /** A patient is not to be worn down: never-ask lists and few open requests. */
  async #refuseUnwanted(viewer: Viewer, patientId: string, organization: string | undefined): Promise<void> {
    const { neverAsk } = await this.#parts.preferencesOf(patientId);
    const organizations = viewer.organizations.map((id) => `Organization/${id}`);
    if ([viewer.actor, ...organizations, organization].some((name) => name !== undefined && neverAsk.includes(name))) {
      throw new ApprovalError(403, 'The patient does not wish to be asked by you or your organisation.');
    }
    const open = (await this.ofRequester(viewer)).filter(
      (request) => stateOf(request, this.#parts.now()) === 'waiting',
    );
    if (open.filter((request) => request.patientId === patientId).length >= MOST_ABOUT_ONE) {
      throw new ApprovalError(429, `You have ${MOST_ABOUT_ONE} open requests about this patient; wait for an answer.`);
    }
    if (open.length >= MOST_OPEN) throw new ApprovalError(429, `You have ${MOST_OPEN} open requests; withdraw some.`);
  }

  /** What this viewer asked for. */
  async ofRequester(viewer: Viewer): Promise<ViewingRequest[]> {
    return viewer.account === undefined ? [] : this.#find(`requester:${viewer.account}`);
  }

  /** What was asked about a patient, for whoever may decide about some of it. */
  async ofPatient(viewer: Viewer, patientId: string): Promise<ViewingRequest[]> {
    const found = await this.#find(`patient:${patientId}`);
    return found.filter((request) => this.#mayDecide(viewer, request));
  }

  /** What waits for somebody with one of the viewer's roles (ethics board, records officer). */
  async ofRoles(viewer: Viewer): Promise<ViewingRequest[]> {
    const found = await Promise.all(viewer.roles.map((role) => this.#find(`role:${role}`)));
    return [...new Map(found.flat().map((request) => [request.id, request])).values()];
  }

  /** One request, for its requester and its approvers. */
  async get(viewer: Viewer, id: string): Promise<ViewingRequest> {
    return (await this.#load(viewer, id)).request;
  }

  /** Carries out a decision. The approval that completes it issues the grant in the same transaction. */
  async decide(viewer: Viewer, id: string, decision: Decision, context: Context): Promise<ViewingRequest> {
    const decided = await this.#change(viewer, id, context, (request, now) => decide(request, viewer, decision, now));
    this.#parts.onDecided(decided);
    return decided;
  }

  async withdraw(viewer: Viewer, id: string, context: Context): Promise<ViewingRequest> {
    return this.#change(viewer, id, context, (request, now) => withdraw(request, viewer, now));
  }

  async #change(
    viewer: Viewer,
    id: string,
    context: Context,
    change: (request: ViewingRequest, now: number) => ViewingRequest,
  ): Promise<ViewingRequest> {
    for (let attempt = 1; ; attempt++) {
      const { request, revision } = await this.#load(viewer, id);
      const changed = change(request, this.#parts.now());
      try {
        return await this.#commit(changed, revision, context);
      } catch (error) {
        if (!(error instanceof VaultConflict) || attempt === TRIES) throw error;
      }
    }
  }

  async #commit(request: ViewingRequest, revision: number, context: Context): Promise<ViewingRequest> {
    const { vault, grants } = this.#parts;
    const decided = eventOf(request, EVENT_KIND.approvalDecided, context);
    if (request.state !== 'approved') {
      await vault.change([put(request, revision)], [decided]);
      return request;
    }
    const grant = this.#grantFor(request);
    const { change, event } = grants.issue(grant, context);
    const approved = { ...request, grant: grant.id };
    await vault.change([put(approved, revision), change], [decided, event]);
    return approved;
  }

  #grantFor({ requester, patientId, scope, purpose, minutes, views }: ViewingRequest): Grant {
    const from = this.#parts.now();
    return {
      id: this.#parts.newId(),
      kind: 'approval',
      account: requester.account,
      actor: requester.actor,
      patientId,
      scope,
      purposes: [purpose],
      from,
      until: from + minutes * 60_000,
      viewsLeft: views,
      keyThumbprint: undefined,
      ended: undefined,
    };
  }

  async #load(viewer: Viewer, id: string): Promise<{ request: ViewingRequest; revision: number }> {
    const found = await this.#parts.vault.get<{ request: ViewingRequest }>('viewing-request', id);
    const request = found?.content.request;
    if (!found || !request || !(this.#isRequester(viewer, request) || this.#mayDecide(viewer, request))) {
      throw new ApprovalError(404, 'There is no such request.');
    }
    return { request, revision: found.revision };
  }

  #isRequester(viewer: Viewer, request: ViewingRequest): boolean {
    return viewer.account !== undefined && viewer.account === request.requester.account;
  }

  #mayDecide(viewer: Viewer, request: ViewingRequest): boolean {
    return groupOf(viewer, request.patientId, request.approvers, this.#parts.now()) !== undefined;
  }

  async #find(lookup: string): Promise<ViewingRequest[]> {
    const found = await this.#parts.vault.find<{ request: ViewingRequest }>('viewing-request', lookup, MOST_LISTED);
    return found.map(({ content }) => content.request);
  }
}

function put(request: ViewingRequest, revision: number): VaultChange {
  const roles = request.approvers.flatMap(({ members }) => members.filter((member) => member.startsWith('role:')));
  return {
    op: 'put',
    kind: 'viewing-request',
    id: request.id,
    content: { request },
    lookups: [`patient:${request.patientId}`, `requester:${request.requester.account}`, ...roles],
    expires: request.created + KEPT,
    revision,
    patientId: request.patientId,
  };
}

function eventOf(request: ViewingRequest, kind: VaultEvent['kind'], context: Context): VaultEvent {
  return { kind, patientId: request.patientId, context, subjects: [`ViewingRequest/${request.id}`] };
}
