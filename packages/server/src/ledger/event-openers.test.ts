import { EVENT_KIND, EVERYTHING, type ReadEvent } from '@meridian/records';
import { TokenScopes } from '@meridian/viewing';
import { expect, it } from 'vitest';
import type { Bearer } from '../access/tokens.ts';
import { ANYBODY } from '../access/visibility-of.ts';
import { EventOpeners } from './event-openers.ts';

const NOW = 1000;
const numbers: Readonly<Record<string, bigint>> = { mine: 1n, child: 2n, grown: 3n, other: 4n };
const openers = new EventOpeners({
  store: {
    patientNumber: (id) => numbers[id] ?? 0n,
    sees: async (type, id, version) => `${type}/${id}/${version}` === 'Observation/seen/1',
  },
  visibilityOf: () => EVERYTHING,
  now: () => NOW,
});

function bearer(scope: string): Bearer {
  const proxy = { relation: 'parent', scope: 'read', from: 0 } as const;
  const viewer = {
    ...ANYBODY,
    actor: 'Patient/mine',
    patientId: 'mine',
    proxyFor: [
      { ...proxy, patientId: 'child', until: undefined },
      { ...proxy, patientId: 'grown', until: NOW },
    ],
  };
  const scopes = new TokenScopes(scope);
  return { actor: viewer.actor, purpose: 'PATRQT', viewer, scopes, actorHash: '', expires: 2 };
}

function event(kind: ReadEvent['kind'], actor: string, ...subjects: string[]): ReadEvent {
  const said = { purpose: 'TREAT', role: undefined, organization: undefined, basis: undefined, requestId: '' };
  return { ...said, kind, at: 0, actor, subjects, digest: undefined };
}

const { viewed, created } = EVENT_KIND;

it('opens events to their patient, to proxies in force, to their cause, and writes to who sees the version', async () => {
  const may = openers.of(bearer('user/*.rs'));
  const looked = event(viewed, 'Practitioner/1', 'Observation/seen/_history/1');
  expect(await may(looked, 1n)).toBe(true);
  expect(await may(looked, 2n)).toBe(true);
  expect(await may(looked, 3n)).toBe(false);
  // who looked at somebody else's record is not for those who may look at it too
  expect(await may(looked, 4n)).toBe(false);
  expect(await may(event(viewed, 'Patient/mine', 'Observation/x/_history/1'), 4n)).toBe(true);
  expect(await may(event(created, 'Practitioner/1', 'Observation/seen/_history/1'), 4n)).toBe(true);
  expect(await may(event(created, 'Practitioner/1', 'Observation/seen/_history/2'), 4n)).toBe(false);
  expect(await may(event(created, 'Practitioner/1'), 4n)).toBe(false);
  expect(await may(undefined, 4n)).toBe(false);
});

it('gives an app that may not read audit events no chain of its patient', async () => {
  const narrow = bearer('patient/Observation.rs');
  expect(openers.isOwn(narrow, 'mine')).toBe(false);
  expect(await openers.of(narrow)(event(viewed, 'Practitioner/1', 'Observation/seen/_history/1'), 1n)).toBe(false);
  expect(openers.isOwn(bearer('patient/AuditEvent.rs'), 'mine')).toBe(true);
});
