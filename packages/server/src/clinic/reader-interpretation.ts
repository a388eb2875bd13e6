import { createHash } from 'node:crypto';
import {
  type AttributedInterpretation,
  AttributionError,
  addInterpretation,
  type Comparison,
  compareInterpretations,
  currentInterpretations,
  fromClinicalImpression,
  type ReadFinding,
  toClinicalImpression,
  toProvenance,
} from '@meridian/clinic';
import { type Coding, patientIdOf, type Resource } from '@meridian/fhir';
import { EVENT_KIND, EVERYTHING, plainContext } from '@meridian/records';
import type { Role } from '@meridian/viewing';
import { CompactSign } from 'jose';
import { requireValid } from '../fhir/incoming.ts';
import type { Target } from '../fhir/operation.ts';
import { parseStored, resourceAnswer } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import { requireLive } from '../fhir/read.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import { queryOf } from '../fhir/search.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { requireOwnEyes } from './patient-record.ts';

const READERS: readonly Role[] = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist', 'laboratory'];
const PRESENCES = ['present', 'absent', 'uncertain'] as const;
const MOST_READ = 200;
const LONGEST = 20_000;

/**
 * `DiagnosticReport/[id]/$interpretation`. GET: the interpretations of a report that the caller may see, with what readers
 * agree and disagree on. POST: the caller's own, from `summary`, `finding`s (code, presence, basis) and `supersedes`; it is
 * signed by this server in the name of the reader, whose account it knows, and never overwritten. Whoever may see the
 * report may read it: a second opinion comes about by a viewing approval.
 */
export async function readerInterpretation(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const stored = await services.store.read('DiagnosticReport', target.id, request.context);
  const report = parseStored(requireLive(stored, 'DiagnosticReport', target.id));
  return request.method === 'GET' ? list(target.id, request, services) : add(report, request, services);
}

async function list(reportId: string, request: FhirRequest, services: Services): Promise<Answer> {
  const all = await interpretationsOf(reportId, request, services);
  const comparison = compareInterpretations(currentInterpretations(all));
  return resourceAnswer(200, { resourceType: 'Parameters', parameter: listed(all, comparison) });
}

async function interpretationsOf(
  reportId: string,
  request: FhirRequest,
  services: Services,
): Promise<AttributedInterpretation[]> {
  const parameters: [string, string][] = [
    ['investigation', `DiagnosticReport/${reportId}`],
    ['_sort', 'date'],
  ];
  const query = queryOf(['ClinicalImpression'], parameters, 'strict', services);
  const page = await services.store.search({ ...query, count: MOST_READ }, request.context);
  return page.matches.flatMap((one) => fromClinicalImpression(parseStored(one)) ?? []);
}

async function add(report: Resource, request: FhirRequest, services: Services): Promise<Answer> {
  requireOwnEyes(request);
  const { viewer, scopes } = request;
  if (!scopes.allow('c', 'ClinicalImpression')) {
    throw refusal(
      403,
      'forbidden',
      'An interpretation needs a token whose scope allows to create ClinicalImpressions.',
    );
  }
  const patientId = patientIdOf(report, services.baseUrl);
  const isReader = viewer.roles.some((role) => READERS.includes(role));
  if (patientId === undefined || !isReader || viewer.account === undefined) {
    throw refusal(403, 'forbidden', 'A report is interpreted by professionals, with their own account.');
  }
  const { store, clinic, now } = services;
  const at = new Date(now()).toISOString();
  const { name } = await clinic.nameOf(viewer);
  const interpretation: AttributedInterpretation = {
    ...{ id: store.newId(patientId), report: `DiagnosticReport/${report.id}`, patient: `Patient/${patientId}` },
    reader: { reference: viewer.actor, display: name, qualification: viewer.roles.join(' ') },
    at,
    ...inputOf(request),
  };
  try {
    addInterpretation(await interpretationsOf(String(report.id), request, services), interpretation);
  } catch (error) {
    if (error instanceof AttributionError) throw refusal(422, 'business-rule', error.message);
    throw error;
  }
  const impression = toClinicalImpression(interpretation);
  requireValid(impression, services);
  const provenance = toProvenance(interpretation, '1', await signed(impression, request, services));
  // whoever may see the report may add their reading of it: these two resources are all that this allows to write
  const context = { ...request.context, visibility: EVERYTHING };
  const id = store.newId(patientId);
  const target = [...(provenance.target as object[]), { reference: `Patient/${patientId}` }];
  const results = await store.writeAll(
    [
      { op: 'create', id: interpretation.id, resource: impression },
      { op: 'create', id, resource: { ...provenance, id, target } },
    ],
    context,
  );
  const subject = `ClinicalImpression/${interpretation.id}/_history/1`;
  const plain = plainContext(request.context);
  await store.record([{ kind: EVENT_KIND.interpretationSigned, patientId, context: plain, subjects: [subject] }]);
  const [written] = results;
  return {
    status: 201,
    location: subject,
    ...(written && { version: written.stored, ...(written.event !== undefined && { event: written.event }) }),
    ...(written?.stored.json && { body: written.stored.json }),
  };
}

