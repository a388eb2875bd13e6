import { findChainFault, parsePolicy, parseReceipt, type Receipt, verifyReceipt } from '@meridian/ledger';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccount, type DpopClient, dpopClient } from '../testing/dpop-client.ts';
import { type TestAnswer, type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let patient: DpopClient;
let doctor: DpopClient;
let stranger: DpopClient;
let officer: DpopClient;

const PATIENT = {
  resourceType: 'Patient',
  id: 'p1',
  name: [{ family: 'Chan', given: ['Tai Man'] }],
  birthDate: '1980-02-03',
};
const CONDITION = {
  resourceType: 'Condition',
  id: 'c1',
  subject: { reference: 'Patient/p1' },
  code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003', display: 'Hypertension' }] },
};

beforeAll(async () => {
  server = await testServer();
  const put = (resource: { resourceType: string; id: string }) =>
    server.call('PUT', `${resource.resourceType}/${resource.id}`, resource);
  for (const [id, family] of [
    ['d1', 'Wong'],
    ['d2', 'Lee'],
  ]) {
    await put({ resourceType: 'Practitioner', id, name: [{ family }] } as never);
  }
  await put({ resourceType: 'Organization', id: 'hospital', name: 'Model Hospital' } as never);
  await put(PATIENT);
  await put(CONDITION);
  const practitioner = { roles: ['western-practitioner'], registrations: ['western-medicine'] };
  const accounts = [
    { username: 'pat', name: 'Chan Tai Man', resource: 'Patient/p1', roles: ['patient'] },
    { username: 'doc', name: 'Dr Wong', resource: 'Practitioner/d1', organizations: ['hospital'], ...practitioner },
    { username: 'other', name: 'Dr Lee', resource: 'Practitioner/d2', organizations: ['elsewhere'], ...practitioner },
    { username: 'officer', name: 'Officer', resource: 'Practitioner/o1', roles: ['privacy-officer'] },
  ];
  const passwords = await Promise.all(accounts.map((account) => createAccount(server, account)));
  [patient, doctor, stranger, officer] = (await Promise.all(
    accounts.map(({ username }, i) => dpopClient(server, username, passwords[i] as string)),
  )) as [DpopClient, DpopClient, DpopClient, DpopClient];
});
afterAll(() => server.close());

const ask = (who: DpopClient, more: object = {}) =>
  who.call('POST', '/viewing/requests', {
    patient: 'p1',
    purpose: 'TREAT',
    words: 'Second opinion',
    minutes: 60,
    ...more,
  });

describe('the story of an approval', () => {
  test('refused, asked, approved, read, seen with a receipt, ended, refused again', async () => {
    expect((await doctor.call('GET', '/fhir/Condition/c1')).status).toBe(404);

    const asked = await ask(doctor);
    expect(asked.status).toBe(201);
    const { id } = asked.json;
    expect(asked.json).toMatchObject({
      state: 'waiting',
      requester: { name: 'Wong', organization: 'Organization/hospital' },
    });

    const notices = await patient.call('GET', '/viewing/notices');
    expect(notices.json.notices).toMatchObject([{ kind: 'approval-asked', about: `ViewingRequest/${id}` }]);

    const decided = await patient.call('POST', `/viewing/requests/${id}/decision`, {
      decision: 'approve',
      minutes: 30,
    });
    expect(decided.json).toMatchObject({ state: 'approved', minutes: 30 });

    // approved, and still closed: the doctor has not collected the token
    expect((await doctor.call('GET', '/fhir/Condition/c1')).status).toBe(404);
    const token = await collect(doctor, String(decided.json.grant));
    const read = await doctor.call('GET', '/fhir/Condition/c1', undefined, { 'viewing-token': token });
    expect(read.status).toBe(200);

    const event = await lookOf('Practitioner/d1', 'read');
    expect(event).toMatchObject({
      agent: [{ who: { reference: 'Practitioner/d1', display: 'Wong' } }],
      entity: expect.arrayContaining([expect.objectContaining({ what: { reference: 'Condition/c1/_history/1' } })]),
    });
    const receipt = await receiptOf(patient, event.id);
    expect(verifyReceipt(parseReceipt(receipt), parsePolicy(await policyText())).outcome).toBe('proved');

    expect((await patient.call('POST', `/viewing/grants/${decided.json.grant}/end`)).status).toBe(200);
    const after = await doctor.call('GET', '/fhir/Condition/c1', undefined, { 'viewing-token': token });
    expect(after.status).toBe(404);
  });

  test('a stolen token opens nothing', async () => {
    const { json } = await ask(doctor);
    const decided = await patient.call('POST', `/viewing/requests/${json.id}/decision`, { decision: 'approve' });
    const token = await collect(doctor, String(decided.json.grant));
    expect((await stranger.call('GET', '/fhir/Condition/c1', undefined, { 'viewing-token': token })).status).toBe(404);
    const theft = await server.raw('GET', '/fhir/Condition/c1', undefined, {
      authorization: doctor.authorization,
      'viewing-token': token,
    });
    expect(theft.status).toBe(401);
    const proof = await doctor.proof('GET', '/fhir/Condition/c1');
    const headers = { authorization: doctor.authorization, 'viewing-token': token, dpop: proof };
    expect((await server.raw('GET', '/fhir/Condition/c1', undefined, headers)).status).toBe(200);
    expect((await server.raw('GET', '/fhir/Condition/c1', undefined, headers)).status).toBe(401);
  });

  test('counted views run out', async () => {
    const { json } = await ask(doctor, { views: 2 });
    const decided = await patient.call('POST', `/viewing/requests/${json.id}/decision`, { decision: 'approve' });
    const token = await collect(doctor, String(decided.json.grant));
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await doctor.call('GET', '/fhir/Condition/c1', undefined, { 'viewing-token': token })).status);
    }
    expect(statuses).toEqual([200, 200, 404]);
  });

  test('a refusal is told with its reason, and never again means never again', async () => {
    const { json } = await ask(stranger);
    await patient.call('POST', `/viewing/requests/${json.id}/decision`, {
      decision: 'refuse',
      answer: 'I do not know you.',
    });
    const mine = await stranger.call('GET', `/viewing/requests/${json.id}`);
    expect(mine.json).toMatchObject({ state: 'refused', answer: 'I do not know you.' });
    await patient.call('PUT', '/viewing/preferences/p1', { views: 'every', neverAsk: ['Practitioner/d2'] });
    expect((await ask(stranger)).status).toBe(403);
    expect((await stranger.call('GET', '/viewing/preferences/p1')).status).toBe(403);
  });
});

