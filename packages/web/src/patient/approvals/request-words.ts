import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import type { RequestedScope } from '../../api/viewing.ts';
import { useFormat } from '../../i18n/format.ts';
import { useKindNames } from '../../records/kind-names.ts';
import { MATTERS } from '../sharing/consent-rule.ts';
import { useConsentWords } from '../sharing/consent-words.ts';

/** Longer lists are counted instead of read out. */
const MOST_NAMED = 6;

/** What a scope opens, as short lines. */
export function useScopeLines(): (scope: RequestedScope) => string[] {
  const { t } = useLingui();
  const format = useFormat();
  const kinds = useKindNames();
  const words = useConsentWords();
  return ({ types, period, sensitivities, records }) => {
    const names = [...new Set(types.map(kinds))];
    const named = format.list(names.slice(0, MOST_NAMED));
    const more = names.length - MOST_NAMED;
    const start = format.date(period?.start);
    const end = format.date(period?.end);
    const matters = format.list(MATTERS.filter((one) => sensitivities.includes(one)).map(words.matter));
    return [
      records.length > 0
        ? t`${plural(records.length, { one: 'Only # entry of the record', other: 'Only # entries of the record' })}`
        : names.length === 0
          ? t`The whole medical record`
          : more > 0
            ? t`${named} and ${more} more kinds`
            : named,
      ...(start === '' && end === '' ? [] : [t`From ${start || '…'} to ${end || '…'}`]),
      matters === '' ? t`Nothing sensitive` : t`Also what is about ${matters}`,
    ];
  };
}

/** Minutes as people say them. */
export function useDuration(): (minutes: number) => string {
  const { t } = useLingui();
  return (minutes) => {
    if (minutes % 1440 === 0) return t`${plural(minutes / 1440, { one: '# day', other: '# days' })}`;
    if (minutes % 60 === 0) return t`${plural(minutes / 60, { one: '# hour', other: '# hours' })}`;
    return t`${plural(minutes, { one: '# minute', other: '# minutes' })}`;
  };
}

/** Purposes for which one may ask (v3-ActReason), in words. */
export function usePurposeSentences(): (code: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    TREAT: t`to treat you`,
    HPAYMT: t`for a payment`,
    HOPERAT: t`to run the service`,
    HRESCH: t`for research`,
    PUBHLTH: t`for public health`,
    HLEGAL: t`for a legal matter`,
    FAMRQT: t`because your family asked`,
  };
  return (code) => names[code] ?? code;
}
