import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { Icon } from '../../design/icon.tsx';
import { plain } from '../../records/words.ts';
import type { Account } from '../../session/account.ts';
import { shownName } from '../../session/names.ts';
import { usePersonFacts } from '../patient-line.tsx';
import styles from './access.module.css';
import { AskDialog } from './ask-dialog.tsx';
import { GlassDialog } from './glass-dialog.tsx';
import { knownCard } from './name-card.ts';

const route = getRouteApi('/clinic/patients/$patient');

/** Who treats people in emergencies (docs/viewing.md); for others there is nothing to press. */
const MAY_BREAK: readonly string[] = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist'];

/** A chart that is closed to the reader: says so without saying what is in it, and what one can do. */
export function ClosedChart({ patientId, account }: { patientId: string; account: Account }) {
  const { i18n } = useLingui();
  const { queries } = useServices();
  const { glass } = route.useSearch();
  const [asking, setAsking] = useState(false);
  const [breaking, setBreaking] = useState(glass === true);
  const card = knownCard(queries, patientId);
  const name = card === undefined ? undefined : shownName(card.name, i18n.locale);
  const facts = usePersonFacts(card ?? { resourceType: 'Patient' });
  return (
    <section className={styles.closed}>
      <div>
        <h1>
          {name === undefined ? (
            <Trans>This chart is closed to you</Trans>
          ) : (
            <bdi>{plain([name.main, name.other].filter(Boolean).join(' '))}</bdi>
          )}
        </h1>
        <p>{facts.join(' · ')}</p>
      </div>
      <p>
        <Trans>
          The person is not in your care, or has not shared the record with you. That you were here is not a view of it.
        </Trans>
      </p>
      <div className={styles.choices}>
        <div className={styles.choice}>
          <h2>
            <Trans>Ask for approval</Trans>
          </h2>
          <p>
            <Trans>The patient, or who decides for them, is told at once and says yes or no.</Trans>
          </p>
          <Button leftSection={<Icon name="bell" size={18} />} onClick={() => setAsking(true)}>
            <Trans>Ask for approval</Trans>
          </Button>
        </div>
        {account.roles.some((role) => MAY_BREAK.includes(role)) && (
          <div className={styles.choice}>
            <h2>
              <Trans>Emergency</Trans>
            </h2>
            <p>
              <Trans>Opens the record at once, for an hour. The patient is told, and somebody else reviews it.</Trans>
            </p>
            <Button
              className={styles.danger}
              leftSection={<Icon name="alert" size={18} />}
              onClick={() => setBreaking(true)}
            >
              <Trans>Break the glass</Trans>
            </Button>
          </div>
        )}
      </div>
      <AskDialog opened={asking} patientId={patientId} onClose={() => setAsking(false)} />
      <GlassDialog account={account} opened={breaking} patientId={patientId} onClose={() => setBreaking(false)} />
    </section>
  );
}
