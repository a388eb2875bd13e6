import type { ClinicalImpression, Coding, Parameters, ParametersParameter } from 'fhir/r4';

/** How a reader sees a finding. */
export type Presence = 'present' | 'absent' | 'uncertain';

/** One reader's interpretation of a report. */
export interface Reading {
  id: string;
  reader: string;
  summary: string;
  date: string;
  /** Replaced by a newer one of the same reader. */
  current: boolean;
}

/** A finding, and who sees it how. */
export interface ComparedFinding {
  code: Coding;
  /** `agree`, `disagree`, or `single` where one reader alone names it. */
  verdict: string;
  readings: readonly { reader: string; presence: Presence }[];
}

/** The readings of a report side by side, from `$interpretation`. */
export function readingsOf({ parameter = [] }: Parameters): { readings: Reading[]; findings: ComparedFinding[] } {
  const readings = named(parameter, 'interpretation').flatMap(({ part = [] }): Reading[] => {
    const impression = partOf(part, 'resource')?.resource as ClinicalImpression | undefined;
    if (impression?.id === undefined) return [];
    return [
      {
        id: impression.id,
        reader: impression.assessor?.display ?? impression.assessor?.reference ?? '',
        summary: impression.summary ?? '',
        date: impression.date ?? '',
        current: partOf(part, 'current')?.valueBoolean !== false,
      },
    ];
  });
  const findings = named(parameter, 'finding').flatMap(({ part = [] }): ComparedFinding[] => {
    const code = partOf(part, 'code')?.valueCoding;
    if (!code) return [];
    const compared = named(part, 'reading').map(({ part: inner = [] }) => ({
      reader: partOf(inner, 'reader')?.valueReference?.display ?? '',
      presence: (partOf(inner, 'presence')?.valueCode ?? 'uncertain') as Presence,
    }));
    return [{ code, verdict: partOf(part, 'verdict')?.valueCode ?? '', readings: compared }];
  });
  return { readings, findings };
}

/** What a reader says, as the operation takes it. A finding of one's own words is named by those words. */
export function readingParameters(
  summary: string,
  findings: readonly { code: Coding; presence: Presence }[],
  supersedes: string | undefined,
): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'summary', valueString: summary },
      ...findings.map(({ code, presence }) => ({
        name: 'finding',
        part: [
          { name: 'code', valueCoding: code },
          { name: 'presence', valueCode: presence },
        ],
      })),
      ...(supersedes === undefined ? [] : [{ name: 'supersedes', valueString: supersedes }]),
    ],
  };
}

/** A finding in words, so that a second reader can agree or disagree about the same thing. */
export function findingInWords(text: string): Coding {
  const words = text.trim().replaceAll(/\s+/g, ' ');
  return { system: 'urn:meridian:finding-in-words', code: words.toLowerCase().slice(0, 100), display: words };
}

function named(parts: readonly ParametersParameter[], name: string): ParametersParameter[] {
  return parts.filter((part) => part.name === name);
}

function partOf(parts: readonly ParametersParameter[], name: string): ParametersParameter | undefined {
  return parts.find((part) => part.name === name);
}
