import { Trans } from '@lingui/react/macro';
import { Button, Progress } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useKindNames } from '../../records/kind-names.ts';
import { saveFile } from '../../records/save-file.ts';
import styles from '../office.module.css';
import { type ExportFile, endExport, exportState } from './exports-api.ts';

/** One export: how far it is, and its files. */
export function ExportLine({ path, onEnded }: { path: string; onEnded: () => void }) {
  const { http } = useServices();
  const format = useFormat();
  const kinds = useKindNames();
  const job = useQuery({
    queryKey: ['export', path],
    queryFn: ({ signal }) => exportState(http, path, signal),
    refetchInterval: ({ state: { data } }) => (data?.state === 'finished' ? false : 2000),
    retry: false,
  });
  const end = useMutation({ mutationFn: () => endExport(http, path), onSettled: onEnded });
  const save = async (file: ExportFile): Promise<void> =>
    saveFile(`${file.type}.ndjson`, 'application/x-ndjson', await http.text(file.path));
  const done = job.data?.state === 'finished' ? job.data : undefined;
  return (
    <li className={styles.line}>
      <div className={styles.words}>
        {job.isError && <ErrorState error={job.error} />}
        {job.data?.state === 'running' && (
          <div role="status">
            <p lang="en">{job.data.progress}</p>
            <Progress animated aria-label={job.data.progress} mt={6} size="lg" value={100} />
          </div>
        )}
        {done && (
          <>
            <p className={styles.meta}>
              <Trans>As it was at {format.dateTime(done.at)}</Trans>
            </p>
            {done.files.length === 0 && (
              <p>
                <Trans>There was nothing that you may see.</Trans>
              </p>
            )}
            <div className={`${styles.actions} ${styles.more}`}>
              {done.files.map((file) => (
                <Button
                  key={file.path}
                  leftSection={<Icon name="download" size={16} />}
                  size="sm"
                  variant="default"
                  onClick={() => void save(file)}
                >
                  {kinds(file.type)} · {format.number(file.count)}
                </Button>
              ))}
            </div>
          </>
        )}
      </div>
      <Button loading={end.isPending} size="sm" variant="default" onClick={() => end.mutate()}>
        {done ? <Trans>Forget it</Trans> : <Trans>Stop</Trans>}
      </Button>
    </li>
  );
}
