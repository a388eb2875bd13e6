import { randomUUID } from 'node:crypto';
import { parseJson, patientIdOf, type Resource } from '@meridian/fhir';
import type { PatientEvents, RecordStore, SeenEvent, Vault } from '@meridian/records';
import {
  AccessCodes,
  type BreakGlassParts,
  HealthLinks,
  Notices,
  Reviews,
  type Seen,
  type VaultGrants,
  type Viewer,
  ViewingRequests,
  ViewWatch,
} from '@meridian/viewing';
import type { ServerKey } from '../access/server-key.ts';
import type { People } from '../identity/people.ts';
import { approversOf } from './approvers-of.ts';
import type { AuditEventsParts } from './audit-events.ts';
import { Delivery } from './delivery.ts';
import { mailSender } from './mail.ts';
import { Names, principalRole } from './names.ts';
import { PatientProxies } from './patient-proxies.ts';
import type { PolicyText } from './policy-texts.ts';
import { TokensApi, type TokensApiParts } from './tokens-api.ts';
import { flagsOf } from './view-facts.ts';
import { ViewingApi, type ViewingApiParts } from './viewing-api.ts';
import { ViewingTokens } from './viewing-tokens.ts';
import { type WebhookOptions, webhookSender } from './webhook.ts';

export interface OpenViewingOptions {
  vault: Vault;
  grants: VaultGrants;
  evidence: RecordStore['evidence'];
  events: PatientEvents;
  serverKey: ServerKey;
  people: People;
  sees: ViewingApiParts['sees'];
  record: RecordStore['record'];
  policies: readonly PolicyText[];
  summaryOf: TokensApiParts['summaryOf'];
  /** `MERIDIAN_SMTP` and `MERIDIAN_MAIL_FROM`; undefined: no mail. */
  mail: { url: string; from: string } | undefined;
  webhooks?: WebhookOptions;
  origin: string;
  /** Epoch milliseconds. */
  now: () => number;
  onFault(error: unknown): void;
}

/** Approval, break-glass, notices and tokens, put together. */
export interface Viewing {
  api: ViewingApi;
  tokensApi: TokensApi;
  grants: VaultGrants;
  viewingTokens: ViewingTokens;
  notices: Notices;
  reviews: Reviews;
  watch: ViewWatch;
  names: Names;
  auditEvents: AuditEventsParts;
  /** Told of every committed view; does its work beside the way of the answers. */
  saw(event: SeenEvent): void;
  close(): Promise<void>;
}

const DIGEST_LOOK = 5 * 60_000;

