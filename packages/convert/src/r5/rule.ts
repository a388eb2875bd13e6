/** Rules by which elements of R4 and R5 correspond. A rule takes what it knows from `from` and writes it to `to`. */

export type Fields = Record<string, unknown>;

export interface Step {
  from: Fields;
  to: Fields;
  /** Notes an element that went into an extension, or nowhere. */
  kept(name: string): void;
  dropped(name: string, reason: string): void;
  /** Type and path so far, such as `Encounter.location`. */
  path: string;
}

export interface Rule {
  up(step: Step): void;
  down(step: Step): void;
}

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields).filter((each) => each !== undefined) : [];
}

/** Takes an element away, and the extensions of a primitive with it. */
export function take(from: Fields, name: string): unknown {
  const value = from[name];
  delete from[name];
  return value;
}

export function put(to: Fields, name: string, value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return;
  to[name] = value;
}

/** The same under another name, with the extensions of a primitive. */
export function rename(old: string, now: string): Rule {
  const move = ({ from, to }: Step, source: string, target: string): void => {
    put(to, target, take(from, source));
    put(to, `_${target}`, take(from, `_${source}`));
  };
  return { up: (step) => move(step, old, now), down: (step) => move(step, now, old) };
}

/** One in R4, many in R5: of many, the first goes down and the others into extensions. */
export function single(old: string, now: string, type: string): Rule {
  return {
    up({ from, to }) {
      const value = take(from, old);
      put(to, now, value === undefined ? undefined : [value, ...extensionsOf(to, from, '5.0', now)]);
    },
    down(step) {
      const values = take(step.from, now);
      if (!Array.isArray(values)) return;
      put(step.to, old, values[0]);
      for (const value of values.slice(1)) extend(step, '5.0', now, type, value);
    },
  };
}

/** Reads back, and takes away, what `extend` wrote for this element. */
function extensionsOf(to: Fields, from: Fields, version: '4.0' | '5.0', name: string): unknown[] {
  const all = (to.extension ?? from.extension) as unknown;
  if (!Array.isArray(all)) return [];
  const own = all.filter((each) => isOwn(each, version, name));
  const rest = all.filter((each) => !isOwn(each, version, name));
  if (own.length === 0) return [];
  delete from.extension;
  delete to.extension;
  put(to, 'extension', rest);
  return own.map(valueIn);
}

function isOwn(extension: unknown, version: '4.0' | '5.0', name: string): boolean {
  const url = fields(extension)?.url;
  const prefix = `http://hl7.org/fhir/${version}/StructureDefinition/extension-`;
  return typeof url === 'string' && url.startsWith(prefix) && url.endsWith(`.${name}`);
}

function valueIn(extension: unknown): unknown {
  const found = fields(extension) ?? {};
  const name = Object.keys(found).find((each) => each.startsWith('value'));
  return name === undefined ? undefined : found[name];
}

/** A cross-version extension (FHIR R5, "Extensions for converting between versions"): the element as the other version has it. */
export function extend(step: Step, version: '4.0' | '5.0', name: string, type: string, value: unknown): void {
  const url = `http://hl7.org/fhir/${version}/StructureDefinition/extension-${step.path}.${name}`;
  const before = (step.to.extension ?? step.from.extension) as unknown;
  delete step.from.extension;
  step.to.extension = [...(Array.isArray(before) ? before : []), { url, [`value${type}`]: value }];
  step.kept(name);
}

/**
 * An element that only one of the versions has. `type` is that of the extension that carries it (`Reference`, `Code`);
 * without one the other version has no way to hold it, since extensions of structures would be larger than their gain.
 */
export function only(version: '4.0' | '5.0', name: string, type?: string, many = true): Rule {
  const away = (step: Step): void => {
    const value = take(step.from, name);
    take(step.from, `_${name}`);
    if (value === undefined) return;
    if (type === undefined) step.dropped(name, `R${version === '4.0' ? 5 : 4} has no place for it`);
    else for (const each of many && Array.isArray(value) ? value : [value]) extend(step, version, name, type, each);
  };
  const back = (step: Step): void => {
    if (name in step.from) put(step.to, name, take(step.from, name));
    const values = extensionsOf(step.to, step.from, version, name);
    if (values.length > 0) put(step.to, name, many ? values : values[0]);
  };
  return version === '4.0' ? { up: away, down: back } : { up: back, down: away };
}

