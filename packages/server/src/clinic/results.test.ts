import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DpopClient } from '../testing/dpop-client.ts';
import { type ClinicWorld, clinicWorld, NOW, type Part, parameters, part } from './testing/clinic-world.ts';

let world: ClinicWorld;
let patient: ClinicWorld['patient'];
let doctor: ClinicWorld['doctor'];
let second: ClinicWorld['second'];
let put: ClinicWorld['put'];
let inCare: ClinicWorld['inCare'];

beforeAll(async () => {
  world = await clinicWorld();
  ({ patient, doctor, second, put, inCare } = world);
});
afterAll(() => world?.server.close());

function result(id: string, patientId: string, loinc: string, value: number, unit: string, at = NOW) {
  return {
    ...{ resourceType: 'Observation', id, status: 'final', effectiveDateTime: at },
    code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
    subject: { reference: `Patient/${patientId}` },
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

describe('results', () => {
  test('are interpreted, in the language asked for', async () => {
    await put(result('k1', 'p1', '2823-3', 4.1, 'mmol/L'));
    await put(result('c1', 'p1', '14682-9', 150, 'umol/L'));
    const report = {
      ...{ resourceType: 'DiagnosticReport', id: 'r1', status: 'final', issued: NOW, code: { text: 'Chemistry' } },
      ...{
        subject: { reference: 'Patient/p1' },
        result: [{ reference: 'Observation/k1' }, { reference: 'Observation/c1' }],
      },
    };
    await put(report);
    const answer = await patient.call('GET', '/fhir/DiagnosticReport/r1/$interpret?_lang=zh-Hant');
    expect(answer.status, answer.text).toBe(200);
    const results = parameters(answer, 'result');
    const potassium = results.find((one) => JSON.stringify(part(one, 'code')).includes('2823-3'));
    expect(part(potassium, 'flag')?.valueCoding).toMatchObject({ code: 'N' });
    expect(JSON.stringify(part(potassium, 'plain-words'))).toContain('你的結果在一般範圍內');
    const derived = parameters(answer, 'derived').find((one) => JSON.stringify(one).includes('98979-8'));
    expect(derived?.part?.some(({ name }) => name === 'input')).toBe(true);
    const byCode = await patient.call('GET', '/fhir/Observation/$interpret?patient=p1&code=2823-3');
    expect(parameters(byCode, 'result')).toHaveLength(1);
    expect((await second.call('GET', '/fhir/DiagnosticReport/r1/$interpret')).status).toBe(404);
    const odd = { ...result('odd', 'p1', '2823-3', 4, 'mmol/L'), component: 5 };
    const malformed = await patient.call('POST', '/fhir/Observation/$interpret', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueString: 'p1' },
        { name: 'observation', resource: odd },
      ],
    });
    expect(malformed.status).toBe(400);
  });

  test('a critical one is told to whoever treats the patient, once, until it is taken over', async () => {
    await inCare('p6');
    expect((await put(result('crit', 'p6', '2823-3', 7.1, 'mmol/L'))).status).toBe(201);
    await put(result('crit', 'p6', '2823-3', 7.1, 'mmol/L'));
    const { notices } = (await doctor.call('GET', '/viewing/notices')).json as unknown as {
      notices: { kind: string; about: string }[];
    };
    const alerts = notices.filter(({ kind }) => kind === 'critical-result');
    expect(alerts).toHaveLength(1);
    const task = alerts[0]?.about ?? '';
    const read = await doctor.call('GET', `/fhir/${task}`);
    expect(read.json).toMatchObject({ status: 'received', focus: { reference: 'Observation/crit' } });
    const take = (who: DpopClient, readBack: boolean) =>
      who.call('POST', `/fhir/${task}/$acknowledge`, {
        resourceType: 'Parameters',
        parameter: [
          { name: 'readBack', valueBoolean: readBack },
          { name: 'action', valueString: 'Calcium gluconate given' },
        ],
      });
    expect((await take(second, true)).status).toBe(404);
    expect((await take(doctor, false)).status).toBe(422);
    expect((await take(doctor, true)).json).toMatchObject({
      status: 'completed',
      owner: { reference: 'Practitioner/d1' },
    });
    expect((await take(doctor, true)).status).toBe(409);
    const told = await doctor.call('GET', `/fhir/Communication?based-on=${task}`);
    expect(told.json.entry).toHaveLength(2);
  });

  test('one that waits is neither found nor counted by the patient, who may see it now', async () => {
    const pathology = {
      ...{ resourceType: 'DiagnosticReport', status: 'final', subject: { reference: 'Patient/p1' } },
      code: { coding: [{ system: 'http://loinc.org', code: '22637-3' }] },
    };
    await put({ ...pathology, id: 'fresh', issued: NOW });
    await put({ ...pathology, id: 'old', issued: '2020-01-01T00:00:00Z' });
    const ids = async (who: DpopClient) =>
      (await who.call('GET', '/fhir/DiagnosticReport?patient=p1&code=22637-3&_total=accurate')).json;
    const before = await ids(patient);
    expect(before.entry.map(({ resource }) => resource.id)).toEqual(['old']);
    expect(before.total).toBe(1);
    expect((await patient.call('GET', '/fhir/DiagnosticReport/fresh')).status).toBe(404);
    expect((await ids(doctor)).total).toBe(2);
    const waiting = await patient.call('GET', '/clinic/release/p1');
    expect(waiting.json.waiting).toMatchObject([{ report: 'DiagnosticReport/fresh', reason: 'rule' }]);
    expect((await doctor.call('POST', '/fhir/DiagnosticReport/fresh/$release-now')).status).toBe(404);
    expect((await patient.call('POST', '/fhir/DiagnosticReport/fresh/$release-now')).status).toBe(200);
    expect((await ids(patient)).total).toBe(2);

    await put({ ...pathology, id: 'later', issued: NOW });
    expect((await patient.call('POST', '/fhir/DiagnosticReport/later/$spoken')).status).toBeGreaterThanOrEqual(403);
    expect((await doctor.call('POST', '/fhir/DiagnosticReport/later/$spoken')).status).toBe(200);
    expect((await patient.call('GET', '/fhir/DiagnosticReport/later')).status).toBe(200);

    await put({ ...pathology, id: 'wish', issued: NOW });
    expect((await patient.call('GET', '/fhir/DiagnosticReport/wish')).status).toBe(404);
    expect((await patient.call('PUT', '/clinic/release/p1', { general: 'at-once' })).status).toBe(200);
    expect((await patient.call('GET', '/fhir/DiagnosticReport/wish')).status).toBe(200);
    await patient.call('PUT', '/clinic/release/p1', { general: 'after-clinician' });
    expect((await patient.call('GET', '/fhir/Observation/k1')).status).toBe(404);
    await patient.call('PUT', '/clinic/release/p1', {});
    expect((await patient.call('GET', '/fhir/Observation/k1')).status).toBe(200);
  });

  test('words of a report become proposals that point at their characters', async () => {
    const conclusion = 'No pleural effusion. 左上肺結節 8 mm. Repeat CT in 6 months.';
    await put({
      ...{ resourceType: 'DiagnosticReport', id: 'words', status: 'final', issued: NOW, conclusion },
      ...{ code: { text: 'Chest CT' }, subject: { reference: 'Patient/p1' } },
    });
    const answer = await doctor.call('GET', '/fhir/DiagnosticReport/words/$read-report');
    expect(answer.status, answer.text).toBe(200);
    expect(parameters(answer, 'text')[0]?.valueString).toBe(conclusion);
    const types = parameters(answer, 'proposal').map(({ resource }) => resource?.resourceType);
    expect(types).toEqual(expect.arrayContaining(['ClinicalImpression', 'Task']));
    expect((await doctor.call('GET', '/fhir/ClinicalImpression?patient=p1')).json.entry).toBeUndefined();
    const given = await doctor.call('POST', '/fhir/$read-report', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueString: 'Patient/p1' },
        { name: 'text', valueString: '舌淡紅，苔薄白，脈弦。' },
      ],
    });
    expect(given.text).toContain('ClinicalImpression');
    expect((await second.call('GET', '/fhir/DiagnosticReport/words/$read-report')).status).toBe(404);
  });

  test('readings are signed, kept apart, and compared', async () => {
    const NODULE = { system: 'http://snomed.info/sct', code: '427359005', display: 'Solitary nodule of lung' };
    const read = (who: DpopClient, presence: string, more: Part[] = []) =>
      who.call('POST', '/fhir/DiagnosticReport/r1/$interpretation', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'summary', valueString: 'My reading.' },
          {
            name: 'finding',
            part: [
              { name: 'code', valueCoding: NODULE },
              { name: 'presence', valueCode: presence },
            ],
          },
          ...more,
        ],
      });
    const mine = await read(doctor, 'present');
    expect(mine.status, mine.text).toBe(201);
    expect((await read(second, 'absent')).status).toBe(404);
    expect((await read(patient, 'absent')).status).toBe(403);

    const asked = await second.call('POST', '/viewing/requests', {
      ...{ patient: 'p1', purpose: 'TREAT', words: 'Second opinion', minutes: 60 },
    });
    const decided = await patient.call('POST', `/viewing/requests/${asked.json.id}/decision`, { decision: 'approve' });
    const collected = await second.call('POST', '/tokens/viewing', { grant: decided.json.grant });
    const token = String(collected.json.token);
    const other = await second.call(
      'POST',
      '/fhir/DiagnosticReport/r1/$interpretation',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'summary', valueString: 'I see none.' },
          {
            name: 'finding',
            part: [
              { name: 'code', valueCoding: NODULE },
              { name: 'presence', valueCode: 'absent' },
            ],
          },
        ],
      },
      { 'viewing-token': token },
    );
    expect(other.status, `${collected.text} ${other.text}`).toBe(201);
    const foreign = await read(doctor, 'absent', [{ name: 'supersedes', valueString: other.json.id }]);
    expect(foreign.status).toBe(422);
    const listed = await patient.call('GET', '/fhir/DiagnosticReport/r1/$interpretation');
    expect(parameters(listed, 'interpretation')).toHaveLength(2);
    expect(part(parameters(listed, 'finding')[0], 'verdict')?.valueCode).toBe('disagree');
    const provenance = await patient.call('GET', `/fhir/Provenance?target=ClinicalImpression/${mine.json.id}`);
    expect(provenance.json.entry[0]?.resource).toMatchObject({ signature: [{ sigFormat: 'application/jose' }] });
  });
});
