import { Trans, useLingui } from '@lingui/react/macro';
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Review } from '../../api/viewing.ts';
import { useServices } from '../../app/services.tsx';
import { useViewing } from '../../app/use-viewing.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { PageHeader } from '../../design/page-header.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tag } from '../../design/tag.tsx';
import { useFormat } from '../../i18n/format.ts';
import { useRoleNames } from '../../records/role-names.ts';
import { inLanguage, plain, TEXT } from '../../records/words.ts';
import styles from '../office.module.css';
import { CloseForm } from './close-form.tsx';
import { useFlagSentences, useOutcomeNames, useReasonNames } from './review-words.ts';
import { StatisticsPanel } from './statistics-panel.tsx';

/** What a privacy officer has to look at: broken glasses and unusual views. */
export function ReviewsPage() {
  const { t } = useLingui();
  const viewing = useViewing();
  const [state, setState] = useState<'open' | 'closed'>('open');
  const reviews = useQuery({
    queryKey: ['reviews', state],
    queryFn: ({ signal }) => viewing.reviews(state, signal),
  });
  return (
    <>
      <PageHeader
        actions={
          <SegmentedControl
            aria-label={t`Which reviews`}
            color="pine"
            data={[
              { value: 'open', label: t`Open` },
              { value: 'closed', label: t`Closed` },
            ]}
            size="md"
            value={state}
            onChange={(value) => setState(value as 'open' | 'closed')}
          />
        }
        title={<Trans>Reviews</Trans>}
      >
        <Trans>Every emergency access, and every view that the rules find unusual, is looked at by a person.</Trans>
      </PageHeader>
      <StatisticsPanel />
      {reviews.isPending && <Skeleton lines={4} />}
      {reviews.isError && <ErrorState error={reviews.error} onRetry={() => void reviews.refetch()} />}
      {reviews.data && (
        <Panel>
          {reviews.data.length === 0 ? (
            <EmptyState icon="check" title={<Trans>Nothing to review</Trans>} />
          ) : (
            <ul>
              {reviews.data.map((review) => (
                <ReviewLine key={review.id} review={review} />
              ))}
            </ul>
          )}
        </Panel>
      )}
    </>
  );
}

function ReviewLine({ review }: { review: Review }) {
  const { i18n } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const roles = useRoleNames();
  const flags = useFlagSentences();
  const outcomes = useOutcomeNames();
  const reasons = useReasonNames();
  const [closing, setClosing] = useState(false);
  const { by, at, due, kind, reason, words, closed, patientId } = review;
  const iso = new Date(at).toISOString();
  const day = format.date(new Date(due).toISOString());
  const overdue = review.state === 'open' && due < now();
  const named =
    kind === 'break-glass' ? ['break-glass', ...review.flags.filter((flag) => flag !== kind)] : review.flags;
  return (
    <li className={styles.line}>
      <div className={styles.words}>
        <p className={styles.name}>
          <bdi>{inLanguage(plain(by.name), i18n.locale)}</bdi>
          {named.map((flag) => (
            <Tag key={flag} tone={flag === 'break-glass' ? 'danger' : 'caution'}>
              {flags(flag)}
            </Tag>
          ))}
          {overdue && (
            <Tag tone="danger">
              <Trans>Overdue</Trans>
            </Tag>
          )}
        </p>
        <p className={styles.meta}>
          {roles(by.role)} · <time dateTime={iso}>{format.dateTime(iso)}</time>
          {review.state === 'open' && (
            <>
              {' '}
              · <Trans>to be closed by {day}</Trans>
            </>
          )}
        </p>
        <p className={styles.meta}>
          <Link search={{ patient: patientId }} to="/office/disclosures">
            <Trans>Who else looked at this record</Trans>
          </Link>
        </p>
        {words !== undefined && (
          <p className={styles.quote}>
            {reason !== undefined && <strong>{reasons(reason)}: </strong>}
            <bdi>{plain(words, TEXT)}</bdi>
          </p>
        )}
        {closed && (
          <p className={styles.quote}>
            <strong>{outcomes[closed.outcome]}: </strong>
            <bdi>{plain(closed.words, TEXT)}</bdi>
          </p>
        )}
      </div>
      {review.state === 'open' && !closing && (
        <Button size="md" variant="default" onClick={() => setClosing(true)}>
          <Trans>Decide</Trans>
        </Button>
      )}
      {closing && review.state === 'open' && <CloseForm review={review} onBack={() => setClosing(false)} />}
    </li>
  );
}