describe('hearing of it', () => {
  test('an open window of the patient hears of a request at once', async () => {
    const path = '/viewing/stream';
    const abort = new AbortController();
    const { body } = await fetch(`${server.running.url}${path}`, {
      headers: { authorization: patient.authorization, dpop: await patient.proof('GET', path) },
      signal: abort.signal,
    });
    const asked = await ask(doctor, { words: 'May I look again?' });
    let text = '';
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (text.includes('event: notice')) break;
    }
    abort.abort();
    expect(text).toContain(`ViewingRequest/${asked.json.id}`);
    expect((await doctor.call('POST', `/viewing/requests/${asked.json.id}/withdrawal`)).json.state).toBe('withdrawn');
  });

  test('a consent opens, and its withdrawal closes with the next request', async () => {
    await patient.call('PUT', '/viewing/preferences/p1', { views: 'unusual', neverAsk: [] });
    const consent = await patient.call('POST', '/fhir/Consent', consentFor('Practitioner/d2', 'active'));
    expect(consent.status, consent.text).toBe(201);
    const { id } = consent.json;
    expect((await stranger.call('GET', '/fhir/Condition/c1')).status).toBe(200);
    const found = await stranger.call('GET', '/fhir/Condition?patient=p1');
    expect(found.json.entry.map(({ resource }) => resource.id)).toEqual(['c1']);
    const withdrawn = await patient.call('PUT', `/fhir/Consent/${id}`, {
      ...consentFor('Practitioner/d2', 'inactive'),
      id,
    });
    expect(withdrawn.status).toBe(200);
    expect((await stranger.call('GET', '/fhir/Condition/c1')).status).toBe(404);
    expect((await stranger.call('GET', '/fhir/Condition?patient=p1')).json.entry).toBeUndefined();
    for (const interaction of ['consent-given', 'consent-withdrawn']) {
      expect(await lookOf('Patient/p1', interaction)).toMatchObject({ resourceType: 'AuditEvent' });
    }
  });

  test('what is shared can be seen as the other would see it', async () => {
    const asStranger = await patient.call('GET', '/fhir/Condition?patient=p1', undefined, {
      'view-as': 'Practitioner/d2',
    });
    expect(asStranger.json.entry).toBeUndefined();
    const may = await patient.call('GET', '/fhir/$may?what=Condition/c1&patient=p1&viewer=Practitioner/d2');
    expect(may.json.parameter).toContainEqual({ name: 'allowed', valueBoolean: false });
    const consent = consentFor('Practitioner/d2', 'active');
    expect((await patient.call('POST', '/fhir/Consent', consent, { 'view-as': 'Practitioner/d2' })).status).toBe(403);
    expect((await doctor.call('GET', '/fhir/$may?what=Condition/c1&patient=p1&viewer=Practitioner/d2')).status).toBe(
      403,
    );
  });
});

