import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Notice } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useViewing } from '../../app/use-viewing.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { inLanguage, plain } from '../../records/words.ts';
import styles from '../links/links-page.module.css';

const MOST = 30;

/** What the account was told lately. */
export function NoticesPanel() {
  const viewing = useViewing();
  const queries = useQueryClient();
  const notices = useQuery({ queryKey: ['notices'], queryFn: ({ signal }) => viewing.notices(signal) });
  const read = useMutation({
    mutationFn: (ids: readonly string[]) => viewing.markRead(ids),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['notices'] }),
  });
  const shown = (notices.data ?? []).toSorted((a, b) => b.at - a.at).slice(0, MOST);
  const unread = shown.filter((notice) => !notice.read).map(({ id }) => id);
  return (
    <Panel
      actions={
        unread.length > 0 && (
          <Button loading={read.isPending} size="sm" variant="default" onClick={() => read.mutate(unread)}>
            <Trans>Mark all as read</Trans>
          </Button>
        )
      }
      title={<Trans>Lately</Trans>}
    >
      {notices.isPending && <Skeleton lines={2} />}
      {notices.isError && <ErrorState error={notices.error} onRetry={() => void notices.refetch()} />}
      {notices.data && shown.length === 0 && <EmptyState icon="bell" title={<Trans>Nothing so far</Trans>} />}
      <ul>
        {shown.map((notice) => (
          <NoticeLine key={notice.id} notice={notice} />
        ))}
      </ul>
    </Panel>
  );
}

function NoticeLine({ notice }: { notice: Notice }) {
  const { t, i18n } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const sentences: Readonly<Record<string, string>> = {
    'approval-asked': t`asks to see your record`,
    'approval-decided': t`was answered`,
    'record-viewed': t`looked at your record`,
    'glass-broken': t`opened your record in an emergency`,
    'review-closed': t`was reviewed by the privacy officer`,
    'consent-changed': t`A rule was changed`,
    'result-released': t`A new result has come`,
    'link-used': t`One of your links was opened`,
    digest: t`Your record was looked at`,
  };
  const at = new Date(notice.at).toISOString();
  return (
    <li className={styles.line}>
      <p>
        {notice.by && (
          <strong>
            <bdi>{inLanguage(plain(notice.by.name), i18n.locale)}</bdi>{' '}
          </strong>
        )}
        {notice.kind === 'approval-asked' ? (
          <Link to="/me/sharing/requests">{sentences[notice.kind]}</Link>
        ) : (
          (sentences[notice.kind] ?? notice.kind)
        )}{' '}
        {!notice.read && (
          <Tag tone="accent">
            <Trans>New</Trans>
          </Tag>
        )}
      </p>
      <time className={styles.meta} dateTime={at} title={format.dateTime(at)}>
        {format.ago(at, now())}
      </time>
    </li>
  );
}
