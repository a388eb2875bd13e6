import { useLingui } from '@lingui/react/macro';
import type { IconName } from '../../design/icon.tsx';

/** What can be written, in the order of the menu. */
export const FORMS = [
  'note',
  'problem',
  'allergy',
  'prescription',
  'formula',
  'acupuncture',
  'order',
  'result',
] as const;
export type FormName = (typeof FORMS)[number];

export const FORM_ICONS: Readonly<Record<FormName, IconName>> = {
  note: 'record',
  problem: 'heart',
  allergy: 'alert',
  prescription: 'pill',
  formula: 'pill',
  acupuncture: 'needle',
  order: 'chart',
  result: 'flask',
};

export function isForm(text: string): text is FormName {
  return (FORMS as readonly string[]).includes(text);
}

export function useFormNames(): Readonly<Record<FormName, string>> {
  const { t } = useLingui();
  return {
    note: t`Note`,
    problem: t`Problem`,
    allergy: t`Allergy`,
    prescription: t`Prescription`,
    formula: t`Chinese formula`,
    acupuncture: t`Acupuncture`,
    order: t`Order`,
    result: t`Result`,
  };
}
