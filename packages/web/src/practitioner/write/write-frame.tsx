import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Bundle, FhirResource } from 'fhir/r4';
import { type FormEvent, type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import type { FhirClient } from '../../api/fhir.ts';
import { useServices } from '../../app/services.tsx';
import { ErrorState } from '../../design/error-state.tsx';
import { useChart } from '../chart/chart.tsx';
import type { SafetyFinding } from '../safety/findings.ts';
import { FindingsList } from '../safety/findings-list.tsx';
import { type Override, overriding } from '../safety/overrides.ts';
import safetyStyles from '../safety/safety.module.css';
import { SafetyStop } from '../safety/stop.tsx';
import { useDraftSafety } from '../safety/use-safety.ts';
import styles from './write.module.css';
import type { WritingContext } from './writing-context.ts';

const PAUSE_MS = 350;
const SHORTEST = 3;

/**
 * Around every form: what is wrong beside the fields, what an order would do to the patient, and the button that signs.
 * Control and Enter sign too.
 *
 * @param draft undefined while it lacks something
 */
export function WriteFrame<T extends FhirResource>({
  title,
  draft,
  issues,
  context,
  children,
}: {
  title: ReactNode;
  draft: T | undefined;
  /** What is wrong and belongs to no field. */
  issues: readonly string[];
  context: WritingContext;
  children: ReactNode;
}) {
  const { fhir, queries } = useServices();
  const { patientId } = useChart();
  const navigate = useNavigate();
  const [override, setOverride] = useState<Override>();
  const order = useSettledOrder(draft);
  const safety = useDraftSafety(patientId, order);
  const findings = order === undefined ? [] : (safety.data ?? []);
  const stopping = findings.filter(({ interrupts }) => interrupts);
  const save = useMutation({
    mutationFn: (): Promise<string> => {
      if (draft === undefined) throw new RangeError('A form without a draft cannot be signed.');
      const { practitioner: by, at } = context;
      return draft.resourceType === 'MedicationRequest' && stopping.length > 0 && override !== undefined
        ? allTheSame(fhir, overriding(draft, stopping, override, { by, at, newId: () => crypto.randomUUID() }))
        : written(fhir, draft);
    },
    onSuccess: async (reference) => {
      await Promise.all(['record', 'safety'].map((name) => queries.invalidateQueries({ queryKey: [name, patientId] })));
      const search = { written: reference };
      await navigate({ to: '/clinic/patients/$patient', params: { patient: patientId }, search });
    },
  });
  const reasoned = stopping.length === 0 || (override?.words ?? '').trim().length >= SHORTEST;
  // an order is signed only after its very text was checked
  const checked = draft?.resourceType !== 'MedicationRequest' || isChecked(draft, order, safety);
  const ready = draft !== undefined && reasoned && checked && !save.isPending;
  const submit = (event: FormEvent | KeyboardEvent): void => {
    event.preventDefault();
    if (ready) save.mutate();
  };
  return (
    <form
      className={styles.form}
      onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      onSubmit={submit}
    >
      <h2>{title}</h2>
      <div className={styles.fields}>{children}</div>
      {issues.length > 0 && (
        <ul className={styles.issues} lang="en" role="status">
          {issues.map((issue) => (
            <li key={issue}>{issue}</li>
          ))}
        </ul>
      )}
      {order !== undefined && <Findings checked={safety.isSuccess} findings={findings} />}
      {safety.isError && <ErrorState error={safety.error} onRetry={() => void safety.refetch()} />}
      {stopping.length > 0 && <SafetyStop findings={stopping} override={override} onChange={setOverride} />}
      {save.isError && <ErrorState error={save.error} />}
      <div className={styles.buttons}>
        <p className={styles.hint}>
          <Trans>Control and Enter sign.</Trans>
        </p>
        <Button
          variant="default"
          onClick={() => void navigate({ to: '/clinic/patients/$patient', params: { patient: patientId } })}
        >
          <Trans>Discard</Trans>
        </Button>
        <Button
          className={stopping.length > 0 ? styles.danger : undefined}
          disabled={!ready}
          loading={save.isPending}
          type="submit"
        >
          {stopping.length > 0 ? <Trans>Sign all the same</Trans> : <Trans>Sign</Trans>}
        </Button>
      </div>
    </form>
  );
}

/** Findings that do not stop; that nothing was found is worth a line too. */
function Findings({ findings, checked }: { findings: readonly SafetyFinding[]; checked: boolean }) {
  const others = findings.filter(({ interrupts }) => !interrupts);
  if (others.length > 0) return <FindingsList findings={others} />;
  return checked && findings.length === 0 ? (
    <p className={safetyStyles.clear} role="status">
      <Trans>Checked against what the patient takes, allergies and results: nothing found.</Trans>
    </p>
  ) : null;
}

/** The order as it stood when the typing paused. Text is compared, not objects: a form makes a new one each time. */
function useSettledOrder(draft: FhirResource | undefined): FhirResource | undefined {
  const text = draft?.resourceType === 'MedicationRequest' ? JSON.stringify(draft) : undefined;
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  return useMemo(() => (settled === undefined ? undefined : (JSON.parse(settled) as FhirResource)), [settled]);
}

function isChecked(
  draft: FhirResource,
  order: FhirResource | undefined,
  { isSuccess, isPlaceholderData }: { isSuccess: boolean; isPlaceholderData: boolean },
): boolean {
  return isSuccess && !isPlaceholderData && JSON.stringify(draft) === JSON.stringify(order);
}

async function written(fhir: FhirClient, draft: FhirResource): Promise<string> {
  const { resourceType, id } = await fhir.create<FhirResource>(draft);
  return `${resourceType}/${id}`;
}

/** Writes an order together with the reasons for it; answers with the order. */
async function allTheSame(fhir: FhirClient, transaction: Bundle): Promise<string> {
  const { entry = [] } = await fhir.operation<Bundle>('', transaction);
  const place = entry[0]?.response?.location ?? '';
  return /[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}/.exec(place)?.[0] ?? '';
}
