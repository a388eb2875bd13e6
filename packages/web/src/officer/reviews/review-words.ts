import { useLingui } from '@lingui/react/macro';
import type { ReviewOutcome } from '../../api/viewing.ts';

/** Why a view deserves a second look, in words. */
export function useFlagSentences(): (flag: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    'break-glass': t`Emergency access`,
    'not-under-care': t`Not treating the patient`,
    'same-surname': t`Same family name`,
    colleague: t`Colleague`,
    'well-known-person': t`Well-known person`,
    volume: t`Unusually many`,
  };
  return (flag) => names[flag] ?? flag;
}

export function useOutcomeNames(): Readonly<Record<ReviewOutcome, string>> {
  const { t } = useLingui();
  return { justified: t`Justified`, 'not-justified': t`Not justified`, 'follow-up': t`Needs a follow-up` };
}

/** Reasons for breaking the glass, in words. */
export function useReasonNames(): (reason: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    'life-threatening': t`Danger to life`,
    'patient-cannot-answer': t`Patient cannot answer`,
    'danger-to-others': t`Danger to others`,
    'child-protection': t`Protection of a child`,
    'no-time-to-ask': t`No time to ask`,
  };
  return (reason) => names[reason] ?? reason;
}
