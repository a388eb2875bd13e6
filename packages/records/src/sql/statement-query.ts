import type { Submittable } from 'pg';

/** A statement with a name is prepared once on each connection. */
export interface Statement {
  name?: string;
  text: string;
}

/** What the driver lends to a query that it submits (node-postgres, `Connection`). */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  /** Names of the statements that this connection has parsed. Kept by the driver. */
  readonly parsedStatements?: Readonly<Record<string, string>>;
  parse(query: { name: string; text: string; types: string[] }, more: boolean): void;
  bind(config: { statement: string; values: (string | Buffer | null)[] }, more: boolean): void;
  describe(message: { type: string }, more: boolean): void;
  execute(config: null, more: boolean): void;
  sync(): void;
}

interface Column {
  name: string;
  parse: (text: string) => unknown;
}

type Done = (error: Error | null, query?: StatementQuery) => void;

/** Results by type OID: bigint for int8, Buffer for bytea. The driver knows text results only. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  [17, (text) => Buffer.from(text.slice(2), 'hex')],
  [20, BigInt],
  [21, Number],
  [23, Number],
  [701, Number],
]);

const asText = (text: string): string => text;

/** The columns of named statements, once they were described on a connection: they do not change while it lives. */
const described = new WeakMap<Wire, Map<string, readonly Column[]>>();

/**
 * One statement as the driver carries it out. The driver's own `Query` copies its settings, asks for the description of
 * the result each time, and is an event emitter that tells of each row: of a short statement that is most of the cost to
 * this process (docs/performance.md has the figures).
 *
 * The rest is the driver's contract for what it is given to submit (node-postgres, `Submittable`, as pg-cursor uses it).
 */
export class StatementQuery implements Submittable {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | Buffer | null)[];
  readonly rows: Record<string, unknown>[] = [];
  /** Set by the driver, or by whoever gives this to a client. Called once. */
  callback: Done | undefined;
  #columns: readonly Column[] | undefined;
  #connection: Wire | undefined;
  #broken: Error | undefined;

  constructor(statement: Statement, values: readonly unknown[]) {
    this.name = statement.name ?? '';
    this.text = statement.text;
    this.values = values.map(parameter);
  }

  submit(connection: Wire): void {
    this.#connection = connection;
    this.#columns = described.get(connection)?.get(this.name);
    connection.stream.cork();
    try {
      if (this.name === '' || connection.parsedStatements?.[this.name] === undefined) {
        connection.parse({ name: this.name, text: this.text, types: [] }, true);
      }
      connection.bind({ statement: this.name, values: [...this.values] }, true);
      if (!this.#columns) connection.describe({ type: 'P' }, true);
      connection.execute(null, true);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, parse: PARSERS.get(dataTypeID) ?? asText }));
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    try {
      this.rows.push(rowOf(this.#columns ?? [], fields));
    } catch (error) {
      this.#broken ??= error instanceof Error ? error : new Error('a value of the database cannot be read');
    }
  }

  handleCommandComplete(): void {
    const connection = this.#connection;
    if (!connection || this.name === '') return;
    const known = described.get(connection) ?? new Map<string, readonly Column[]>();
    described.set(connection, known);
    // a statement that gives no rows has no description
    known.set(this.name, this.#columns ?? []);
  }

  handleReadyForQuery(): void {
    if (this.#broken) this.#end(this.#broken);
    else this.#end(null);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  handleEmptyQuery(): void {
    this.#broken = new Error('a statement without text was sent');
  }

  handlePortalSuspended(): void {
    this.#broken = new Error('the database stopped in the middle of a result');
  }

  #end(error: Error | null): void {
    const { callback } = this;
    this.callback = undefined;
    callback?.(error, this);
  }
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) {
    const { name, parse } = columns[i] as Column;
    const field = fields[i] ?? null;
    row[name] = field === null ? null : parse(field);
  }
  return row;
}

/** Buffers cross in binary form, others as text. */
function parameter(value: unknown): string | Buffer | null {
  if (Buffer.isBuffer(value) || typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return `{${value.map(element).join()}}`;
  throw new TypeError('A parameter of a statement must be text, bytes, a number, a boolean, or a list of numbers.');
}

function element(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  throw new TypeError('A list among the parameters of a statement may hold numbers only.');
}
