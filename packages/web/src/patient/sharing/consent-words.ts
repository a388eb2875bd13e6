import { useLingui } from '@lingui/react/macro';
import { useFormat } from '../../i18n/format.ts';
import { inLanguage } from '../../records/words.ts';
import type { ConsentRule, Matter, Part, Purpose, Recipient, Subject } from './consent-rule.ts';

/** The parts of a consent's sentence, in words. */
export interface ConsentWords {
  recipient(recipient: Recipient): string;
  effect(effect: ConsentRule['effect']): string;
  subject(subject: Subject): string;
  part(part: Part): string;
  matter(matter: Matter): string;
  purpose(purpose: Purpose): string;
  until(day: string | undefined): string;
}

export function useConsentWords(): ConsentWords {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const roles: Readonly<Record<string, string>> = {
    'western-practitioner': t`Every doctor of Western medicine`,
    'tcm-practitioner': t`Every practitioner of Chinese medicine`,
    nurse: t`Every nurse`,
    pharmacist: t`Every pharmacist`,
    laboratory: t`Every laboratory`,
    researcher: t`Every researcher`,
  };
  const parts: Readonly<Record<Part, string>> = {
    results: t`my results`,
    medicines: t`my medicines`,
    diagnoses: t`my diagnoses`,
    allergies: t`my allergies`,
    visits: t`my visits`,
    documents: t`my documents`,
    vaccinations: t`my vaccinations`,
    treatments: t`my treatments`,
  };
  const matters: Readonly<Record<Matter, string>> = {
    PSY: t`mental health`,
    HIV: t`HIV`,
    STD: t`sexual health`,
    ETH: t`alcohol and drugs`,
    GDIS: t`genetics`,
    VIO: t`violence`,
  };
  const purposes: Readonly<Record<Purpose, string>> = {
    any: t`for any good reason`,
    TREAT: t`to treat me`,
    HRESCH: t`for research`,
  };
  return {
    recipient: (recipient) => {
      if (recipient.kind === 'caring') return t`Everyone who is treating me`;
      if (recipient.kind === 'role') return roles[recipient.role] ?? recipient.role;
      return inLanguage(recipient.name, i18n.locale) || recipient.reference;
    },
    effect: (effect) => (effect === 'permit' ? t`may see` : t`may not see`),
    subject: (subject) => {
      if (subject.kind === 'everything') return t`everything in my record`;
      if (subject.kind === 'parts') return format.list(subject.parts.map((part) => parts[part]));
      const matter = format.list(subject.matters.map((one) => matters[one]));
      return t`what is about ${matter}`;
    },
    part: (part) => parts[part],
    matter: (matter) => matters[matter],
    purpose: (purpose) => purposes[purpose],
    until: (day) => {
      const last = format.date(day);
      return day === undefined ? t`until I take it back` : t`until ${last}`;
    },
  };
}
