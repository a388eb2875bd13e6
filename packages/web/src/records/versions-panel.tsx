import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { FhirResource } from 'fhir/r4';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { type Change, changesOf } from './diff.ts';
import styles from './document.module.css';
import { plain } from './words.ts';

/** Every version of a record, newest first, and what each changed. Nothing is ever overwritten. */
export function VersionsPanel({ type, id }: { type: string; id: string }) {
  const { fhir } = useServices();
  const history = useQuery({
    queryKey: ['history', type, id],
    queryFn: ({ signal }) => fhir.history(type, id, { signal }),
  });
  if (history.isPending) return <Skeleton />;
  if (history.isError) return <ErrorState error={history.error} onRetry={() => void history.refetch()} />;
  const versions = history.data.resources;
  return (
    <ol>
      {versions.map((version, index) => (
        <li key={version.meta?.versionId ?? index}>
          <Version earlier={versions[index + 1]} version={version} />
        </li>
      ))}
    </ol>
  );
}

function Version({ version, earlier }: { version: FhirResource; earlier: FhirResource | undefined }) {
  const format = useFormat();
  const number = version.meta?.versionId ?? '';
  const when = format.dateTime(version.meta?.lastUpdated);
  const changes = earlier === undefined ? [] : changesOf(earlier, version);
  return (
    <section className={styles.section}>
      <h2>
        <Trans>Version {number}</Trans>
      </h2>
      <p className={styles.faint}>{when}</p>
      {earlier === undefined ? (
        <p>
          <Trans>As it was first written down.</Trans>
        </p>
      ) : (
        changes.map((change) => <ChangeLine change={change} key={change.path} />)
      )}
    </section>
  );
}

function ChangeLine({ change: { path, before, after } }: { change: Change }) {
  return (
    <div className={styles.change}>
      <span className={styles.path} lang="en">
        {plain(path)}
      </span>
      {before !== undefined && <del className={styles.before}>{plain(before)}</del>}
      {after !== undefined && <ins className={styles.after}>{plain(after)}</ins>}
    </div>
  );
}
