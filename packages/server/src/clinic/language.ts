import type { Locale, Script, ThreeScripts, Words } from '@meridian/clinic';
import { first, type Parameters } from '../http/query-string.ts';

/** A request as far as the language of its answer goes. */
export interface Asking {
  parameters: Parameters;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const SCRIPTS: Readonly<Record<Locale, Script>> = { en: 'en', 'zh-Hant': 'zhHant', 'zh-Hans': 'zhHans' };
/** Longer headers are cut: browsers send a few dozen characters. */
const MOST_HEADER = 500;

/**
 * The language of an answer: `_lang` where it is given, else what `Accept-Language` prefers (RFC 9110 §12.5.4), else
 * English. Chinese without a script goes by region: Hong Kong, Macau and Taiwan write traditional characters.
 */
export function localeOf({ parameters, headers }: Asking): Locale {
  const asked = parameters.length > 0 ? first(parameters, '_lang') : undefined;
  const accepted = asked ?? headers['accept-language'];
  for (const tag of preferred(String(accepted ?? '').slice(0, MOST_HEADER))) {
    const locale = localeOfTag(tag);
    if (locale) return locale;
  }
  return 'en';
}

/** The same text as the clinic's older tables key it. */
export function scriptOf(locale: Locale): Script {
  return SCRIPTS[locale];
}

/** A text in the one form that the API answers: `en`, `zh-Hant`, `zh-Hans`. */
export function words({ en, zhHant, zhHans }: ThreeScripts): Words {
  return { en, 'zh-Hant': zhHant, 'zh-Hans': zhHans };
}

function preferred(header: string): string[] {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', weight] = part.split(';');
      const q = /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(weight ?? '')?.[1];
      return { tag: tag.trim().toLowerCase(), q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ tag }) => tag);
}

function localeOfTag(tag: string): Locale | undefined {
  if (tag === 'en' || tag.startsWith('en-')) return 'en';
  if (tag !== 'zh' && !tag.startsWith('zh-')) return undefined;
  return /-(?:hant|hk|mo|tw)\b/.test(tag) ? 'zh-Hant' : 'zh-Hans';
}
