import { countsOf, sortedJson } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import { resourceAnswer } from '../fhir/outgoing.ts';
import type { Answer } from '../fhir/request.ts';
import { facts, type Made } from './made-conversion.ts';
import type { Written } from './written-bundle.ts';

/** Where what came of a conversion was stored. */
export interface Filed {
  written: Written;
  original: string;
  patientId: string | undefined;
  hasProvenance: boolean;
}

/** The Parameters that tell what was done, and where it is; with the result itself where nothing holds it yet. */
export function answerOf(made: Made, filed: (Filed & { provenance: string; report: string }) | undefined): Answer {
  const { converter, version, sourceDigest, sourceType, resultDigest } = facts(made);
  const counts = countsOf(made.output.fidelity);
  const parameter = [
    { name: 'format', valueCode: made.detected.format },
    { name: 'source-type', valueString: sourceType },
    { name: 'converter', valueString: converter },
    { name: 'version', valueString: version },
    { name: 'source-sha256', valueString: sourceDigest },
    { name: 'result-sha256', valueString: resultDigest },
    { name: 'filed', valueBoolean: filed !== undefined },
    ...Object.entries(counts).map(([name, valueInteger]) => ({ name, valueInteger })),
    { name: 'fidelity', resource: jsonBinary(made.output.fidelity) },
    ...(filed ? filedParameters(filed) : []),
    ...resultParameters(made, filed !== undefined),
  ];
  return resourceAnswer(200, { resourceType: 'Parameters', parameter } as Resource);
}

function filedParameters({ original, provenance, report, written }: Filed & { provenance: string; report: string }) {
  const reference = (name: string, path: string) =>
    path === '' ? [] : [{ name, valueReference: { reference: path } }];
  return [
    ...reference('original', original),
    ...reference('provenance', provenance),
    ...reference('report', report),
    ...written.flatMap((path) => reference('resource', path)),
  ];
}

/** The result itself: always where it is a file, and where nothing was stored also the records. */
function resultParameters({ output, resources }: Made, isFiled: boolean): { name: string; resource: unknown }[] {
  const { bytes } = output;
  if (bytes) {
    const data = Buffer.from(bytes.content).toString('base64');
    return [{ name: 'result', resource: { resourceType: 'Binary', contentType: bytes.contentType, data } }];
  }
  return isFiled ? [] : resources.map((resource) => ({ name: 'result', resource }));
}

function jsonBinary(value: unknown) {
  const data = Buffer.from(sortedJson(value)).toString('base64');
  return { resourceType: 'Binary', contentType: 'application/json', data };
}