describe('breaking the glass', () => {
  test('opens at once, tells the patient, and waits for a review by somebody else', async () => {
    const asked = { patient: 'p1', reason: 'life-threatening', words: 'Unconscious after an accident.', minutes: 15 };
    const broken = await stranger.call('POST', '/viewing/break-glass', asked);
    expect(broken.status).toBe(201);
    expect((await stranger.call('GET', '/fhir/Condition/c1')).status).toBe(200);
    const notices = await patient.call('GET', '/viewing/notices');
    expect(notices.json.notices).toContainEqual(expect.objectContaining({ kind: 'glass-broken' }));
    expect((await stranger.call('GET', '/viewing/reviews')).status).toBe(403);
    const { reviews } = (await officer.call('GET', '/viewing/reviews')).json as unknown as {
      reviews: { id: string }[];
    };
    expect(reviews).toMatchObject([{ kind: 'break-glass', by: { actor: 'Practitioner/d2' } }]);
    const verdict = { outcome: 'justified', words: 'Ambulance report agrees.' };
    const closed = await officer.call('POST', `/viewing/reviews/${reviews[0]?.id}/closure`, verdict);
    expect(closed.json).toMatchObject({ state: 'closed', closed: { outcome: 'justified' } });
    await patient.call('POST', `/viewing/grants/${broken.json.id}/end`);
    expect((await stranger.call('GET', '/fhir/Condition/c1')).status).toBe(404);
  });

  test.each([
    [{ reason: 'curiosity', words: 'I would like to know.' }, 400],
    [{ reason: 'life-threatening', words: 'short' }, 400],
    [{ reason: 'life-threatening', words: 'Unconscious after an accident.', minutes: 10_000 }, 400],
  ])('%j is refused', async (parts, status) => {
    expect((await doctor.call('POST', '/viewing/break-glass', { patient: 'p1', ...parts })).status).toBe(status);
  });

  test('a patient cannot break glass', async () => {
    const parts = { patient: 'p1', reason: 'life-threatening', words: 'I want to see everything.' };
    expect((await patient.call('POST', '/viewing/break-glass', parts)).status).toBe(403);
  });
});