export function openViewing(options: OpenViewingOptions): Viewing {
  const { vault, grants, evidence, people, now, origin, onFault } = options;
  const newId = (): string => randomUUID();
  const names = new Names(evidence.read);
  const mail = options.mail && mailSender({ ...options.mail, origin });
  const delivery = new Delivery({ mail, webhooks: webhookSender(options.webhooks), onFault });
  const notices = new Notices({
    vault,
    now,
    newId,
    accountsOf: async (patientId) => {
      const [own, proxies] = await Promise.all([
        people.accountsAs(`Patient/${patientId}`),
        people.proxiesOf(patientId),
      ]);
      return [...new Set([...own, ...proxies.map(({ account }) => account)])];
    },
    deliver: delivery.deliver,
    onFault,
  });
  /** Telling comes after the commit and never undoes it. */
  const later = (work: Promise<unknown>): void => {
    work.catch(onFault);
  };
  const reviews = new Reviews(vault, now, (review) =>
    later(
      notices.tell({ kind: 'review-closed', patientId: review.patientId, about: `Review/${review.id}`, by: review.by }),
    ),
  );
  const hasPatient = async (id: string): Promise<boolean> => (await evidence.read('Patient', id))?.deleted === false;
  const nameOf = (viewer: Viewer): Promise<{ name: string; role: string; organization?: string }> =>
    names.ofViewer(viewer);
  const requests = new ViewingRequests({
    vault,
    grants,
    now,
    newId,
    hasPatient,
    preferencesOf: (patientId) => notices.preferencesOf(patientId),
    approversOf: async (patientId, purpose) => approversOf(await people.proxiesOf(patientId), purpose, now()),
    nameOf,
    onAsked: ({ id, patientId, requester }) =>
      later(notices.tell({ kind: 'approval-asked', patientId, about: `ViewingRequest/${id}`, by: requester })),
    onDecided: ({ id, patientId, requester, state }) => {
      if (state === 'waiting') return;
      const told = { kind: 'approval-decided', patientId, about: `ViewingRequest/${id}` } as const;
      later(notices.tellAccounts([requester.account], told));
    },
  });
  const glass: BreakGlassParts = {
    vault,
    grants,
    now,
    newId,
    hasPatient,
    nameOf,
    onBroken: ({ id, patientId }, { by }) =>
      later(notices.tell({ kind: 'glass-broken', patientId, about: `ViewingGrant/${id}`, by, flags: ['break-glass'] })),
  };
  const viewingTokens = new ViewingTokens(options.serverKey, now);
  const codes = new AccessCodes({ vault, grants, now, newId });
  const links = new HealthLinks(vault, now, ({ patientId, id }) =>
    later(notices.tell({ kind: 'link-used', patientId, about: `HealthLink/${id.slice(0, 8)}` })),
  );
  const watch = watchOf(options, { names, notices, reviews, newId });
  const timer = setInterval(() => later(notices.sendDigests()), DIGEST_LOOK);
  timer.unref();
  return {
    api: new ViewingApi({
      requests,
      grants,
      reviews,
      notices,
      glass,
      proxies: new PatientProxies(people),
      policies: options.policies,
      now,
      sees: options.sees,
      record: options.record,
    }),
    tokensApi: new TokensApi({ grants, codes, links, viewingTokens, summaryOf: options.summaryOf, origin, now }),
    grants,
    viewingTokens,
    notices,
    reviews,
    watch,
    names,
    saw: (event) =>
      later(
        seenBy(event, people, `${origin}/fhir`, now()).then((seen) => {
          if (seen) watch.saw(seen);
        }),
      ),
    auditEvents: { events: options.events, names, baseUrl: `${origin}/fhir`, now },
    async close() {
      clearInterval(timer);
      await watch.settled();
      notices.close();
      await delivery.close();
    },
  };
}

function watchOf(
  { people, vault, evidence, now, onFault }: OpenViewingOptions,
  parts: { names: Names; notices: Notices; reviews: Reviews; newId: () => string },
): ViewWatch {
  const { names, notices, reviews, newId } = parts;
  return new ViewWatch({
    now,
    isOwn: async ({ patientId, actor, account }) => {
      if (actor === `Patient/${patientId}` || account === undefined) return true;
      const [own, proxies] = await Promise.all([
        people.accountsAs(`Patient/${patientId}`),
        people.proxiesOf(patientId),
      ]);
      return own.includes(account) || proxies.some((proxy) => proxy.account === account);
    },
    flagsOf: (seen) => flagsOf(seen, { vault, evidence, people, now }),
    nameOf: async (actor) => {
      const known = await people.actor(actor);
      const [organization] = known?.organizations ?? [];
      return names.ofActor(
        actor,
        principalRole(known?.roles ?? []),
        organization === undefined ? undefined : `Organization/${organization}`,
      );
    },
    tellView: (told) => notices.tellView(told),
    review: async ({ patientId, account, at, event }, by, flags) => {
      const about = `AuditEvent/${event}`;
      await reviews.flag({ id: newId(), patientId, by: { ...by, account: account ?? '' }, at, about, flags });
    },
    onFault,
  });
}

/** A committed view as the watch wants it; whose record it is stands in the version that was seen. */
async function seenBy(event: SeenEvent, people: People, baseUrl: string, at: number): Promise<Seen | undefined> {
  const { sample, context } = event;
  if (sample.json === undefined || context.actor === 'system') return undefined;
  const resource = parseJson(sample.json.toString('utf8'), { depth: 66 }) as Resource;
  const patientId = sample.type === 'Patient' ? sample.id : patientIdOf(resource, baseUrl);
  if (patientId === undefined) return undefined;
  const { actor, purpose } = context;
  const known = await people.actor(actor);
  return { patientId, actor, account: known?.account, event: event.event, at, purpose, basis: event.basis };
}
