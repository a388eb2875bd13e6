import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from '@meridian/fhir';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/server.ts';

const samples = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'samples', 'dicom');
const withSamples = test.skipIf(!existsSync(samples));
const hasDcmtk = ['/usr/bin/storescu', '/usr/bin/echoscu'].every((path) => existsSync(path));

const CT = {
  study: '1.3.6.1.4.1.5962.1.2.1.20040119072730.12322',
  series: '1.3.6.1.4.1.5962.1.3.1.1.20040119072730.12322',
  instance: '1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322',
};
const CT_URL = `/dicom-web/studies/${CT.study}/series/${CT.series}/instances/${CT.instance}`;
const DICOM_JSON = { accept: 'application/dicom+json' };

let server: TestServer;
let port = 0;

beforeAll(async () => {
  server = await testServer({ MERIDIAN_DICOM_PORT: '0', MERIDIAN_DICOM_ISSUERS: 'HOSP=urn:oid:1.2.3' });
  port = server.running.dicomPort ?? 0;
});
afterAll(() => server.close());

function sample(name: string): Buffer {
  return readFileSync(join(samples, name));
}

async function store(files: Buffer[], path = '/dicom-web/studies') {
  const parts = files.flatMap((file) => [Buffer.from('\r\n--b\r\nContent-Type: application/dicom\r\n\r\n'), file]);
  const body = Buffer.concat([...parts, Buffer.from('\r\n--b--\r\n')]);
  return server.raw('POST', path, body, { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' });
}

async function list(path: string) {
  const answer = await server.raw('GET', path, undefined, DICOM_JSON);
  return {
    ...answer,
    results: (answer.text === '' ? [] : JSON.parse(answer.text)) as Record<string, { Value: unknown[] }>[],
  };
}

async function bytesOf(path: string, accept: string) {
  const response = await fetch(`${server.running.url}${path}`, {
    headers: { authorization: `Bearer ${server.token}`, accept },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** Gives the patients what the samples say of them. */
async function makePatient(id: string, value: string, birthDate?: string): Promise<void> {
  const resource = {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'urn:oid:1.2.3', value }],
    ...(birthDate && { birthDate }),
  };
  expect((await server.call('PUT', `Patient/${id}`, resource)).status).toBe(201);
}

withSamples('an instance without a sure patient waits, and a person files it', async () => {
  const answer = await store([sample('CT_small.dcm')]);
  expect(answer.status).toBe(202);
  expect((await list('/dicom-web/studies')).status).toBe(204);
  await makePatient('ct', '1CT1');
  const waiting = JSON.parse((await server.raw('GET', '/dicom-web/held')).text) as { id: string; reason: string }[];
  expect(waiting.map(({ reason }) => reason)).toEqual(['unknown-patient']);
  const filed = await server.raw('POST', `/dicom-web/held/${waiting[0]?.id}`, '{"patient":"Patient/ct"}');
  expect([filed.status, filed.json]).toMatchObject([200, CT]);
  expect(JSON.parse((await server.raw('GET', '/dicom-web/held')).text)).toEqual([]);
  const repeated = await store([sample('CT_small.dcm')]);
  expect(repeated.status).toBe(200);
  expect(JSON.parse((await server.raw('GET', '/dicom-web/held')).text)).toEqual([]);
});

withSamples('what was stored is found at each level, and in the record', async () => {
  const studies = await list(`/dicom-web/studies?PatientID=1CT1&StudyDate=20040101-20041231&PatientName=compressed*`);
  expect(studies.results.map((one) => one['0020000D']?.Value)).toEqual([[CT.study]]);
  expect((await list('/dicom-web/studies?PatientID=2CT1')).status).toBe(204);
  expect((await list(`/dicom-web/studies/${CT.study}/series`)).results[0]?.['0020000E']?.Value).toEqual([CT.series]);
  const [instance] = (await list(`/dicom-web/instances?StudyInstanceUID=${CT.study}`)).results;
  expect(instance?.['00080018']?.Value).toEqual([CT.instance]);
  const found = await server.call('GET', 'ImagingStudy?patient=Patient/ct');
  const study = found.json.entry[0]?.resource;
  expect(study).toMatchObject({
    numberOfInstances: 1,
    started: '2004-01-19T07:27:30-05:00',
    modality: [{ code: 'CT' }],
  });
  expect(validate(study as never).filter(({ severity }) => severity === 'error')).toEqual([]);
  const provenance = await server.call('GET', `Provenance?target=ImagingStudy/${study?.id}`);
  expect(provenance.json.entry).toHaveLength(1);
});

withSamples('what is retrieved is what was sent, whole, as metadata, as frames and as pictures', async () => {
  const original = sample('CT_small.dcm');
  const whole = await bytesOf(CT_URL, 'application/dicom');
  expect(whole.body.equals(original)).toBe(true);
  const parts = await bytesOf(`/dicom-web/studies/${CT.study}`, 'multipart/related; type="application/dicom"');
  expect(parts.body.includes(original)).toBe(true);
  const [metadata] = (await list(`${CT_URL}/metadata`)).results;
  expect(metadata?.['00100010']?.Value).toEqual([{ Alphabetic: 'CompressedSamples^CT1' }]);
  const pixels = metadata?.['7FE00010'] as unknown as { BulkDataURI: string };
  const bulk = await bytesOf(new URL(pixels.BulkDataURI).pathname, '*/*');
  expect(bulk.body.equals(original.subarray(6300, 39068))).toBe(true);
  const frame = await bytesOf(`${CT_URL}/frames/1`, 'multipart/related; type="application/octet-stream"');
  expect(frame.body.includes(original.subarray(6300, 39068))).toBe(true);
  const jpeg = await bytesOf(`${CT_URL}/rendered?window=40,400,linear`, 'image/jpeg');
  expect([jpeg.status, jpeg.body.readUInt16BE()]).toEqual([200, 0xffd8]);
  const png = await bytesOf(`${CT_URL}/thumbnail?viewport=64,64`, 'image/png');
  expect([png.body.readUInt32BE(16), png.body.readUInt32BE(20)]).toEqual([64, 64]);
  expect((await bytesOf(`${CT_URL}/frames/2`, '*/*')).status).toBe(404);
  expect((await bytesOf(`${CT_URL}/rendered?window=1`, '*/*')).status).toBe(400);
});

withSamples('who may not see the study gets the bytes of an unknown one', async () => {
  const token = await server.running.tokens.mint({
    actor: 'system',
    system: true,
    expiresInSeconds: 60,
    scope: 'system/ImagingStudy.rs?status=cancelled',
  });
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'same' };
  const unknown = await server.raw('GET', '/dicom-web/studies/1.2.3', undefined, headers);
  for (const path of ['', '/metadata', '/rendered', '/thumbnail']) {
    const hidden = await server.raw('GET', `/dicom-web/studies/${CT.study}${path}`, undefined, headers);
    expect([hidden.status, hidden.text]).toEqual([404, unknown.text]);
  }
  expect((await server.raw('GET', '/dicom-web/studies', undefined, headers)).status).toBe(204);
  expect((await store([sample('CT_small.dcm')], '/dicom-web/studies/1.2.3')).status).toBe(409);
  const denied = await server.raw('POST', '/dicom-web/studies', '', headers);
  expect(denied.status).toBe(403);
});

withSamples('a retrieval is a view on record', async () => {
  const token = await server.running.tokens.mint({ actor: 'Device/viewer', system: true, expiresInSeconds: 60 });
  const looks = async (): Promise<number> => {
    const { json } = await server.call('GET', 'AuditEvent?patient=Patient/ct&_looked=true&agent=Device/viewer');
    return json.entry?.length ?? 0;
  };
  expect(await looks()).toBe(0);
  for (const what of ['frames/1', 'rendered', 'metadata']) {
    await server.raw('GET', `${CT_URL}/${what}`, undefined, { authorization: `Bearer ${token}` });
  }
  await expect.poll(looks, { timeout: 10_000 }).toBe(3);
});

test('what is no DICOM, no multipart, or no UID is refused in a sentence', async () => {
  expect((await store([Buffer.from('hello, this is not DICOM at all')])).status).toBe(409);
  const broken = await server.raw('POST', '/dicom-web/studies', 'x', {
    'content-type': 'multipart/related; boundary=b',
  });
  expect(broken.status).toBe(400);
  expect((await server.raw('POST', '/dicom-web/studies', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await server.raw('GET', '/dicom-web/studies/abc')).status).toBe(400);
  expect((await server.raw('GET', '/dicom-web/studies?Nonsense=1')).status).toBe(400);
  expect((await server.raw('DELETE', '/dicom-web/studies/1.2')).status).toBe(405);
});

/** Runs one of dcmtk's programs; rejects where it fails. */
function dcmtk(program: string, ...words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: 60_000 }, (error, out, err) =>
      error ? reject(new Error(err)) : resolve(out + err),
    );
  });
}

