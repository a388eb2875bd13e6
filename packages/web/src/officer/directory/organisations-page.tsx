import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { Organization } from 'fhir/r4';
import { useDeferredValue, useState } from 'react';
import { type Page, queryOf } from '../../api/fhir.ts';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { conceptTexts, inLanguage, plain } from '../../records/words.ts';
import styles from '../office.module.css';

/** Hospitals, clinics, departments: the directory. */
export function OrganisationsPage() {
  const { t, i18n } = useLingui();
  const { fhir } = useServices();
  const [words, setWords] = useState('');
  const name = useDeferredValue(words.trim());
  const found = useInfiniteQuery({
    queryKey: ['organisations', name],
    queryFn: ({ pageParam, signal }): Promise<Page<Organization>> => fhir.page(pageParam, { signal }),
    initialPageParam: `/fhir/Organization?${queryOf({ name: name === '' ? undefined : name, _count: 50 })}`,
    getNextPageParam: (last: Page<Organization>) => last.next,
    placeholderData: keepPreviousData,
  });
  const all = (found.data?.pages ?? []).flatMap(({ resources }) => resources);
  return (
    <>
      <PageHeader title={<Trans>Organisations</Trans>} />
      <div className={styles.row}>
        <SearchField label={t`Search by name`} value={words} onChange={setWords} />
      </div>
      {found.isPending && <Skeleton lines={5} />}
      {found.isError && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <Panel>
          {all.length === 0 && <EmptyState icon="search" title={<Trans>Nothing found</Trans>} />}
          <ul>
            {all.map((organization) => (
              <li className={styles.line} key={organization.id}>
                <div className={styles.words}>
                  <p className={styles.name}>
                    <bdi>{inLanguage(plain(organization.name), i18n.locale)}</bdi>
                    {organization.active === false && (
                      <Tag>
                        <Trans>Closed</Trans>
                      </Tag>
                    )}
                  </p>
                  <p className={styles.meta}>
                    {[
                      conceptTexts(organization.type, i18n.locale),
                      plain(organization.telecom?.[0]?.value),
                      inLanguage(plain(organization.partOf?.display), i18n.locale),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </p>
                </div>
                <span className={styles.meta}>{organization.id}</span>
              </li>
            ))}
          </ul>
          {found.hasNextPage && (
            <Button
              className={styles.more}
              loading={found.isFetchingNextPage}
              size="md"
              variant="default"
              onClick={() => void found.fetchNextPage()}
            >
              <Trans>Show more</Trans>
            </Button>
          )}
        </Panel>
      )}
    </>
  );
}
