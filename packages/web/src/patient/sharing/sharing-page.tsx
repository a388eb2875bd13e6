import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Consent } from 'fhir/r4';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Panel } from '../../design/panel.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useFormat } from '../../i18n/format.ts';
import { DirectoryField } from '../../records/directory-field.tsx';
import { useSubject } from '../subject.tsx';
import { ConsentEditor } from './consent-editor.tsx';
import { type ConsentRule, consentOf, isInForce, ruleOf } from './consent-rule.ts';
import { RuleSentence } from './rule-sentence.tsx';
import styles from './sharing-page.module.css';
import { useConsents } from './use-consents.ts';

const route = getRouteApi('/me');

const NEW: ConsentRule = {
  effect: 'permit',
  recipient: { kind: 'caring' },
  subject: { kind: 'everything' },
  purpose: 'any',
  from: undefined,
  until: undefined,
};

/** Who may see the record, in sentences that can be changed. */
export function SharingPage() {
  const { account } = route.useRouteContext();
  const { now } = useServices();
  const { patientId } = useSubject();
  const { consents, save } = useConsents(patientId);
  /** The consent being written: an old one, or `new`. */
  const [written, setWritten] = useState<Consent | 'new'>();
  const [withdrawn, setWithdrawn] = useState<Consent>();
  const close = (): void => {
    save.reset();
    setWritten(undefined);
  };
  const store = (rule: ConsentRule): void => {
    const given = {
      patientId,
      performer: account.fhirUser,
      base: `${location.origin}/fhir`,
      now: new Date(now()).toISOString(),
    };
    const of = written === 'new' ? {} : { of: written as Consent };
    save.mutate({ consent: consentOf(rule, given), ...of }, { onSuccess: close });
  };
  const withdraw = (consent: Consent): void =>
    save.mutate({ consent: { ...consent, status: 'inactive' }, of: consent }, { onSuccess: setWithdrawn });
  if (consents.isPending) return <Skeleton lines={3} />;
  if (consents.isError) return <ErrorState error={consents.error} onRetry={() => void consents.refetch()} />;
  const inForce = consents.data.filter((consent) => isInForce(consent, now()));
  const editor = (start: ConsentRule) => (
    <ConsentEditor error={save.error} saving={save.isPending} start={start} onCancel={close} onSave={store} />
  );
  return (
    <>
      <Panel
        actions={
          written === undefined && (
            <Button leftSection={<Icon name="plus" size={18} />} size="md" onClick={() => setWritten('new')}>
              <Trans>New rule</Trans>
            </Button>
          )
        }
        title={<Trans>My rules</Trans>}
      >
        {written === 'new' && editor(NEW)}
        {inForce.length === 0 && written === undefined && (
          <EmptyState icon="share" title={<Trans>You have made no rules</Trans>}>
            <Trans>
              Then those who treat you see what treatment needs, for as long as they treat you, and nobody else does.
            </Trans>
          </EmptyState>
        )}
        <ul>
          {inForce.map((consent) => (
            <li className={styles.consent} key={consent.id}>
              {written !== 'new' && written?.id === consent.id ? (
                editor(ruleOf(consent) ?? NEW)
              ) : (
                <ConsentLine
                  busy={save.isPending}
                  consent={consent}
                  onChange={() => setWritten(consent)}
                  onWithdraw={() => withdraw(consent)}
                />
              )}
            </li>
          ))}
        </ul>
      </Panel>
      {withdrawn && (
        <p className={styles.undo} role="status">
          <Trans>The rule no longer holds.</Trans>
          <button
            type="button"
            onClick={() => {
              save.mutate({ consent: { ...withdrawn, status: 'active' }, of: withdrawn });
              setWithdrawn(undefined);
            }}
          >
            <Trans>Undo</Trans>
          </button>
        </p>
      )}
      <SeeAs />
    </>
  );
}

function ConsentLine({
  consent,
  busy,
  onChange,
  onWithdraw,
}: {
  consent: Consent;
  busy: boolean;
  onChange: () => void;
  onWithdraw: () => void;
}) {
  const format = useFormat();
  const rule = ruleOf(consent);
  const day = format.date(consent.dateTime);
  return (
    <>
      <div className={styles.words}>
        {rule ? (
          <RuleSentence rule={rule} />
        ) : (
          <p>
            <Trans>A consent that says more than one sentence can. It stands in your record.</Trans>
          </p>
        )}
        <p className={styles.meta}>
          <Trans>Given on {day}</Trans>
        </p>
      </div>
      <div className={styles.actions}>
        {rule && (
          <Button size="md" variant="default" onClick={onChange}>
            <Trans>Change</Trans>
          </Button>
        )}
        <Button color="red" disabled={busy} size="md" variant="default" onClick={onWithdraw}>
          <Trans>Take back</Trans>
        </Button>
      </div>
    </>
  );
}

/** The way to the record as somebody else would see it. */
function SeeAs() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const look = (reference: string, name: string): void => {
    const [type = '', id = ''] = reference.split('/');
    void navigate({ to: '/me/sharing/as/$type/$id', params: { type, id }, search: { name } });
  };
  return (
    <Panel title={<Trans>See my record as somebody else would</Trans>}>
      <p className={styles.meta}>
        <Trans>Choose a person, and see exactly what your rules and the law let that person see today.</Trans>
      </p>
      <div className={styles.preview}>
        <DirectoryField
          label={t`Person`}
          types={['Practitioner']}
          onChoose={({ reference, name }) => look(reference, name)}
        />
      </div>
    </Panel>
  );
}