describe('codes and links', () => {
  test('an access code works once, for the organisation it was made for', async () => {
    const created = await patient.call('POST', '/tokens/access-codes', {
      patient: 'p1',
      organization: 'hospital',
      minutes: 30,
    });
    expect(created.status).toBe(201);
    const { code } = created.json;
    expect((await stranger.call('POST', '/tokens/access-codes/redemption', { code })).status).toBe(404);
    const redeemed = await doctor.call('POST', '/tokens/access-codes/redemption', { code });
    expect(redeemed.status).toBe(201);
    expect((await doctor.call('POST', '/tokens/access-codes/redemption', { code })).status).toBe(404);
    const token = await collect(doctor, String(redeemed.json.id));
    expect((await doctor.call('GET', '/fhir/Condition/c1', undefined, { 'viewing-token': token })).status).toBe(200);
    await patient.call('POST', `/viewing/grants/${redeemed.json.id}/end`);
  });

  test('codes cannot be guessed: five tries and then a wait', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      statuses.push(
        (await stranger.call('POST', '/tokens/access-codes/redemption', { code: `000 000 000${i}` })).status,
      );
    }
    expect(statuses.at(-1)).toBe(429);
  });

  test('a health link gives the summary to whoever has link and passcode, and is revoked at once', async () => {
    const { compactDecrypt } = await import('jose');
    const made = await patient.call('POST', '/tokens/health-links', {
      patient: 'p1',
      passcode: '2468',
      label: 'Holiday',
    });
    expect(made.status).toBe(201);
    const payload = JSON.parse(Buffer.from(String(made.json.link).slice('shlink:/'.length), 'base64url').toString());
    expect(payload).toMatchObject({ flag: 'LP', label: 'Holiday', v: 1 });
    const open = (body: object) =>
      server.raw('POST', new URL(payload.url).pathname, JSON.stringify(body), {
        'content-type': 'application/json',
        authorization: '',
      });
    const wrong = await open({ recipient: 'Clinic', passcode: '1111' });
    expect([wrong.status, wrong.json.remainingAttempts]).toEqual([401, 9]);
    const right = await open({ recipient: 'Clinic', passcode: '2468' });
    const { files } = right.json as unknown as { files: { embedded: string }[] };
    const { plaintext } = await compactDecrypt(files[0]?.embedded ?? '', Buffer.from(payload.key, 'base64url'));
    const summary = JSON.parse(Buffer.from(plaintext).toString());
    expect(summary).toMatchObject({ resourceType: 'Bundle', type: 'document' });
    expect(summary.entry.map((entry: { resource: { id: string } }) => entry.resource.id)).toContain('c1');
    const listed = await patient.call('GET', '/tokens/health-links?patient=p1');
    expect(listed.json.links).toMatchObject([{ label: 'Holiday', uses: [{ recipient: 'Clinic' }] }]);
    expect(listed.text).not.toContain(payload.key);
    expect((await patient.call('DELETE', `/tokens/health-links/${made.json.id}`)).status).toBe(204);
    expect((await open({ recipient: 'Clinic', passcode: '2468' })).status).toBe(404);
  });
});

