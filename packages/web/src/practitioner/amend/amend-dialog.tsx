import { Trans, useLingui } from '@lingui/react/macro';
import { Button, NumberInput, Radio, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Bundle, BundleEntry } from 'fhir/r4';
import { useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { narrativeText } from '../../records/narrative.ts';
import { plain } from '../../records/words.ts';
import { useChart } from '../chart/chart.tsx';
import { Dialog } from '../dialog.tsx';
import { narrativeOf } from '../write/narrative-of.ts';
import styles from './amend.module.css';
import { type Amendable, type Amendment, amended, choicesFor, provenanceOf } from './amendable.ts';

const SHORTEST = 3;

/**
 * Amends a record: the version that was read is replaced (If-Match) and the reason written beside it, both or neither.
 * The version before stays readable.
 */
export function AmendDialog({ resource, onClose }: { resource: Amendable; onClose: () => void }) {
  const { t } = useLingui();
  const { fhir, queries, now } = useServices();
  const { account, patientId } = useChart();
  const names = useAmendmentNames();
  const choices = choicesFor(resource);
  const [amendment, setAmendment] = useState<Amendment | undefined>(choices[0]);
  const [value, setValue] = useState<number | undefined>(
    resource.resourceType === 'Observation' ? resource.valueQuantity?.value : undefined,
  );
  const [texts, setTexts] = useState(() => sectionTexts(resource));
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: async (): Promise<void> => {
      const type = resource.resourceType;
      const id = resource.id ?? '';
      const content = { ...(value !== undefined && { value }), sections: texts.map(narrativeOf) };
      const after = amended(resource, amendment ?? 'entered-in-error', content, reason.trim());
      const by = { reference: account.fhirUser ?? '', display: account.name };
      const provenance = provenanceOf(
        { type, id, patientId },
        { by, reason: reason.trim(), at: new Date(now()).toISOString() },
      );
      const ifMatch = `W/"${resource.meta?.versionId ?? ''}"`;
      const entry: BundleEntry[] = [
        { resource: after, request: { method: 'PUT', url: `${type}/${id}`, ifMatch } },
        { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
      ];
      const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry };
      await fhir.operation('', bundle);
    },
    onSuccess: async () => {
      onClose();
      await Promise.all(
        [
          ['stored', resource.resourceType, resource.id],
          ['record', patientId],
          ['safety', patientId],
          ['amendments'],
          ['history', resource.resourceType, resource.id],
        ].map((queryKey) => queries.invalidateQueries({ queryKey })),
      );
    },
  });
  return (
    <Dialog opened size="lg" title={<Trans>Amend</Trans>} onClose={onClose}>
      <div className={styles.fields}>
        <Radio.Group
          label={t`What is to be put right`}
          value={amendment ?? ''}
          onChange={(choice) => setAmendment(choice as Amendment)}
        >
          <div className={styles.fields}>
            {choices.map((choice) => (
              <Radio key={choice} label={names[choice]} value={choice} />
            ))}
          </div>
        </Radio.Group>
        {amendment === 'value' && (
          <NumberInput
            label={t`Right value`}
            suffix={` ${plain(resource.resourceType === 'Observation' ? resource.valueQuantity?.unit : undefined)}`}
            value={value ?? ''}
            onChange={(typed) => setValue(typeof typed === 'number' ? typed : undefined)}
          />
        )}
        {amendment === 'sections' &&
          texts.map((text, index) => (
            <Textarea
              autosize
              // sections have no id, and their order does not change here
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={index}
              label={sectionTitle(resource, index) || t`Text`}
              maxRows={12}
              minRows={2}
              value={text}
              onChange={(event) => setTexts(texts.with(index, event.currentTarget.value))}
            />
          ))}
        <Textarea
          description={t`Stays with the record, for everybody who reads its versions.`}
          label={t`Reason`}
          maxLength={1000}
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {save.isError && <ErrorState error={save.error} />}
        <div className={styles.buttons}>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            disabled={reason.trim().length < SHORTEST || (amendment === 'value' && value === undefined)}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            <Trans>Amend</Trans>
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function sectionTexts(resource: Amendable): string[] {
  const sections = resource.resourceType === 'Composition' ? (resource.section ?? []) : [];
  return sections.map(({ text }) => narrativeText(text?.div ?? ''));
}

function sectionTitle(resource: Amendable, index: number): string {
  return plain(resource.resourceType === 'Composition' ? resource.section?.[index]?.title : undefined);
}

function useAmendmentNames(): Readonly<Record<Amendment, string>> {
  const { t } = useLingui();
  return {
    resolved: t`It is over`,
    active: t`It is active`,
    stopped: t`Stop it`,
    'on-hold': t`Pause it`,
    value: t`The value`,
    sections: t`The text`,
    refuted: t`It was ruled out`,
    'entered-in-error': t`It was entered in error`,
  };
}
