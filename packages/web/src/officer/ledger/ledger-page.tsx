import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { ProofSeal } from '../../design/proof-seal.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Sparkline } from '../../design/sparkline.tsx';
import { useFormat } from '../../i18n/format.ts';
import { saveFile } from '../../records/save-file.ts';
import styles from '../office.module.css';
import { toBase64 } from './ledger-check.ts';
import { useLedgerWatch, type Watch } from './use-ledger-watch.ts';
import { VerifyPanel } from './verify-panel.tsx';

interface Status {
  state: string;
  sentence?: string;
  logged: number;
  witnessed: number;
  anchored: number;
  findings: number;
}

/** The ledger: how far it is, who vouches for it, and that this browser has checked it. */
export function LedgerPage() {
  const { http } = useServices();
  const format = useFormat();
  const watch = useLedgerWatch();
  const status = useQuery({
    queryKey: ['ledger status'],
    queryFn: ({ signal }) => http.json<Status>('/ledger/status', { signal }),
    refetchInterval: 3000,
  });
  return (
    <>
      <PageHeader title={<Trans>Ledger</Trans>}>
        <Trans>Everything that happens is one entry of a log to which one can only add. Anybody can check it.</Trans>
      </PageHeader>
      {(watch.isPending || status.isPending) && <Skeleton lines={4} />}
      {watch.isError && <ErrorState error={watch.error} onRetry={() => void watch.refetch()} />}
      {status.data && <Figures status={status.data} />}
      {watch.data && <Watched watch={watch.data} />}
      <VerifyPanel />
      {status.data?.sentence !== undefined && (
        <p className={styles.failure} lang="en" role="alert">
          {status.data.sentence}
        </p>
      )}
      <Downloads size={format.number(watch.data?.head.size ?? 0)} watch={watch.data} />
    </>
  );
}

function Figures({ status }: { status: Status }) {
  const { t } = useLingui();
  const format = useFormat();
  const states: Readonly<Record<string, string>> = {
    leading: t`Signing`,
    standby: t`Standing by`,
    waiting: t`Waiting`,
    refused: t`Refuses to sign`,
    starting: t`Starting`,
    stopped: t`Stopped`,
  };
  const figures = [
    [format.number(status.logged), t`entries, signed by the log`],
    [format.number(status.witnessed), t`seen by independent witnesses`],
    [format.number(status.anchored), t`anchored in a chain`],
    [format.number(status.findings), t`damaged things found by the monitor`],
    [states[status.state] ?? status.state, t`what the log does at the moment`],
  ] as const;
  return (
    <ul className={styles.grid}>
      {figures.map(([value, name]) => (
        <li className={styles.figure} key={name}>
          <strong className="number">{value}</strong>
          <span>{name}</span>
        </li>
      ))}
    </ul>
  );
}

function Watched({ watch }: { watch: Watch }) {
  const { t } = useLingui();
  const format = useFormat();
  const { head, since, unbroken, looks } = watch;
  const good = head.signed && unbroken;
  const [size, first] = [format.number(head.size), format.number(since.size)];
  const seen = format.dateTime(new Date(since.at).toISOString());
  const grown = format.number(head.size - (looks[0]?.size ?? head.size));
  return (
    <Panel title={<Trans>Checked in this browser</Trans>}>
      <ProofSeal
        label={good ? t`Nothing was changed or taken out` : t`The log does not hold`}
        state={good ? 'proved' : 'refused'}
      />
      <ul className={styles.more}>
        <li className={head.signed ? undefined : styles.failure}>
          {head.signed ? (
            <Trans>The checkpoint of {size} entries carries the signature of the log.</Trans>
          ) : (
            <Trans>The checkpoint does not carry a signature of the log that holds.</Trans>
          )}
        </li>
        <li className={unbroken ? undefined : styles.failure}>
          {unbroken ? (
            <Trans>
              It begins with all {first} entries that this browser saw on {seen}, each as it was.
            </Trans>
          ) : (
            <Trans>
              It is not a continuation of the {first} entries that this browser saw on {seen}.
            </Trans>
          )}
        </li>
        <li>
          {head.witnesses.length > 0 ? (
            <Trans>Witnessed by {format.list(head.witnesses)}.</Trans>
          ) : (
            <Trans>No independent witness is set up. Until then the keeper of the log alone vouches for it.</Trans>
          )}
        </li>
        <li>
          <Trans>{grown} new entries while this page was open.</Trans>{' '}
          <Sparkline height={24} values={looks.map((look) => look.size)} width={160} />
        </li>
      </ul>
      <p className={`${styles.meta} ${styles.more}`}>
        <bdi>{head.origin}</bdi> · <span className="number">{toBase64(head.root)}</span>
      </p>
    </Panel>
  );
}

/** What anybody needs to check the log without this application. */
function Downloads({ size, watch }: { size: string; watch: Watch | undefined }) {
  const { http } = useServices();
  const save = async (path: string, name: string): Promise<void> => saveFile(name, 'text/plain', await http.text(path));
  return (
    <Panel title={<Trans>To keep</Trans>}>
      <div className={styles.actions}>
        <Button
          disabled={watch === undefined}
          leftSection={<Icon name="download" size={18} />}
          size="md"
          variant="default"
          onClick={() => saveFile('checkpoint.txt', 'text/plain', watch?.head.note ?? '')}
        >
          <Trans>Checkpoint of {size} entries</Trans>
        </Button>
        <Button size="md" variant="default" onClick={() => void save('/ledger/key', 'log-keys.txt')}>
          <Trans>Keys of the log</Trans>
        </Button>
        <Button size="md" variant="default" onClick={() => void save('/ledger/policy', 'policy.txt')}>
          <Trans>Policy with witnesses</Trans>
        </Button>
      </div>
    </Panel>
  );
}