describe('who is who', () => {
  test('a patient is found by number, or by name and birth date, and as a name card only', async () => {
    const matched = (resource: object) =>
      doctor.call('POST', '/fhir/Patient/$match', {
        resourceType: 'Parameters',
        parameter: [{ name: 'resource', resource: { resourceType: 'Patient', ...resource } }],
      });
    const found = await matched({ name: [{ family: 'Chan', given: ['Tai Man'] }], birthDate: '1980-02-03' });
    expect(found.json.entry[0]?.resource).toMatchObject({ id: 'p1', birthDate: '1980-02-03' });
    expect((await matched({ name: [{ family: 'Chan' }] })).status).toBe(400);
    expect((await matched({ name: [{ family: 'Chan' }], birthDate: '1999-01-01' })).json.entry).toBeUndefined();
    expect((await lookOf('Practitioner/d1', 'search')).extension).toContainEqual(
      expect.objectContaining({ valueString: 'patient-match' }),
    );
  });

  test('nothing is left out between two events of the chain, and the patient checks it alone', async () => {
    const policy = parsePolicy(await policyText());
    const receipts: Receipt[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const { json, status }: TestAnswer = await patient.call('GET', `/ledger/chain/p1?from=${from}`);
      expect(status).toBe(200);
      for (const receipt of json.receipts as unknown[]) receipts.push(parseReceipt(JSON.stringify(receipt)));
      from = json.next as number | undefined;
    }
    expect(receipts.length).toBeGreaterThan(20);
    expect(receipts.every((receipt) => verifyReceipt(receipt, policy).outcome === 'proved')).toBe(true);
    const chain = receipts.map(({ proof, opening }) => ({ index: proof.index, opening }));
    expect(findChainFault(chain)).toBeUndefined();
    expect(findChainFault(chain.filter((_, i) => i !== 10))).toBeDefined();
  });

  test('who acts for a patient is for the patient to know', async () => {
    const parent = {
      username: 'parent',
      name: 'Chan Siu Fong',
      resource: 'RelatedPerson/r1',
      roles: ['proxy'],
      proxies: [{ patientId: 'p1', relation: 'guardian', from: '2020-01-01', scope: 'read' }],
    };
    await createAccount(server, parent);
    const { json } = await patient.call('GET', '/viewing/proxies/p1');
    expect(json.proxies).toEqual([
      { name: 'Chan Siu Fong', relation: 'guardian', scope: 'read', from: '2020-01-01T00:00:00.000Z' },
    ]);
    expect((await doctor.call('GET', '/viewing/proxies/p1')).status).toBe(403);
  });

  test('the policies in force can be read, and officers may have the database verified', async () => {
    const { json } = await officer.call('GET', '/viewing/policies');
    expect(json.policies).toContainEqual(
      expect.objectContaining({ name: 'consent-deny', text: expect.stringContaining('forbid') }),
    );
    expect((await officer.call('POST', '/ledger/$verify')).status).toBe(202);
    expect((await doctor.call('POST', '/ledger/$verify')).status).toBe(403);
  });

  test('who looked is for the patient and for auditors', async () => {
    expect((await doctor.call('GET', '/fhir/AuditEvent?patient=p1')).status).toBe(403);
  });
});

function consentFor(practitioner: string, status: 'active' | 'inactive'): object {
  return {
    resourceType: 'Consent',
    status,
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/p1' },
    dateTime: '2026-11-01',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: {
      type: 'permit',
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: practitioner },
        },
      ],
    },
  };
}

async function collect(who: DpopClient, grant: string): Promise<string> {
  const { status, json, text } = await who.call('POST', '/tokens/viewing', { grant });
  expect(status, text).toBe(200);
  return String(json.token);
}

/** The newest event of an actor with this interaction, as the patient sees it. Events are logged a moment later. */
async function lookOf(actor: string, interaction: string) {
  for (let i = 0; i < 50; i++) {
    const { json } = await patient.call('GET', `/fhir/AuditEvent?patient=p1&agent=${actor}`);
    const found = (json.entry ?? []).map(({ resource }) => resource as unknown as AuditEvent);
    const event = found.find(({ subtype }) => subtype[0]?.code === interaction);
    if (event) return event;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the event is not in the chain');
}

interface AuditEvent {
  id: string;
  subtype: { code: string }[];
  extension: { url: string; valueString?: string }[];
}

async function receiptOf(who: DpopClient, event: string): Promise<string> {
  const { status, text } = await who.call('GET', `/ledger/receipt/event/${event}`);
  expect(status, text).toBe(200);
  return text;
}

async function policyText(): Promise<string> {
  return (await server.raw('GET', '/ledger/policy')).text;
}
