import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import styles from '../office.module.css';
import { AccountForm } from './account-form.tsx';
import { AccountLine } from './account-line.tsx';
import { type AccountsPage as Listed, listAccounts } from './accounts-api.ts';

/** Who can sign in, and as what. */
export function AccountsPage() {
  const { t } = useLingui();
  const { http } = useServices();
  const [words, setWords] = useState('');
  const [adding, setAdding] = useState(false);
  const accounts = useInfiniteQuery({
    queryKey: ['accounts'],
    queryFn: ({ pageParam, signal }): Promise<Listed> => listAccounts(http, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Listed) => last.after,
  });
  const wanted = words.trim().toLowerCase();
  const found = (accounts.data?.pages ?? [])
    .flatMap((page) => page.accounts)
    .filter(({ name, username }) => `${name} ${username}`.toLowerCase().includes(wanted));
  return (
    <>
      <PageHeader
        actions={
          !adding && (
            <Button leftSection={<Icon name="plus" size={18} />} size="md" onClick={() => setAdding(true)}>
              <Trans>New account</Trans>
            </Button>
          )
        }
        title={<Trans>Accounts</Trans>}
      >
        <Trans>Who can sign in, and as what. An administrator sees no record.</Trans>
      </PageHeader>
      {adding && (
        <Panel title={<Trans>New account</Trans>}>
          <AccountForm onDone={() => setAdding(false)} />
        </Panel>
      )}
      <div className={`${styles.row} ${styles.more}`}>
        <SearchField label={t`Search by name`} value={words} onChange={setWords} />
      </div>
      {accounts.isPending && <Skeleton lines={5} />}
      {accounts.isError && <ErrorState error={accounts.error} onRetry={() => void accounts.refetch()} />}
      {accounts.data && (
        <Panel>
          {found.length === 0 && <EmptyState icon="search" title={<Trans>Nothing found</Trans>} />}
          <ul>
            {found.map((account) => (
              <AccountLine account={account} key={account.id} />
            ))}
          </ul>
          {accounts.hasNextPage && (
            <Button
              className={styles.more}
              loading={accounts.isFetchingNextPage}
              size="md"
              variant="default"
              onClick={() => void accounts.fetchNextPage()}
            >
              <Trans>Show more</Trans>
            </Button>
          )}
        </Panel>
      )}
    </>
  );
}
