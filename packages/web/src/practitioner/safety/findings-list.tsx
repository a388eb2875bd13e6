import { Trans, useLingui } from '@lingui/react/macro';
import { Tag, type Tone } from '../../design/tag.tsx';
import type { Language } from '../../i18n/language.ts';
import { plain, TEXT } from '../../records/words.ts';
import type { SafetyFinding, Severity } from './findings.ts';
import styles from './safety.module.css';

const TONES: Readonly<Record<Severity, Tone>> = {
  contraindicated: 'danger',
  serious: 'danger',
  moderate: 'caution',
  minor: 'plain',
  information: 'plain',
};

/** Findings of a safety check: what, why, what to do, on which evidence. */
export function FindingsList({ findings }: { findings: readonly SafetyFinding[] }) {
  const { i18n } = useLingui();
  const severity = useSeverityNames();
  const evidence = useEvidenceNames();
  const language = i18n.locale as Language;
  return (
    <ul className={styles.findings}>
      {findings.map((finding) => (
        <li className={styles.finding} data-tone={TONES[finding.severity]} key={finding.key}>
          <p className={styles.head}>
            <Tag tone={TONES[finding.severity]}>{severity[finding.severity]}</Tag>
            <span className={styles.faint}>{evidence(finding.evidence)}</span>
          </p>
          <p className={styles.text}>
            <bdi>{plain(finding.text[language], TEXT)}</bdi>
          </p>
          <p className={styles.advice}>
            <bdi>{plain(finding.advice[language], TEXT)}</bdi>
          </p>
          {finding.sources.length > 0 && (
            <details className={styles.sources}>
              <summary>
                <Trans>Sources</Trans>
              </summary>
              <ul>
                {finding.sources.map((source) => (
                  <li key={source} lang="en">
                    {plain(source)}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

export function useSeverityNames(): Readonly<Record<Severity, string>> {
  const { t } = useLingui();
  return {
    contraindicated: t`Contraindicated`,
    serious: t`Serious`,
    moderate: t`Moderate`,
    minor: t`Minor`,
    information: t`For information`,
  };
}

function useEvidenceNames(): (evidence: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    label: t`Product label`,
    guideline: t`Guideline`,
    trial: t`Trial`,
    observational: t`Observational study`,
    'case-report': t`Case report`,
    'classical-text': t`Classical text`,
  };
  return (evidence) => names[evidence] ?? '';
}
