import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClinicWorld,
  clinicWorld,
  DANSHEN,
  NOW,
  order,
  parameters,
  part,
  WARFARIN,
} from './testing/clinic-world.ts';

let world: ClinicWorld;
let server: ClinicWorld['server'];
let patient: ClinicWorld['patient'];
let doctor: ClinicWorld['doctor'];
let second: ClinicWorld['second'];
let inCare: ClinicWorld['inCare'];

beforeAll(async () => {
  world = await clinicWorld();
  ({ server, patient, doctor, second, inCare } = world);
});
afterAll(() => world?.server.close());

describe('definitions', () => {
  test('profiles, code systems and value sets are known', async () => {
    const HERB = 'https://meridian.example/fhir/CodeSystem/chinese-herb';
    const looked = await server.call('GET', `CodeSystem/$lookup?system=${HERB}&code=danshen`);
    expect(looked.status, looked.text).toBe(200);
    const set = 'https://meridian.example/fhir/ValueSet/chinese-herb';
    const expanded = await server.call('GET', `ValueSet/$expand?url=${set}&filter=danshen`);
    expect(expanded.text).toContain('"danshen"');
    const profile = 'https://meridian.example/fhir/StructureDefinition/tcm-formula-prescription';
    const bad = await server.call('POST', `MedicationRequest/$validate?profile=${profile}`, order('p1', DANSHEN));
    expect(bad.json.issue.some(({ severity }) => severity === 'error')).toBe(true);
  });
});

describe('safety', () => {
  const draft = { resourceType: 'Parameters', parameter: [{ name: 'draft', resource: order('p1', DANSHEN) }] };

  test('danshen beside warfarin is found, with source, in three scripts', async () => {
    const answer = await doctor.call('POST', '/fhir/Patient/p1/$check-safety', draft);
    expect(answer.status, answer.text).toBe(200);
    const finding = parameters(answer, 'finding').find((one) =>
      String(part(one, 'key')?.valueString).includes('danshen'),
    );
    expect(part(finding, 'severity')?.valueCode).toBe('serious');
    expect(part(finding, 'source')?.valueString).toMatch(/PMID/);
    expect(JSON.stringify(part(finding, 'text'))).toContain('zh-Hant');
    expect(part(finding, 'issue')?.resource).toMatchObject({ resourceType: 'DetectedIssue', severity: 'high' });
    const system = await doctor.call('POST', '/fhir/$check-safety', {
      ...draft,
      parameter: [...draft.parameter, { name: 'patient', valueString: 'Patient/p1' }],
    });
    expect(parameters(system, 'finding')).toHaveLength(parameters(answer, 'finding').length);
  });

  test('is not told to somebody who does not see the patient', async () => {
    expect((await second.call('POST', '/fhir/Patient/p1/$check-safety', draft)).status).toBe(404);
  });

  test('the order is stopped, goes through with a reason, and the override is an event', async () => {
    const chinese = { 'accept-language': 'zh-HK' };
    const stopped = await doctor.call('POST', '/fhir/MedicationRequest', order('p1', DANSHEN), chinese);
    expect(stopped.status).toBe(422);
    const [issue] = stopped.json.issue as unknown as { details: { coding: { code: string }[]; text: string } }[];
    expect(issue?.details.text).toContain('丹參');
    const found = await doctor.call('GET', '/fhir/MedicationRequest?patient=p1');
    expect(found.json.entry).toHaveLength(1);

    const overriding = {
      contained: [
        {
          resourceType: 'DetectedIssue',
          id: 'why',
          status: 'final',
          identifier: [
            { system: 'https://meridian.example/fhir/safety-finding', value: issue?.details.coding[0]?.code },
          ],
          mitigation: [
            {
              action: {
                coding: [
                  { system: 'https://meridian.example/fhir/CodeSystem/safety-override-reason', code: 'will-monitor' },
                ],
                text: 'INR in three days',
              },
              date: NOW,
            },
          ],
        },
      ],
      detectedIssue: [{ reference: '#why' }],
    };
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'POST', url: 'MedicationRequest' }, resource: order('p1', DANSHEN) }],
    };
    expect((await doctor.call('POST', '/fhir', bundle)).status).toBe(422);
    const written = await doctor.call('POST', '/fhir/MedicationRequest', order('p1', DANSHEN, overriding));
    expect(written.status, written.text).toBe(201);
    expect(await world.told('safety-overridden')).toMatchObject({ agent: [{ who: { reference: 'Practitioner/d1' } }] });
    const again = await doctor.call('POST', '/fhir/Patient/p1/$check-safety', draft);
    const finding = parameters(again, 'finding').find((one) =>
      String(part(one, 'key')?.valueString).includes('danshen'),
    );
    expect(part(finding, 'interrupts')?.valueBoolean ?? false).toBe(false);
  });

  test('a system token records what happened elsewhere', async () => {
    await inCare('p2', [{}]);
    expect((await server.call('POST', 'MedicationRequest', order('p2', DANSHEN))).status).toBe(201);
    const check = await doctor.call('POST', '/fhir/Patient/p2/$check-safety', { resourceType: 'Parameters' });
    expect(parameters(check, 'finding').length).toBeGreaterThan(0);
  });

  test('what is withheld warns without a name, and what the patient removed does not', async () => {
    const secret = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' };
    await inCare('p3', [{ meta: { security: [secret] } }]);
    await inCare('p4', [{ meta: { security: [{ system: 'urn:meridian:viewing-label', code: 'removed' }] } }]);
    const hidden = await doctor.call('POST', '/fhir/MedicationRequest', order('p3', DANSHEN));
    expect(hidden.status).toBe(422);
    expect(hidden.text).toContain('not shared with you');
    expect(hidden.text.toLowerCase()).not.toContain('warfarin');
    expect((await doctor.call('POST', '/fhir/MedicationRequest', order('p4', DANSHEN))).status).toBe(201);
  });

  test('the combined list holds both sides', async () => {
    const list = await doctor.call('GET', '/fhir/Patient/p2/$combined-medication-list');
    expect(list.status, list.text).toBe(200);
    expect(list.json.entry[0]?.resource).toMatchObject({
      resourceType: 'List',
      entry: expect.arrayContaining([
        expect.objectContaining({
          flag: expect.objectContaining({ coding: [expect.objectContaining({ code: 'chinese' })] }),
        }),
        expect.objectContaining({
          flag: expect.objectContaining({ coding: [expect.objectContaining({ code: 'western' })] }),
        }),
      ]),
    });
  });
});

