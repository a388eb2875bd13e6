import { Trans, useLingui } from '@lingui/react/macro';
import { Radio, Textarea } from '@mantine/core';
import { Icon } from '../../design/icon.tsx';
import type { SafetyFinding } from './findings.ts';
import { FindingsList } from './findings-list.tsx';
import { OVERRIDE_REASONS, type Override, type OverrideReason } from './overrides.ts';
import styles from './safety.module.css';

/** What stops the pen: the findings with their sources, and the reason without which it goes no further. */
export function SafetyStop({
  findings,
  override,
  onChange,
}: {
  findings: readonly SafetyFinding[];
  override: Override | undefined;
  onChange: (override: Override) => void;
}) {
  const { t } = useLingui();
  const names = useReasonNames();
  const words = override?.words ?? '';
  return (
    <section className={styles.stop} role="alert">
      <h2>
        <Icon name="alert" size={22} />
        <Trans>Stop: this may harm the patient</Trans>
      </h2>
      <FindingsList findings={findings} />
      <Radio.Group
        label={t`If you go on all the same, say why`}
        value={override?.reason ?? ''}
        onChange={(reason) => onChange({ reason: reason as OverrideReason, words })}
      >
        {OVERRIDE_REASONS.map((reason) => (
          <Radio key={reason} label={names[reason]} mt={8} value={reason} />
        ))}
      </Radio.Group>
      {override !== undefined && (
        <Textarea
          description={t`It is written down with the order, and anybody who reads the record sees it.`}
          label={t`In your own words`}
          maxLength={1000}
          value={words}
          onChange={(event) => onChange({ ...override, words: event.currentTarget.value })}
        />
      )}
    </section>
  );
}

function useReasonNames(): Readonly<Record<OverrideReason, string>> {
  const { t } = useLingui();
  return {
    'benefit-outweighs-risk': t`The benefit outweighs the risk`,
    'will-monitor': t`It will be monitored as advised`,
    'tolerated-before': t`The patient has tolerated it before`,
    'record-is-wrong': t`The record behind the warning is wrong`,
    'not-taken-together': t`They are not taken at the same time`,
  };
}
