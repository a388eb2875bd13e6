import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { FhirResource, Parameters, ParametersParameter } from 'fhir/r4';
import { useServices } from '../app/services.tsx';
import { Panel } from '../design/panel.tsx';
import styles from './readings.module.css';
import { plain } from './words.ts';

/** A result that has a number may have plain words; a report has those of its results. */
export function mayHavePlainWords(resource: FhirResource): boolean {
  if (resource.resourceType === 'DiagnosticReport') return (resource.result ?? []).length > 0;
  return resource.resourceType === 'Observation' && resource.valueQuantity !== undefined;
}

/** What a result means, in words for the person it is about: measured, usual, changed, what to ask. */
export function PlainWordsPanel({ type, id }: { type: string; id: string }) {
  const { i18n } = useLingui();
  const { fhir } = useServices();
  const { data } = useQuery({
    queryKey: ['plain words', type, id, i18n.locale],
    queryFn: ({ signal }) =>
      fhir.operation<Parameters>(`${type}/${id}/$interpret?_lang=${i18n.locale}`, undefined, { signal }),
    retry: false,
  });
  const words = (data?.parameter ?? [])
    .filter(({ name }) => name === 'result')
    .flatMap(({ part = [] }) => part.filter(({ name }) => name === 'plain-words'))
    .map(({ part = [] }) => part);
  // what the tables do not know is left to the clinician: no words are better than empty ones
  if (words.length === 0) return null;
  return (
    <Panel title={<Trans>In plain words</Trans>}>
      {words.map((parts) => (
        <Words key={textOf(parts, 'title')} parts={parts} />
      ))}
    </Panel>
  );
}

function Words({ parts }: { parts: readonly ParametersParameter[] }) {
  const questions = parts.filter(({ name }) => name === 'ask').map(({ valueString }) => plain(valueString));
  return (
    <section className={styles.words}>
      <h3>{textOf(parts, 'title')}</h3>
      <p className={styles.meaning}>{textOf(parts, 'meaning')}</p>
      {['measures', 'usual', 'change'].map((name) => {
        const text = textOf(parts, name);
        return text === '' ? null : <p key={name}>{text}</p>;
      })}
      {questions.length > 0 && (
        <>
          <h4>
            <Trans>What you could ask</Trans>
          </h4>
          <ul>
            {questions.map((question) => (
              <li key={question}>{question}</li>
            ))}
          </ul>
        </>
      )}
      <p className={styles.source}>{textOf(parts, 'source')}</p>
    </section>
  );
}

function textOf(parts: readonly ParametersParameter[], name: string): string {
  return plain(parts.find((part) => part.name === name)?.valueString ?? '');
}
