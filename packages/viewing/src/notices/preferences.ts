import type { Flag } from './notice.ts';

/** How a patient wants to hear of what happens to the record. */
export interface Preferences {
  /** Of views: each one, only unusual ones, only emergencies (break-glass), or one summary a day. */
  views: 'every' | 'unusual' | 'break-glass' | 'digest';
  /** Where to write to besides the app; each may be absent. */
  email?: string;
  webhook?: string;
  /** In these hours nothing is pushed except emergencies; minutes after midnight, in `zone`. */
  quiet?: { from: number; until: number; zone: string };
  /** Actors (`Practitioner/…`) and organisations (`Organization/…`) that may not ask for approval again. */
  neverAsk: readonly string[];
}

export const DEFAULT_PREFERENCES: Preferences = { views: 'unusual', neverAsk: [] };

export class PreferencesError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'PreferencesError';
  }
}

const WANTED = ['every', 'unusual', 'break-glass', 'digest'];
const ACTOR = /^(?:Practitioner|PractitionerRole|Organization|Device)\/[A-Za-z0-9\-.]{1,64}$/;

/** Reads preferences from JSON; whatever is not understood is refused. */
export function readPreferences(value: unknown): Preferences {
  if (typeof value !== 'object' || value === null) throw new PreferencesError('Preferences must be a JSON object.');
  const { views, email, webhook, quiet, neverAsk = [], ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0) {
    throw new PreferencesError('Preferences may have views, email, webhook, quiet and neverAsk only.');
  }
  if (!WANTED.includes(views as string)) throw new PreferencesError(`views must be one of ${WANTED.join(', ')}.`);
  if (email !== undefined && (typeof email !== 'string' || !/^[^\s@<>",;]{1,64}@[^\s@<>",;]{1,190}$/.test(email))) {
    throw new PreferencesError('email must be one address such as name@example.org.');
  }
  if (webhook !== undefined && !isHttps(webhook)) {
    throw new PreferencesError('webhook must be an https: URL of at most 500 characters.');
  }
  if (!Array.isArray(neverAsk) || neverAsk.length > 200 || !neverAsk.every((item) => ACTOR.test(String(item)))) {
    throw new PreferencesError('neverAsk must be a list of at most 200 references to practitioners and organisations.');
  }
  return {
    views: views as Preferences['views'],
    neverAsk: neverAsk as string[],
    ...(email !== undefined && { email: email as string }),
    ...(webhook !== undefined && { webhook: webhook as string }),
    ...(quiet !== undefined && { quiet: readQuiet(quiet) }),
  };
}

function isHttps(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 500) return false;
  const url = URL.parse(value);
  return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '';
}

function readQuiet(value: unknown): NonNullable<Preferences['quiet']> {
  const { from, until, zone } = (value ?? {}) as Record<string, unknown>;
  const isMinute = (minute: unknown): minute is number =>
    Number.isInteger(minute) && (minute as number) >= 0 && (minute as number) < 1440;
  if (!isMinute(from) || !isMinute(until) || typeof zone !== 'string' || !isZone(zone)) {
    throw new PreferencesError(
      'quiet must have from and until as minutes after midnight (0 to 1439) and zone such as Asia/Hong_Kong.',
    );
  }
  return { from, until, zone };
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Whether it is quiet for this patient at this moment. Hours may run over midnight. */
export function isQuiet({ quiet }: Preferences, now: number): boolean {
  if (!quiet) return false;
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: quiet.zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value);
  const minute = part('hour') * 60 + part('minute');
  const { from, until } = quiet;
  return from <= until ? from <= minute && minute < until : from <= minute || minute < until;
}

/** Whether a view with these flags is to be told at once, in the digest, or not at all. */
export function wantsView({ views }: Preferences, flags: readonly Flag[]): 'now' | 'digest' | 'no' {
  if (flags.includes('break-glass')) return 'now';
  switch (views) {
    case 'every':
      return 'now';
    case 'digest':
      return 'digest';
    case 'unusual':
      return flags.length > 0 ? 'now' : 'no';
    case 'break-glass':
      return 'no';
  }
}
