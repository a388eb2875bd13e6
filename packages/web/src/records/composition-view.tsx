import { useLingui } from '@lingui/react/macro';
import type { Composition, CompositionSection } from 'fhir/r4';
import { useFormat } from '../i18n/format.ts';
import styles from './document.module.css';
import { Facts } from './facts.tsx';
import { narrativeText } from './narrative.ts';
import { conceptText, plain, referenceTexts, TEXT } from './words.ts';

/** Sections within sections, as deep as they are readable. */
const DEEPEST = 6;

/** A document in sections. Narrative is shown as text: its markup is somebody else's. */
export function CompositionView({ composition }: { composition: Composition }) {
  const { t, i18n } = useLingui();
  const format = useFormat();
  return (
    <>
      <Facts
        facts={[
          [t`Kind`, conceptText(composition.type, i18n.locale)],
          [t`When`, format.dateTime(composition.date)],
          [t`By`, referenceTexts(composition.author, i18n.locale)],
        ]}
      />
      <Sections depth={1} sections={composition.section ?? []} />
    </>
  );
}

function Sections({ sections, depth }: { sections: readonly CompositionSection[]; depth: number }) {
  const { i18n } = useLingui();
  if (depth > DEEPEST) return null;
  return sections.map((section, index) => (
    // sections have no id, and their order is that of the document
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <section className={styles.section} key={index}>
      <h2>
        <bdi>{plain(section.title) || conceptText(section.code, i18n.locale)}</bdi>
      </h2>
      <p className={styles.text}>{plain(narrativeText(section.text?.div ?? ''), TEXT)}</p>
      <Sections depth={depth + 1} sections={section.section ?? []} />
    </section>
  ));
}
