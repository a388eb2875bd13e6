import { Trans, useLingui } from '@lingui/react/macro';
import { Button, NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useViewing } from '../../app/use-viewing.ts';
import { useErrorSentence } from '../../design/error-state.tsx';
import { Panel } from '../../design/panel.tsx';
import { useFormat } from '../../i18n/format.ts';
import { DirectoryField, type Found } from '../../records/directory-field.tsx';
import { inLanguage } from '../../records/words.ts';
import { useDuration } from '../approvals/request-words.ts';
import { useSubject } from '../subject.tsx';
import styles from './links-page.module.css';

const TIMES = [30, 60, 240, 1440];

/** A code to read out on the telephone: for one clinic, good once, not for long. */
export function AccessCodePanel() {
  const { t, i18n } = useLingui();
  const format = useFormat();
  const viewing = useViewing();
  const duration = useDuration();
  const { patientId } = useSubject();
  const [clinic, setClinic] = useState<Found>();
  const [minutes, setMinutes] = useState(60);
  const make = useMutation({
    mutationFn: ({ reference }: Found) => {
      const organization = reference.split('/')[1] ?? '';
      return viewing.accessCode({ patient: patientId, organization, minutes });
    },
    // the code is a secret: it is gone with the page
    gcTime: 0,
  });
  const sentence = useErrorSentence(make.error);
  const name = inLanguage(clinic?.name ?? '', i18n.locale);
  return (
    <Panel title={<Trans>A code to read out</Trans>}>
      <p className={styles.lead}>
        <Trans>On the telephone, or at a counter: ten digits, for one clinic, good once.</Trans>
      </p>
      {make.data && clinic ? (
        <div className={styles.made}>
          <p className={`${styles.code} number`}>{make.data.code}</p>
          <p>
            <Trans>
              Read it to <bdi>{name}</bdi> before {format.time(new Date(make.data.expires).toISOString())}.
            </Trans>
          </p>
          <Button size="md" variant="default" onClick={() => make.reset()}>
            <Trans>Done</Trans>
          </Button>
        </div>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (clinic) make.mutate(clinic);
          }}
        >
          <DirectoryField label={t`Which clinic`} types={['Organization']} onChoose={setClinic} />
          <NativeSelect
            data={TIMES.map((time) => ({ value: String(time), label: duration(time) }))}
            label={t`How long they may look`}
            size="md"
            value={String(minutes)}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          />
          {make.isError && (
            <p className={styles.failure} role="alert">
              {sentence}
            </p>
          )}
          <div>
            <Button disabled={clinic === undefined} loading={make.isPending} size="md" type="submit">
              <Trans>Make a code</Trans>
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}
