import { Trans, useLingui } from '@lingui/react/macro';
import { NativeSelect, Textarea } from '@mantine/core';
import type { ServiceRequest } from 'fhir/r4';
import { useState } from 'react';
import { COMMON_ORDERS } from '../terms/common-tests.ts';
import { conceptOf, searchIn } from '../terms/term.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import type { WritingContext } from './writing-context.ts';

const ORDERS = searchIn(COMMON_ORDERS);
type Priority = 'routine' | 'urgent' | 'stat';

/** An order of a test, a study or a referral: what, how soon, why. */
export function OrderForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const [what, setWhat] = useState<TermValue>(NO_TERM);
  const [priority, setPriority] = useState<Priority>('routine');
  const [why, setWhy] = useState('');
  const draft = draftOf(context, what, priority, why);
  const { errors, rest } = byField(useDraftCheck(draft), { what: 'code', why: 'reasonCode' });
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Order</Trans>}>
      <TermField
        autoFocus
        error={errors.what}
        label={t`What is ordered`}
        name="orders"
        search={ORDERS}
        value={what}
        onChange={setWhat}
      />
      <div className={styles.row}>
        <NativeSelect
          data={[
            { value: 'routine', label: t`Routine` },
            { value: 'urgent', label: t`Urgent` },
            { value: 'stat', label: t`At once` },
          ]}
          label={t`How soon`}
          value={priority}
          onChange={(event) => setPriority(event.currentTarget.value as Priority)}
        />
      </div>
      <Textarea
        autosize
        error={errors.why}
        label={t`Why`}
        maxLength={1000}
        minRows={2}
        value={why}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
    </WriteFrame>
  );
}

function draftOf(
  { patient, practitioner, at }: WritingContext,
  what: TermValue,
  priority: Priority,
  why: string,
): ServiceRequest | undefined {
  if (what.typed.trim() === '') return undefined;
  return {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    priority,
    code: conceptOf(what.term, what.typed),
    subject: patient,
    authoredOn: at,
    requester: practitioner,
    ...(why.trim() !== '' && { reasonCode: [{ text: why.trim() }] }),
  };
}