/** Concepts and references side by side in R4, a list of CodeableReference in R5. */
export function codeableReferences(codes: string | undefined, references: string | undefined, now: string): Rule {
  return {
    up({ from, to }) {
      const concepts = codes === undefined ? [] : list(take(from, codes));
      const targets = references === undefined ? [] : list(take(from, references));
      put(to, now, [...concepts.map((concept) => ({ concept })), ...targets.map((reference) => ({ reference }))]);
    },
    down(step) {
      const values = list(take(step.from, now));
      const concepts = values.flatMap(({ concept }) => (concept === undefined ? [] : [concept]));
      const targets = values.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
      if (codes === undefined) for (const concept of concepts) extend(step, '5.0', now, 'CodeableConcept', concept);
      else put(step.to, codes, concepts);
      if (references === undefined) for (const target of targets) extend(step, '5.0', now, 'Reference', target);
      else put(step.to, references, targets);
    },
  };
}

/** `xCodeableConcept` or `xReference` in R4, one CodeableReference in R5. */
export function codeableChoice(stem: string, now = stem): Rule {
  return {
    up({ from, to }) {
      const concept = take(from, `${stem}CodeableConcept`);
      const reference = take(from, `${stem}Reference`);
      if (concept !== undefined) put(to, now, { concept });
      else if (reference !== undefined) put(to, now, { reference });
    },
    down(step) {
      const value = fields(take(step.from, now));
      if (value?.concept !== undefined) put(step.to, `${stem}CodeableConcept`, value.concept);
      else put(step.to, `${stem}Reference`, value?.reference);
      if (value?.concept !== undefined && value.reference !== undefined)
        step.dropped(now, 'R4 holds a concept or a reference, not both');
    },
  };
}

/** A code that is a CodeableConcept of one system in the newer version. */
export function codeToConcept(name: string, system: string): Rule {
  return {
    up({ from, to }) {
      const code = take(from, name);
      if (code !== undefined) put(to, name, { coding: [{ system, code }] });
    },
    down(step) {
      const concept = fields(take(step.from, name));
      const code = list(concept?.coding).find((coding) => coding.system === system)?.code;
      if (code !== undefined) put(step.to, name, code);
      else if (concept !== undefined) step.dropped(name, 'R4 holds a code of its own system only');
    },
  };
}

function own(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

/** Codes that changed. Where the way back would give another one, an extension keeps what it was. */
export function codes(
  name: string,
  up: Readonly<Record<string, string>>,
  down: Readonly<Record<string, string>>,
): Rule {
  const move = (
    step: Step,
    table: Readonly<Record<string, string>>,
    inverse: Readonly<Record<string, string>>,
    mine: '4.0' | '5.0',
    other: '4.0' | '5.0',
  ): void => {
    const code = take(step.from, name);
    if (typeof code !== 'string') return;
    const [before] = extensionsOf(step.to, step.from, other, name);
    const now = typeof before === 'string' ? before : (own(table, code) ?? code);
    put(step.to, name, now);
    if ((own(inverse, now) ?? now) !== code) extend(step, mine, name, 'Code', code);
  };
  return { up: (step) => move(step, up, down, '4.0', '5.0'), down: (step) => move(step, down, up, '5.0', '4.0') };
}

/** Rules within a structure, single or repeated. */
export function within(name: string, ...rules: readonly Rule[]): Rule {
  const apply = (step: Step, direction: 'up' | 'down'): void => {
    const value = take(step.from, name);
    const convert = (inner: unknown): unknown => {
      const own = fields(inner);
      if (!own) return inner;
      return applyRules(rules, own, direction, {
        path: `${step.path}.${name}`,
        kept: (element) => step.kept(`${name}.${element}`),
        dropped: (element, reason) => step.dropped(`${name}.${element}`, reason),
      });
    };
    put(step.to, name, Array.isArray(value) ? value.map(convert) : value === undefined ? undefined : convert(value));
  };
  return { up: (step) => apply(step, 'up'), down: (step) => apply(step, 'down') };
}

/** What the rules do not name goes over as it is. */
export function applyRules(
  rules: readonly Rule[],
  source: Fields,
  direction: 'up' | 'down',
  context: Pick<Step, 'kept' | 'dropped' | 'path'>,
): Fields {
  const step: Step = { ...context, from: { ...source }, to: {} };
  for (const rule of direction === 'up' ? rules : [...rules].reverse()) rule[direction](step);
  return { ...step.from, ...step.to };
}
