import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { ProofSeal, type SealState } from '../../design/proof-seal.tsx';
import { useFormat } from '../../i18n/format.ts';
import type { Look } from '../../records/looks.ts';
import { saveFile } from '../../records/save-file.ts';
import styles from './looks-page.module.css';

/** The seal of a look: one press checks in this browser that the log holds it as it stands here. */
export function LookSeal({ look }: { look: Look }) {
  const { t } = useLingui();
  const format = useFormat();
  const { http } = useServices();
  const [asked, setAsked] = useState(false);
  const proof = useQuery({
    queryKey: ['look proof', look.id],
    queryFn: async ({ signal }) => {
      const { proveLook } = await import('../../records/look-proof.ts');
      return (await proveLook(http, look, signal)) ?? null;
    },
    enabled: asked,
    retry: false,
  });
  const { data } = proof;
  const state: SealState = proof.isError
    ? 'refused'
    : (data?.outcome ?? (data === null ? 'none' : proof.isFetching ? 'checking' : 'unchecked'));
  const labels: Readonly<Record<SealState, string>> = {
    unchecked: t`Check`,
    checking: t`Checking`,
    proved: t`Proven`,
    promised: t`Sealed`,
    refused: t`Does not hold`,
    none: t`Not yet sealed`,
  };
  const number = format.number((data?.index ?? 0) + 1);
  const size = format.number(data?.size ?? 0);
  return (
    <div className={styles.seal}>
      <ProofSeal
        label={labels[state]}
        state={state}
        onPress={() => {
          if (asked) void proof.refetch();
          setAsked(true);
        }}
      />
      {data && (
        <button
          className={styles.save}
          type="button"
          onClick={() => saveFile(`receipt-${look.id}.json`, 'application/json', data.receipt)}
        >
          <Trans>
            Entry {number} of {size}. Save the receipt
          </Trans>
        </button>
      )}
    </div>
  );
}
