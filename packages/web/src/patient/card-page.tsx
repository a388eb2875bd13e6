import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FhirResource } from 'fhir/r4';
import type { ReactNode } from 'react';
import { useServices } from '../app/services.tsx';
import { useViewing } from '../app/use-viewing.ts';
import { ErrorState } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { PageHeader } from '../design/page-header.tsx';
import { QrCode } from '../design/qr-code.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { glanceOf } from '../records/glance.ts';
import { summaryOf } from '../records/summary.ts';
import { useRecord } from '../records/use-record.ts';
import { plain } from '../records/words.ts';
import { shownName } from '../session/names.ts';
import styles from './card-page.module.css';
import { emergencyText } from './emergency-text.ts';
import { useSubject } from './subject.tsx';

/** What a stranger who helps needs to know, on a card that works without a network. */
export function CardPage() {
  const { i18n, t } = useLingui();
  const { now } = useServices();
  const format = useFormat();
  const { patientId } = useSubject();
  const record = useRecord(patientId);
  const viewing = useViewing();
  // what leaves on paper is on record first, as every view is
  const printing = useMutation({ mutationFn: () => viewing.disclosed(patientId, 'print'), onSuccess: () => print() });
  if (record.pending || record.more) return <Skeleton height={280} lines={1} />;
  // half a record must not say that there are no allergies
  if (record.person === undefined || !record.complete)
    return <ErrorState error={record.error} onRetry={record.retry} />;
  const { person } = record;
  const glance = glanceOf(record.entries, now());
  const { main, other } = shownName(person.name, i18n.locale);
  const titles = (resources: readonly FhirResource[]) => resources.map((one) => summaryOf(one, i18n.locale).title);
  const english = (resources: readonly FhirResource[]) => resources.map((one) => summaryOf(one, 'en').title);
  const contact = person.contact?.[0];
  const text = emergencyText({
    name: [main, other].filter(Boolean).join(' '),
    birthDate: person.birthDate ?? '',
    allergies: english(glance.allergies),
    conditions: english(glance.conditions),
    medicines: english(glance.medicines),
  });
  return (
    <>
      <PageHeader
        actions={
          <Button
            className="no-print"
            leftSection={<Icon name="print" size={18} />}
            size="md"
            variant="light"
            loading={printing.isPending}
            onClick={() => printing.mutate()}
          >
            <Trans>Print</Trans>
          </Button>
        }
        title={<Trans>Emergency card</Trans>}
      >
        <Trans>
          Keep it with you. The code holds the same words, so that any telephone can read them without a network.
        </Trans>
      </PageHeader>
      {printing.isError && <ErrorState error={printing.error} onRetry={() => printing.mutate()} />}
      <section aria-label={t`Emergency card`} className={styles.card}>
        <header className={styles.top}>
          <div>
            <p className={styles.name}>
              <bdi>{main}</bdi>
            </p>
            {other !== undefined && (
              <p className={styles.other}>
                <bdi>{other}</bdi>
              </p>
            )}
            <p className={styles.born}>
              <Trans>Born {format.date(person.birthDate)}</Trans>
            </p>
          </div>
          <QrCode label={t`The words of this card as a code`} text={text} />
        </header>
        <dl className={styles.lines}>
          <Line items={titles(glance.allergies)} none={<Trans>None known</Trans>} term={<Trans>Allergies</Trans>} />
          <Line items={titles(glance.conditions)} none={<Trans>None known</Trans>} term={<Trans>Conditions</Trans>} />
          <Line
            items={titles(glance.medicines)}
            none={<Trans>None at the moment</Trans>}
            term={<Trans>Medicines</Trans>}
          />
          {contact && (
            <Line
              items={[
                [plain(shownName([contact.name ?? {}], i18n.locale).main), plain(contact.telecom?.[0]?.value)]
                  .filter(Boolean)
                  .join(' '),
              ]}
              none=""
              term={<Trans>Call</Trans>}
            />
          )}
        </dl>
      </section>
    </>
  );
}

function Line({ term, items, none }: { term: ReactNode; items: readonly string[]; none: ReactNode }) {
  return (
    <div className={styles.line}>
      <dt>{term}</dt>
      <dd>
        {items.length === 0
          ? none
          : items.map((item) => (
              <bdi className={styles.item} key={item}>
                {item}
              </bdi>
            ))}
      </dd>
    </div>
  );
}
