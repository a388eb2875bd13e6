import type { Resource } from '@meridian/fhir';
import { POINT_SYSTEM, POINTS } from '../point.ts';
import { codingOf, conceptOf } from '../profile/code-systems.ts';
import { codeSystemUrl, EXTENSION, PROFILE } from '../profile/url.ts';
import type { PROCEDURES, SIDES, STIMULATIONS } from '../terms/therapy.ts';
import { type Extension, quantity, type Reference, type VisitContext } from './context.ts';
import { codeIn, extensionsOf, objectsOf, textOf, valueIn } from './json.ts';

export type ProcedureCode = (typeof PROCEDURES)[number]['code'];
export type Side = (typeof SIDES)[number]['code'];
export type Stimulation = (typeof STIMULATIONS)[number]['code'];

/** A point as it was treated: depth in millimetres, retention in minutes. */
export interface TreatedPoint {
  point: string;
  side?: Side;
  depth?: number;
  stimulation?: Stimulation;
  retention?: number;
}

/** A treatment by hand: acupuncture, moxibustion, cupping or tuina. */
export interface HandTreatment {
  procedure: ProcedureCode;
  points: TreatedPoint[];
  /** Parts of the body, in words, where no point says where. */
  sites?: string[];
}

/** A Procedure of our profile. Throws a RangeError for codes outside the tables. */
export function procedureResource(
  given: HandTreatment,
  context: VisitContext,
  reasons: readonly Reference[] = [],
): Resource {
  const { patient, encounter, practitioner, at, newId } = context;
  const { procedure, points, sites = [] } = given;
  return {
    ...{ resourceType: 'Procedure', id: newId(), meta: { profile: [PROFILE.procedure] } },
    ...(points.length === 0 ? {} : { extension: points.map(pointExtension) }),
    ...{ status: 'completed', code: conceptOf('tcm-procedure', procedure) },
    ...{ subject: patient, encounter, performedDateTime: at, performer: [{ actor: practitioner }] },
    ...(reasons.length === 0 ? {} : { reasonReference: [...reasons] }),
    ...(sites.length === 0 ? {} : { bodySite: sites.map((text) => ({ text })) }),
  };
}

function pointExtension({ point, side, depth, stimulation, retention }: TreatedPoint): Extension {
  const known = POINTS.get(point);
  if (!known) throw new RangeError("Use WHO's code of a point, like ST36.");
  const part = (url: string, name: string, value: unknown) => (value === undefined ? [] : [{ url, [name]: value }]);
  return {
    url: EXTENSION.treatedPoint,
    extension: [
      { url: 'point', valueCoding: { system: POINT_SYSTEM, code: point, display: `${point} ${known.pinyin}` } },
      ...part('side', 'valueCoding', side && codingOf('tcm-side', side)),
      ...part('depth', 'valueQuantity', depth && quantity(depth, 'mm')),
      ...part('stimulation', 'valueCoding', stimulation && codingOf('tcm-stimulation', stimulation)),
      ...part('retention', 'valueQuantity', retention && quantity(retention, 'min')),
    ],
  };
}

/** Reads a treatment back from a Procedure; undefined when it is none of ours. */
export function readHandTreatment(resource: Resource): HandTreatment | undefined {
  const procedure = codeIn(resource.code, codeSystemUrl('tcm-procedure')) as ProcedureCode | undefined;
  if (resource.resourceType !== 'Procedure' || procedure === undefined) return undefined;
  const sites = objectsOf(resource.bodySite).flatMap(({ text }) => textOf(text) ?? []);
  return {
    procedure,
    points: extensionsOf(resource, EXTENSION.treatedPoint).flatMap(readPoint),
    ...(sites.length === 0 ? {} : { sites }),
  };
}

function readPoint(extension: Record<string, unknown>): TreatedPoint[] {
  const part = (url: string) => extensionsOf(extension, url)[0];
  const point = codeIn(part('point')?.valueCoding, POINT_SYSTEM);
  if (point === undefined) return [];
  const side = codeIn(part('side')?.valueCoding, codeSystemUrl('tcm-side')) as Side | undefined;
  const depth = valueIn(part('depth')?.valueQuantity, 'mm');
  const stimulation = codeIn(part('stimulation')?.valueCoding, codeSystemUrl('tcm-stimulation'));
  const retention = valueIn(part('retention')?.valueQuantity, 'min');
  return [
    {
      point,
      ...(side === undefined ? {} : { side }),
      ...(depth === undefined ? {} : { depth }),
      ...(stimulation === undefined ? {} : { stimulation: stimulation as Stimulation }),
      ...(retention === undefined ? {} : { retention }),
    },
  ];
}
