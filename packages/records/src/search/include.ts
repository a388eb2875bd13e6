import { extract, type Include, type Resource, type SearchQuery, searchParametersOf } from '@meridian/fhir';
import type { Pool } from 'pg';
import { StoreError } from '../errors.ts';
import type { Ids } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Reader, ResourceName } from '../reader.ts';
import { int8Array } from '../sql/binary-array.ts';
import { run } from '../sql/run.ts';
import type { ViewContext } from '../store.ts';
import { type LabelledRow, labelledColumns, type OpenedVersion, openRows } from '../stored-row.ts';
import type { TokenNames } from '../tokens/token-names.ts';
import { typeNumber } from '../types.ts';
import { compileRule } from '../visibility/compile-rule.ts';
import type { SeenVersion } from '../visibility/judge.ts';
import { ALWAYS } from '../visibility/narrow.ts';
import type { Rule } from '../visibility.ts';
import { isLive } from './filters.ts';
import { SqlText } from './sql-text.ts';
import { bind } from './statement.ts';

/** Most resources that come along with one page. */
const MOST_INCLUDED = 1000;
/** How far `:iterate` goes. */
const MOST_ROUNDS = 5;

/** Leaves out what may not be shown: undefined in its place. */
export type See = (versions: readonly (OpenedVersion | undefined)[]) => Promise<(SeenVersion | undefined)[]>;

/** Fetches what `_include` and `_revinclude` add to a page of matches. */
export class Includes {
  readonly #pool: Pool;
  readonly #keys: KeyRing;
  readonly #names: TokenNames;
  readonly #reader: Reader;
  readonly #ids: Ids;
  readonly #baseUrl: string;

  constructor(parts: { pool: Pool; keys: KeyRing; ids: Ids; names: TokenNames; reader: Reader; baseUrl: string }) {
    this.#pool = parts.pool;
    this.#keys = parts.keys;
    this.#names = parts.names;
    this.#reader = parts.reader;
    this.#ids = parts.ids;
    this.#baseUrl = parts.baseUrl;
  }

  /** @param context undefined: of the system, from whom nothing is hidden */
  async of(
    query: SearchQuery,
    matches: readonly OpenedVersion[],
    see: See,
    context: ViewContext | undefined,
  ): Promise<SeenVersion[]> {
    if (query.include.length === 0 && query.revinclude.length === 0) return [];
    const known = new Set(matches.map(nameOf));
    const included: SeenVersion[] = [];
    let round: SeenVersion[] = [...matches];
    for (let n = 0; n < MOST_ROUNDS && round.length > 0; n++) {
      const wanted = (include: Include): boolean => n === 0 || include.iterate;
      const found = [
        ...(await this.#forward(query.include.filter(wanted), round)),
        ...(await this.#reverse(query.revinclude.filter(wanted), round, context)),
      ];
      round = found.filter((version) => !version.stored.deleted && !known.has(nameOf(version)));
      const distinct = [...new Map(round.map((version) => [nameOf(version), version])).values()];
      round = (await see(distinct)).filter((version) => version !== undefined);
      for (const version of round) known.add(nameOf(version));
      included.push(...round);
      refuseTooMany(included);
    }
    return included;
  }

  async #forward(includes: readonly Include[], sources: readonly OpenedVersion[]): Promise<OpenedVersion[]> {
    const names = new Map<string, ResourceName>();
    for (const source of sources) {
      const relevant = includes.filter((include) => include.source === source.stored.type);
      if (relevant.length === 0 || !source.stored.json) continue;
      const values = extract(JSON.parse(source.stored.json.toString()) as Resource, { baseUrl: this.#baseUrl });
      for (const include of relevant) {
        for (const name of targetsOf(include, values)) names.set(`${name.type}/${name.id}`, name);
      }
    }
    if (names.size === 0) return [];
    refuseTooMany([...names.values()]);
    const found = await this.#reader.currentOf(this.#pool, [...names.values()]);
    return found.filter((version) => version !== undefined);
  }

  async #reverse(
    includes: readonly Include[],
    targets: readonly OpenedVersion[],
    context: ViewContext | undefined,
  ): Promise<OpenedVersion[]> {
    const found: OpenedVersion[] = [];
    for (const include of includes) {
      const parameters = include.parameter
        ? [include.parameter]
        : searchParametersOf(include.source).filter((parameter) => parameter.type === 'reference');
      const tokens = targets
        .filter(({ stored }) => include.target === undefined || include.target === stored.type)
        .flatMap(({ stored }) =>
          parameters.flatMap((parameter) =>
            parameter.index.map((key) => this.#names.reference(include.source, key, stored.type, stored.id)),
          ),
        );
      if (tokens.length === 0) continue;
      const rule = (await context?.visibility.ruleFor({ types: [include.source] })) ?? ALWAYS;
      found.push(...(await this.#pointingTo(tokens, include.source, rule)));
      refuseTooMany(found);
    }
    return found;
  }

  /** What is hidden must not count towards the limit either. */
  async #pointingTo(tokens: readonly bigint[], type: string, rule: Rule): Promise<OpenedVersion[]> {
    const sql = new SqlText();
    const where = [
      `r.type = ${sql.value(typeNumber(type), 'int2')}`,
      `r.tokens && ${sql.value(int8Array(tokens), 'int8[]')}`,
      isLive('r'),
    ];
    const visible = compileRule({ sql, names: this.#names, ids: this.#ids, scoped: false }, rule, 'r', [type]);
    if (visible !== undefined) where.push(`(${visible})`);
    const { statement, values } = bind(
      sql,
      `SELECT ${labelledColumns('r')} FROM resource r WHERE ${where.join(' AND ')}
        ORDER BY r.updated DESC, r.rid DESC LIMIT ${MOST_INCLUDED + 1}`,
      true,
    );
    return openRows(this.#keys, await run<LabelledRow>(this.#pool, statement, values));
  }
}

function targetsOf(include: Include, values: ReturnType<typeof extract>): ResourceName[] {
  return values.flatMap((value) => {
    if (value.kind !== 'reference' || !value.type || !value.id) return [];
    if (include.parameter && !include.parameter.index.includes(value.key)) return [];
    const targets = include.target ? [include.target] : (include.parameter?.target ?? []);
    return targets.length === 0 || targets.includes(value.type) ? [{ type: value.type, id: value.id }] : [];
  });
}

function refuseTooMany(list: readonly unknown[]): void {
  if (list.length <= MOST_INCLUDED) return;
  throw new StoreError(
    'too-costly',
    400,
    `This page would include more than ${MOST_INCLUDED} resources. Ask for fewer matches with _count, or include less.`,
  );
}

function nameOf(version: OpenedVersion): string {
  return `${version.stored.type}/${version.stored.id}`;
}
