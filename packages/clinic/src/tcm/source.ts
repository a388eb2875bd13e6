import table from '../../data/tcm/sources.json' with { type: 'json' };

/** Where a fact comes from: a book, a standard or a data set, and on what terms it may be used. */
export interface Source {
  id: string;
  title: string;
  /** Author, editor or issuing body. */
  issuer: string;
  /** Year or span of years, as the book trade gives it; `c.` marks an estimate. */
  year: string;
  section: string;
  /** Licence, public-domain status, or that only facts were taken. */
  status: string;
}

/** The sources of the tables in `data/tcm/`. */
export const tcmSources: ReadonlyMap<string, Source> = new Map(table.map((source) => [source.id, source]));
