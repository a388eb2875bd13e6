import table from '../../data/tcm/points.json' with { type: 'json' };

/** The code system whose codes are WHO's point codes (`ST36`, `EX-HN5`). */
export const POINT_SYSTEM = 'https://meridian.example/fhir/CodeSystem/acupuncture-point';

/** An acupuncture point: WHO's code, and its name in both scripts and pinyin. The English name is the code with the pinyin. */
export interface Point {
  code: string;
  zhHant: string;
  zhHans: string;
  pinyin: string;
  /** Id of `tcmSources`. */
  source: string;
}

/** The 361 points of the channels, in WHO's order, then the 48 extra points; by code. */
export const POINTS: ReadonlyMap<string, Point> = new Map(table.map((point) => [point.code, point]));
