import { Trans } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { type ComponentType, useEffect, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { useChart } from '../chart/chart.tsx';
import { AcupunctureForm } from './acupuncture-form.tsx';
import { AllergyForm } from './allergy-form.tsx';
import { type FormName, isForm } from './forms.ts';
import { FormulaForm } from './formula-form.tsx';
import { NoteForm } from './note-form.tsx';
import { OrderForm } from './order-form.tsx';
import { PrescriptionForm } from './prescription-form.tsx';
import { ProblemForm } from './problem-form.tsx';
import { ResultForm } from './result-form.tsx';
import type { WritingContext } from './writing-context.ts';

const route = getRouteApi('/clinic/patients/$patient/write/$form');

const COMPONENTS: Readonly<Record<FormName, ComponentType<{ context: WritingContext }>>> = {
  note: NoteForm,
  problem: ProblemForm,
  allergy: AllergyForm,
  prescription: PrescriptionForm,
  formula: FormulaForm,
  acupuncture: AcupunctureForm,
  order: OrderForm,
  result: ResultForm,
};

/** Writes something new into the chart. */
export function WritePage() {
  const { form } = route.useParams();
  const { now } = useServices();
  const { patientId, account } = useChart();
  const [opened] = useState(now);
  useEffect(() => document.getElementById('writing')?.querySelector<HTMLElement>('input, textarea')?.focus(), []);
  if (!isForm(form)) return <EmptyState icon="search" title={<Trans>There is no such form</Trans>} />;
  const Form = COMPONENTS[form];
  const context: WritingContext = {
    patient: { reference: `Patient/${patientId}` },
    practitioner: { reference: account.fhirUser ?? '', display: account.name },
    roles: account.roles,
    at: new Date(opened).toISOString(),
  };
  return (
    <div id="writing">
      <Form context={context} key={form} />
    </div>
  );
}