function inputOf(
  request: FhirRequest,
): Pick<AttributedInterpretation, 'summary' | 'findings'> & { supersedes?: string } {
  const input = new OperationInput(request);
  const summary = input.text('summary') ?? '';
  if (summary.trim() === '' || summary.length > LONGEST) {
    throw refusal(400, 'required', `Give the interpretation as summary, at most ${LONGEST} characters.`);
  }
  const supersedes = input.text('supersedes')?.replace(/^ClinicalImpression\//, '');
  const findings = input.groups('finding').map((part): ReadFinding => {
    const code = part('code', 'Coding') as Coding | undefined;
    const presence = PRESENCES.find((one) => one === part('presence', 'Code'));
    const basis = part('basis', 'String');
    if (typeof code?.code !== 'string' || !presence) {
      throw refusal(400, 'value', `Each finding needs a code (Coding) and a presence: ${PRESENCES.join(', ')}.`);
    }
    return { code, presence, ...(typeof basis === 'string' && { basis }) };
  });
  return { summary, findings, ...(supersedes !== undefined && { supersedes }) };
}

/**
 * A Signature (FHIR R4) with a JSON Web Signature (RFC 7515, EdDSA) over the digest of the impression as it was handed to
 * the store, the reader and the account. Servers sign for accounts: what it proves is that this server knew the reader.
 */
async function signed(
  impression: Resource,
  { viewer }: FhirRequest,
  { clinic, now }: Services,
): Promise<Record<string, unknown>> {
  const digest = createHash('sha256').update(JSON.stringify(impression)).digest('base64url');
  const claims = { sub: viewer.account, reader: viewer.actor, sha256: digest, iat: Math.floor(now() / 1000) };
  const jws = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', kid: clinic.signer.id, typ: 'interpretation+jws' })
    .sign(clinic.signer.privateKey);
  return {
    type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1', display: "Author's Signature" }],
    when: new Date(now()).toISOString(),
    who: { reference: viewer.actor },
    targetFormat: 'application/fhir+json',
    sigFormat: 'application/jose',
    data: Buffer.from(jws).toString('base64'),
  };
}

function listed(all: readonly AttributedInterpretation[], { readers, findings, agreed, disagreed }: Comparison) {
  const current = new Set(readers.map(({ id }) => id));
  return [
    ...all.map((one) => ({
      name: 'interpretation',
      part: [
        { name: 'resource', resource: toClinicalImpression(one) },
        { name: 'current', valueBoolean: current.has(one.id) },
      ],
    })),
    ...findings.map(({ code, verdict, readings }) => ({
      name: 'finding',
      part: [
        { name: 'code', valueCoding: code },
        { name: 'verdict', valueCode: verdict },
        ...readings.flatMap((reading, at) => {
          const reader = readers[at]?.reader;
          return reading && reader
            ? [
                {
                  name: 'reading',
                  part: [
                    { name: 'reader', valueReference: { reference: reader.reference, display: reader.display } },
                    { name: 'presence', valueCode: reading.presence },
                  ],
                },
              ]
            : [];
        }),
      ],
    })),
    { name: 'agreed', valueInteger: agreed },
    { name: 'disagreed', valueInteger: disagreed },
  ];
}
