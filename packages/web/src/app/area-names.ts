import { useLingui } from '@lingui/react/macro';
import type { Area } from '../session/account.ts';

/** The names of the areas in the reader's language. */
export function useAreaNames(): Readonly<Record<Area, string>> {
  const { t } = useLingui();
  return { patient: t`My own record`, practitioner: t`Clinical work`, officer: t`Records and oversight` };
}
