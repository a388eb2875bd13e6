import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { ProofSeal, type SealState } from '../design/proof-seal.tsx';
import { useFormat } from '../i18n/format.ts';
import type { Proof, ProofStep } from './proof.ts';
import styles from './proof-panel.module.css';
import { saveFile } from './save-file.ts';

interface Version {
  type: string;
  id: string;
  version: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The seal of a record: one press checks its receipt in this browser and says in plain words what that shows. */
export function ProofPanel(version: Version) {
  const { t } = useLingui();
  const { http } = useServices();
  const [asked, setAsked] = useState(false);
  const proof = useQuery({
    queryKey: ['proof', version.type, version.id, version.version],
    queryFn: async ({ signal }) => {
      const { proveVersion } = await import('./proof.ts');
      return (await proveVersion(http, version, { signal, clock: () => performance.now() })) ?? null;
    },
    enabled: asked,
    retry: false,
  });
  const state: SealState =
    proof.data?.outcome ?? (proof.data === null ? 'none' : proof.isFetching ? 'checking' : 'unchecked');
  const labels: Readonly<Record<SealState, string>> = {
    unchecked: t`Check the seal`,
    checking: t`Checking in your browser`,
    proved: t`Sealed and proven`,
    promised: t`Sealed, not yet witnessed`,
    refused: t`The seal is broken`,
    none: t`No seal yet`,
  };
  const again = (): void => {
    if (asked) void proof.refetch();
    setAsked(true);
  };
  return (
    <div className={styles.proof}>
      <ProofSeal label={labels[state]} state={state} onPress={again} />
      {proof.isError && <ErrorState error={proof.error} />}
      {proof.data === null && (
        <p className={styles.words}>
          <Trans>There is no receipt for you here. A record of this very moment gets its own within a second.</Trans>
        </p>
      )}
      {proof.data && <Explained proof={proof.data} version={version} />}
    </div>
  );
}

function Explained({ proof, version }: { proof: Proof; version: Version }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const sentences = useStepSentences(proof);
  const took = format.number(Math.max(proof.took, 0.1), 1);
  const name = `receipt-${version.type}-${version.id}-${version.version}.json`;
  return (
    <div className={styles.explained}>
      <ul className={styles.steps}>
        {proof.steps.map((step, index) => (
          // a receipt may have several anchors; the order of the steps is fixed
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li className={styles.step} data-result={step.result} key={`${step.name} ${index}`}>
            <Icon name={ICONS[step.result]} size={18} />
            <span>{sentences(step)}</span>
          </li>
        ))}
      </ul>
      <p className={styles.words}>
        <Trans>
          Your own browser worked this out in {took} ms, without trusting the server. Keep the receipt: it can be
          checked without Meridian, now and in fifty years.
        </Trans>
      </p>
      <Button
        lang={i18n.locale}
        leftSection={<Icon name="download" size={18} />}
        variant="default"
        onClick={() => saveFile(name, 'application/json', proof.receipt)}
      >
        <Trans>Save the receipt</Trans>
      </Button>
    </div>
  );
}

const ICONS = { passed: 'check', failed: 'cross', open: 'more' } as const;

/** What each step says, as it came out. */
function useStepSentences(proof: Proof): (step: ProofStep) => string {
  const { t } = useLingui();
  const format = useFormat();
  const number = format.number(proof.index + 1);
  const count = format.number(proof.size);
  const passed: Readonly<Record<ProofStep['name'], string>> = {
    content: t`What you see is, to the last character, what was sealed.`,
    opening: t`The seal belongs to this entry and to no other.`,
    inclusion: t`It is entry ${number} of ${count} in a log to which one can only add.`,
    'log-signature': t`The log has signed for it.`,
    witnesses: t`Independent witnesses have seen the log with it.`,
    anchor: t`It is anchored in a public chain.`,
  };
  const failed: Readonly<Record<ProofStep['name'], string>> = {
    content: t`What you see is not what was sealed.`,
    opening: t`The seal does not fit this entry.`,
    inclusion: t`This entry is not the one in the log, or the proof was altered.`,
    'log-signature': t`The signature of the log does not hold.`,
    witnesses: t`A witness's signature does not hold.`,
    anchor: t`The anchor does not belong to this log.`,
  };
  const open: Readonly<Record<ProofStep['name'], string>> = {
    ...passed,
    witnesses: t`No independent witness has seen it so far. Until then the log's keeper alone vouches for it.`,
    anchor: t`It is said to be anchored in a chain; your browser has not asked the chain.`,
  };
  return ({ name, result }) => ({ passed, failed, open })[result][name];
}