test.skipIf(!hasDcmtk || !existsSync(samples))('dcmtk verifies and sends', { timeout: 90_000 }, async () => {
  const aim = (title: string): string[] => ['-aet', 'CT1', '-aec', title, '127.0.0.1', String(port)];
  await dcmtk('echoscu', ...aim('MERIDIAN'));
  await expect(dcmtk('echoscu', ...aim('OTHER'))).rejects.toThrow('Rejected');
  const files = ['MR_small.dcm', 'chrX1.dcm', 'JPEG2000.dcm', 'rtplan.dcm', 'CT_small.dcm'].map((name) =>
    join(samples, name),
  );
  const folder = await mkdtemp(join(tmpdir(), 'meridian-dicom-'));
  const born = join(folder, 'born.dcm');
  await copyFile(join(samples, 'MR_small.dcm'), born);
  await dcmtk('dcmodify', '-nb', '-i', '0010,0021=HOSP', '-i', '0010,0030=19700102', born);
  await dcmtk('dcmodify', '-nb', '-gin', '-gst', '-gse', born);
  await makePatient('mr', '4MR1', '1970-01-02');
  const out = await dcmtk('storescu', '-v', '-R', '-xw', ...aim('MERIDIAN'), ...files, born);
  expect(out.match(/Received Store Response \(Success\)/g)).toHaveLength(files.length + 1);
  const studies = async () => (await server.call('GET', 'ImagingStudy?patient=Patient/mr')).json.entry?.length;
  await expect.poll(studies, { timeout: 10_000 }).toBe(1);
  await rm(folder, { recursive: true });
});

