import { validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AcknowledgementError, type CriticalEvent, nextStep, openAlert, recordEvent } from './acknowledgement.ts';
import { toCommunication, toTask } from './acknowledgement-fhir.ts';

const FOUND = '2026-06-01T08:00:00.000Z';
const at = (minutes: number) => new Date(Date.parse(FOUND) + minutes * 60_000).toISOString();
const now = (minutes: number) => Date.parse(at(minutes));
const policy = {
  levels: [
    { recipients: ['PractitionerRole/orderer'], minutes: 15 },
    { recipients: ['PractitionerRole/ward', 'PractitionerRole/duty'], minutes: 15 },
  ],
};
const alert = openAlert('Observation/1', 'Patient/1', FOUND, policy);
const notified = (minutes: number, level: number): CriticalEvent => ({
  kind: 'notified',
  at: at(minutes),
  by: 'Practitioner/scientist',
  recipients: policy.levels[level]?.recipients ?? [],
  medium: 'telephone',
});
const acknowledged = (minutes: number): CriticalEvent => ({
  kind: 'acknowledged',
  at: at(minutes),
  by: 'PractitionerRole/orderer',
  readBack: true,
});

describe('the loop of a critical result', () => {
  it('tells the first level at once, waits, escalates and runs out', () => {
    expect(nextStep(alert, now(0))).toEqual({
      step: 'notify',
      level: 0,
      recipients: ['PractitionerRole/orderer'],
      due: FOUND,
      overdue: false,
    });
    expect(nextStep(alert, now(5))).toMatchObject({ step: 'notify', overdue: true });
    const told = recordEvent(alert, notified(5, 0));
    expect(nextStep(told, now(19))).toEqual({ step: 'wait', level: 0, until: at(20) });
    expect(nextStep(told, now(20))).toMatchObject({ step: 'notify', level: 1, due: at(20), overdue: false });
    const escalated = recordEvent(told, notified(21, 1));
    expect(nextStep(escalated, now(35))).toMatchObject({ step: 'wait', until: at(36) });
    expect(nextStep(escalated, now(36))).toEqual({ step: 'exhausted', since: at(36) });
  });

  it('closes with a read-back and takes nothing more', () => {
    const closed = recordEvent(recordEvent(alert, notified(5, 0)), acknowledged(9));
    expect(nextStep(closed, now(500))).toEqual({
      step: 'closed',
      how: 'acknowledged',
      at: at(9),
      by: 'PractitionerRole/orderer',
    });
    expect(() => recordEvent(closed, notified(10, 1))).toThrow(AcknowledgementError);
    const silent: CriticalEvent = { kind: 'acknowledged', at: at(9), by: 'PractitionerRole/orderer', readBack: false };
    expect(() => recordEvent(alert, silent)).toThrow('read the result back');
  });

  it('refuses events out of order and policies that tell nobody', () => {
    const told = recordEvent(alert, notified(5, 0));
    expect(() => recordEvent(told, notified(4, 1))).toThrow('order of their time');
    expect(() => openAlert('Observation/1', 'Patient/1', FOUND, { levels: [] })).toThrow(AcknowledgementError);
    const idle = { levels: [{ recipients: [], minutes: 5 }] };
    expect(() => openAlert('Observation/1', 'Patient/1', FOUND, idle)).toThrow(AcknowledgementError);
  });

  it('never loses an event, and never waits longer than the policy', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 600 }), (list, later) => {
        let minutes = 0;
        let current = alert;
        for (const gap of list) {
          minutes += gap;
          current = recordEvent(current, notified(minutes, 0));
        }
        expect(current.events).toHaveLength(list.length);
        const next = nextStep(current, now(minutes + later));
        if (next.step === 'wait') expect(Date.parse(next.until) - now(minutes)).toBeLessThanOrEqual(15 * 60_000);
        if (list.length > 0 && later >= 15) expect(next.step).not.toBe('wait');
      }),
    );
  });

  it('writes FHIR that is valid R4', () => {
    const told = recordEvent(alert, notified(5, 0));
    const closed = recordEvent(told, acknowledged(9));
    const resources = [
      toTask(alert, now(1)),
      toTask(told, now(6)),
      toTask(closed, now(10)),
      ...closed.events.map((event) => toCommunication(closed, event)),
    ];
    for (const resource of resources) {
      expect(
        validate(resource).filter((issue) => issue.severity !== 'information' && issue.severity !== 'warning'),
      ).toEqual([]);
    }
    expect(resources.map((one) => one.status)).toEqual([
      'requested',
      'received',
      'completed',
      'completed',
      'completed',
    ]);
  });
});