describe('CDS Hooks', () => {
  test('discovery, a card with reasons, and feedback that is heeded', async () => {
    await inCare('p5', [{}]);
    const open = await server.raw('GET', '/cds-services', undefined, { authorization: '' });
    expect(open.json.services).toMatchObject([{ id: 'meridian-order-sign' }, { id: 'meridian-order-select' }]);
    const call = () =>
      doctor.call('POST', '/cds-services/meridian-order-sign', {
        hook: 'order-sign',
        hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
        context: {
          userId: 'Practitioner/d1',
          patientId: 'p5',
          draftOrders: { resourceType: 'Bundle', entry: [{ resource: { ...order('p5', DANSHEN), id: 'o1' } }] },
        },
      });
    const first = await call();
    expect(first.status, first.text).toBe(200);
    const cards = first.json.cards as { uuid: string; indicator: string; overrideReasons?: object[] }[];
    const card = cards.find(({ overrideReasons }) => overrideReasons);
    expect(card?.indicator).toBe('warning');
    const feedback = (reason: object) =>
      doctor.call('POST', '/cds-services/meridian-order-sign/feedback', {
        feedback: [{ card: card?.uuid, outcome: 'overridden', overrideReason: reason, outcomeTimestamp: NOW }],
      });
    expect((await feedback({})).status).toBe(400);
    expect((await feedback({ reason: { code: 'tolerated-before' } })).status).toBe(200);
    const after = (await call()).json.cards as { indicator: string; overrideReasons?: object[] }[];
    expect(after.some(({ overrideReasons }) => overrideReasons)).toBe(false);
  });

  test('a patient from elsewhere is checked from the prefetch', async () => {
    const answer = await doctor.call('POST', '/cds-services/meridian-order-select', {
      hook: 'order-select',
      hookInstance: 'x',
      context: {
        patientId: 'elsewhere-1',
        selections: ['MedicationRequest/o1'],
        draftOrders: { resourceType: 'Bundle', entry: [{ resource: { ...order('elsewhere-1', DANSHEN), id: 'o1' } }] },
      },
      prefetch: {
        medications: { resourceType: 'Bundle', entry: [{ resource: { ...order('elsewhere-1', WARFARIN), id: 'w' } }] },
      },
    });
    expect(answer.json.cards).toMatchObject([{ indicator: 'warning' }]);
  });
});

describe('the catalogue', () => {
  test('completes what is typed in any script, with the overlay of the organisation', async () => {
    for (const typed of ['danshen', '丹參', '丹参', 'dān shēn']) {
      const answer = await doctor.call('GET', `/clinic/herbs?q=${encodeURIComponent(typed)}&limit=5`);
      expect(answer.json.herbs, typed).toContainEqual(
        expect.objectContaining({ code: 'danshen', name: expect.objectContaining({ 'zh-Hant': '丹參' }) }),
      );
    }
    expect((await patient.call('GET', '/clinic/points?q=ST36')).json.points).toMatchObject([{ code: 'ST36' }]);
    const overlay = { herbs: [{ id: 'danshen', aliases: ['hongroot'] }] };
    expect((await second.call('PUT', '/clinic/overlay/clinic', overlay)).status).toBe(403);
    expect((await doctor.call('PUT', '/clinic/overlay/clinic', { herbs: [{ id: 'danshen', dose: 7 }] })).status).toBe(
      422,
    );
    expect((await doctor.call('PUT', '/clinic/overlay/clinic', overlay)).status).toBe(200);
    expect((await doctor.call('GET', '/clinic/herbs?q=hongroot')).json.herbs).toMatchObject([{ code: 'danshen' }]);
    expect((await second.call('GET', '/clinic/herbs?q=hongroot')).json.herbs).toEqual([]);
    expect((await server.raw('GET', '/clinic/herbs?q=a', undefined, { authorization: '' })).status).toBe(401);
  });
});