/** A port that is free now. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return free;
}

const orthanc = '/usr/sbin/Orthanc';
test.skipIf(!hasDcmtk || !existsSync(orthanc) || !existsSync(samples))(
  'Orthanc verifies and sends',
  { timeout: 90_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'meridian-orthanc-'));
    const [http, dicom] = [await freePort(), await freePort()];
    const settings = {
      StorageDirectory: folder,
      IndexDirectory: folder,
      HttpPort: http,
      DicomPort: dicom,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      Plugins: [],
      DicomModalities: { meridian: ['MERIDIAN', '127.0.0.1', port] },
    };
    await writeFile(join(folder, 'orthanc.json'), JSON.stringify(settings));
    const peer = spawn(orthanc, [join(folder, 'orthanc.json')], { stdio: 'ignore' });
    const ask = async (path: string, body: BodyInit): Promise<{ status: number; json: { ID: string } }> => {
      const answer = await fetch(`http://127.0.0.1:${http}${path}`, { method: 'POST', body });
      return { status: answer.status, json: (await answer.json()) as { ID: string } };
    };
    try {
      await expect
        .poll(() => fetch(`http://127.0.0.1:${http}/system`).then((up) => up.status), { timeout: 20_000 })
        .toBe(200);
      expect((await ask('/modalities/meridian/echo', '{}')).status).toBe(200);
      const { json } = await ask('/instances', new Uint8Array(sample('examples_ybr_color.dcm')));
      expect((await ask('/modalities/meridian/store', json.ID)).status).toBe(200);
      const held = async () => (await server.raw('GET', '/dicom-web/held')).text;
      const uid = /UI \[([\d.]+)\]/.exec(
        await dcmtk('dcmdump', '-Un', '+P', '0008,0018', join(samples, 'examples_ybr_color.dcm')),
      );
      expect(await held()).toContain(uid?.[1]);
    } finally {
      peer.kill();
      await once(peer, 'exit');
      await rm(folder, { recursive: true });
    }
  },
);
