import { Trans } from '@lingui/react/macro';
import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useViewing } from '../../app/use-viewing.ts';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import styles from '../office.module.css';
import { maySee } from '../sections.ts';
import { WhatIfPanel } from './what-if-panel.tsx';

const route = getRouteApi('/office');

/** The rules by which the house decides who sees what, as they stand, and a place to try them. */
export function PoliciesPage() {
  const { account } = route.useRouteContext();
  const viewing = useViewing();
  const [open, setOpen] = useState<string | null>(null);
  const policies = useQuery({
    queryKey: ['policies'],
    queryFn: ({ signal }) => viewing.policies(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <PageHeader title={<Trans>Policies</Trans>}>
        <Trans>
          Nothing is allowed but by one of these rules, and a rule that forbids comes before all that allow. They are
          written in Cedar; each begins with what it means and where it comes from.
        </Trans>
      </PageHeader>
      {maySee(account, 'whatIf') && <WhatIfPanel />}
      {policies.isPending && <Skeleton lines={5} />}
      {policies.isError && <ErrorState error={policies.error} onRetry={() => void policies.refetch()} />}
      {policies.data && (
        <Panel title={<Trans>The rules</Trans>}>
          <Tabs keepMounted={false} value={open ?? policies.data[0]?.name ?? null} onChange={setOpen}>
            <Tabs.List>
              {policies.data.map(({ name }) => (
                <Tabs.Tab key={name} lang="en" value={name}>
                  {name}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {policies.data.map(({ name, text }) => (
              <Tabs.Panel key={name} pt="md" value={name}>
                {/* long rules scroll, and so must be reached by keyboard */}
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
                <pre className={styles.code} lang="en" tabIndex={0}>
                  {text}
                </pre>
              </Tabs.Panel>
            ))}
          </Tabs>
        </Panel>
      )}
    </>
  );
}
