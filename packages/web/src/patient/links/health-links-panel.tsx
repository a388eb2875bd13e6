import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { HealthLink, HealthLinkAsked } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useViewing } from '../../app/use-viewing.ts';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useSubject } from '../subject.tsx';
import { HealthLinkForm } from './health-link-form.tsx';
import { HealthLinkLine } from './health-link-line.tsx';
import { HealthLinkShown } from './health-link-shown.tsx';
import styles from './links-page.module.css';

/** SMART Health Links: the summary of the record for whoever holds the link and its passcode. */
export function HealthLinksPanel() {
  const viewing = useViewing();
  const { now } = useServices();
  const queries = useQueryClient();
  const { patientId } = useSubject();
  const [writing, setWriting] = useState(false);
  const [made, setMade] = useState<HealthLink & { link: string }>();
  const links = useQuery({
    queryKey: ['links', patientId],
    queryFn: async ({ signal }) =>
      (await viewing.healthLinks(patientId, signal)).toSorted((a, b) => b.created - a.created),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['links'] });
  const create = useMutation({
    mutationFn: (asked: HealthLinkAsked) => viewing.createHealthLink(asked),
    onSuccess: async (link) => {
      setMade(link);
      setWriting(false);
      await refresh();
    },
    // the link is a secret: it is gone with the page
    gcTime: 0,
  });
  const revoke = useMutation({
    mutationFn: (id: string) => viewing.revokeHealthLink(id),
    onSuccess: async (_answer, id) => {
      if (made?.id === id) setMade(undefined);
      await refresh();
    },
  });
  const open = (links.data ?? []).filter(
    ({ revoked, expires, viewsLeft }) => !revoked && expires > now() && viewsLeft > 0,
  );
  return (
    <Panel
      actions={
        !writing && (
          <Button leftSection={<Icon name="plus" size={18} />} size="md" onClick={() => setWriting(true)}>
            <Trans>New link</Trans>
          </Button>
        )
      }
      title={<Trans>A summary to show</Trans>}
    >
      <p className={styles.lead}>
        <Trans>
          The International Patient Summary behind a QR code: for a doctor abroad, or in your wallet. It can be taken
          back at any time.
        </Trans>
      </p>
      {writing && (
        <HealthLinkForm
          busy={create.isPending}
          error={create.error}
          patientId={patientId}
          onCancel={() => setWriting(false)}
          onCreate={create.mutate}
        />
      )}
      {made && <HealthLinkShown link={made} onDone={() => setMade(undefined)} />}
      {links.isPending && <Skeleton lines={1} />}
      {links.isError && <ErrorState error={links.error} onRetry={() => void links.refetch()} />}
      <ul>
        {open.map((link) => (
          <HealthLinkLine
            busy={revoke.isPending && revoke.variables === link.id}
            key={link.id}
            link={link}
            onRevoke={() => revoke.mutate(link.id)}
          />
        ))}
      </ul>
    </Panel>
  );
}
