import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Practitioner } from 'fhir/r4';
import type { Grant } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useViewing } from '../../app/use-viewing.ts';
import { ErrorState, useErrorSentence } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { shownName } from '../../session/names.ts';
import { useSubject } from '../subject.tsx';
import styles from './request-card.module.css';
import { useScopeLines } from './request-words.ts';

/** Who may look at this moment because it was allowed once, each with an end to it. */
export function GrantsPanel() {
  const viewing = useViewing();
  const { now, fhir } = useServices();
  const { patientId } = useSubject();
  const grants = useQuery({
    queryKey: ['grants', patientId],
    queryFn: ({ signal }) => viewing.grantsAbout(patientId, signal),
  });
  const open = (grants.data ?? []).filter(({ ended, until, viewsLeft }) => !ended && until > now() && viewsLeft !== 0);
  const people = useQueries({
    queries: [...new Set(open.map(({ actor }) => actor))].map((actor) => ({
      queryKey: ['actor', actor],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        fhir.read<Practitioner>('Practitioner', actor.split('/')[1] ?? '', { signal }),
      staleTime: 300_000,
    })),
    combine: (results) => new Map(results.map(({ data }) => [`Practitioner/${data?.id ?? ''}`, data])),
  });
  const { i18n } = useLingui();
  if (grants.isError) return <ErrorState error={grants.error} onRetry={() => void grants.refetch()} />;
  if (open.length === 0) return null;
  return (
    <Panel title={<Trans>May look at the moment</Trans>}>
      <ul>
        {open.map((grant) => (
          <GrantLine
            grant={grant}
            key={grant.id}
            name={shownName(people.get(grant.actor)?.name, i18n.locale).main || grant.actor}
          />
        ))}
      </ul>
    </Panel>
  );
}

function GrantLine({ grant, name }: { grant: Grant; name: string }) {
  const { t } = useLingui();
  const format = useFormat();
  const viewing = useViewing();
  const queries = useQueryClient();
  const scopeLines = useScopeLines();
  const end = useMutation({
    mutationFn: () => viewing.endGrant(grant.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['grants'] }),
  });
  const sentence = useErrorSentence(end.error);
  const kinds: Readonly<Record<Grant['kind'], string>> = {
    approval: t`You approved`,
    'access-code': t`With your code`,
    'break-glass': t`Emergency access`,
    'court-order': t`By order of a court`,
  };
  const until = format.dateTime(new Date(grant.until).toISOString());
  return (
    <li className={styles.card}>
      <div>
        <h3 className={styles.who}>
          <bdi>{name}</bdi>
          <Tag tone={grant.kind === 'break-glass' ? 'danger' : 'accent'}>{kinds[grant.kind]}</Tag>
        </h3>
        <p className={styles.meta}>
          <Trans>Until {until}</Trans> · {scopeLines(grant.scope).join(' · ')}
        </p>
      </div>
      {end.isError && (
        <p className={styles.failure} role="alert">
          {sentence}
        </p>
      )}
      <div className={styles.actions}>
        <Button color="red" loading={end.isPending} size="md" variant="default" onClick={() => end.mutate()}>
          <Trans>End it now</Trans>
        </Button>
      </div>
    </li>
  );
}
