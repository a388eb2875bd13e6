import { Trans, useLingui } from '@lingui/react/macro';
import { ActionIcon, Button, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { Icon } from '../../design/icon.tsx';
import type { Language } from '../../i18n/language.ts';
import { type FormulaTerm, formulaSearch, type HerbTerm, herbSearch } from '../terms/catalogue.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import {
  DISPENSED,
  type Dispensed,
  type FormulaTyped,
  formulaOrder,
  gramsOf,
  type HerbLine,
  type HerbRole,
  ROLES,
} from './formula.ts';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import type { WritingContext } from './writing-context.ts';

const MOST_HERBS = 40;

/** A formula of Chinese medicine: herbs with dose and role, chosen one by one or from a classical formula. */
export function FormulaForm({ context }: { context: WritingContext }) {
  const { t, i18n } = useLingui();
  const { http } = useServices();
  const formulas = useMemo(() => formulaSearch(http), [http]);
  const lines = useRef(1);
  const emptyLine = (): HerbLine => {
    lines.current += 1;
    return { key: String(lines.current), herb: NO_TERM, dose: undefined, unit: 'g', role: '' };
  };
  const [typed, setTyped] = useState<FormulaTyped>({
    formula: NO_TERM,
    herbs: [{ key: '1', herb: NO_TERM, dose: undefined, unit: 'g', role: '' }],
    form: 'raw',
    packs: 7,
    packsPerDay: 1,
    instruction: '',
  });
  const change = (part: Partial<FormulaTyped>): void => setTyped((before) => ({ ...before, ...part }));
  const choose = async (formula: TermValue<FormulaTerm>): Promise<void> => {
    change({ formula });
    if (formula.term === undefined) return;
    const found = herbSearch(http);
    const herbs = await Promise.all(
      formula.term.herbs.slice(0, MOST_HERBS).map(async ({ herb, role, modern }): Promise<HerbLine> => {
        const term = (await found(herb)).find(({ key }) => key === herb);
        const language = i18n.locale as Language;
        return {
          ...emptyLine(),
          herb: term === undefined ? { typed: herb } : { typed: term.names[language], term },
          ...{ dose: modern.value, unit: modern.unit, role: role as HerbRole },
        };
      }),
    );
    change({ herbs });
  };
  const draft = formulaOrder(context, typed);
  const { errors, rest } = byField(useDraftCheck(draft), { packs: 'dispenseRequest' });
  const grams = gramsOf(typed.herbs);
  const forms = useFormNames();
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Chinese formula</Trans>}>
      <TermField
        autoFocus
        description={t`A classical formula brings its herbs; or write the herbs yourself below.`}
        label={t`Formula`}
        name="formulas"
        search={formulas}
        value={typed.formula}
        onChange={(formula) => void choose(formula)}
      />
      <fieldset className={styles.set}>
        <legend className={styles.legend}>
          <Trans>Herbs in one pack</Trans>
        </legend>
        <div className={styles.table}>
          {typed.herbs.map((line, index) => (
            <HerbRow
              key={line.key}
              line={line}
              number={index + 1}
              onChange={(next) => change({ herbs: typed.herbs.with(index, next) })}
              onRemove={() => change({ herbs: typed.herbs.toSpliced(index, 1) })}
            />
          ))}
        </div>
        <div className={styles.buttons}>
          <p className={styles.hint}>
            <Trans>{grams} g in one pack</Trans>
          </p>
          <Button
            disabled={typed.herbs.length >= MOST_HERBS}
            leftSection={<Icon name="plus" size={16} />}
            size="sm"
            variant="default"
            onClick={() => change({ herbs: [...typed.herbs, emptyLine()] })}
          >
            <Trans>Add a herb</Trans>
          </Button>
        </div>
      </fieldset>
      <div className={styles.row}>
        <NativeSelect
          data={DISPENSED.map((form) => ({ value: form, label: forms[form] }))}
          label={t`Dispensed as`}
          value={typed.form}
          onChange={(event) => change({ form: event.currentTarget.value as Dispensed })}
        />
        <NumberInput
          allowDecimal={false}
          error={errors.packs}
          label={t`Packs`}
          max={90}
          min={1}
          value={typed.packs ?? ''}
          onChange={(packs) => change({ packs: typeof packs === 'number' && packs > 0 ? packs : undefined })}
        />
        <NumberInput
          allowDecimal={false}
          label={t`Packs a day`}
          max={4}
          min={1}
          value={typed.packsPerDay}
          onChange={(packs) => change({ packsPerDay: typeof packs === 'number' && packs > 0 ? packs : 1 })}
        />
      </div>
      <TextInput
        description={t`The patient reads this.`}
        label={t`Instructions`}
        maxLength={500}
        value={typed.instruction}
        onChange={(event) => change({ instruction: event.currentTarget.value })}
      />
    </WriteFrame>
  );
}

function HerbRow({
  line,
  number,
  onChange,
  onRemove,
}: {
  line: HerbLine;
  number: number;
  onChange: (line: HerbLine) => void;
  onRemove: () => void;
}) {
  const { t } = useLingui();
  const { http } = useServices();
  const search = useMemo(() => herbSearch(http), [http]);
  const roles = useRoleNames();
  const name = line.herb.typed === '' ? t`Herb ${number}` : line.herb.typed;
  return (
    <div className={styles.line}>
      <TermField<HerbTerm>
        label={t`Herb ${number}`}
        name="herbs"
        search={search}
        value={line.herb}
        onChange={(herb) => onChange({ ...line, herb })}
      />
      <NumberInput
        label={line.unit === 'g' ? t`Grams` : t`Pieces`}
        max={1000}
        min={0}
        value={line.dose ?? ''}
        onChange={(dose) => onChange({ ...line, dose: typeof dose === 'number' && dose > 0 ? dose : undefined })}
      />
      <NativeSelect
        data={[{ value: '', label: '—' }, ...ROLES.map((role) => ({ value: role, label: roles[role] }))]}
        label={t`Role`}
        value={line.role}
        onChange={(event) => onChange({ ...line, role: event.currentTarget.value as HerbLine['role'] })}
      />
      <ActionIcon aria-label={t`Remove ${name}`} color="gray" size={44} variant="subtle" onClick={onRemove}>
        <Icon name="cross" size={18} />
      </ActionIcon>
    </div>
  );
}

function useRoleNames(): Readonly<Record<HerbRole, string>> {
  const { t } = useLingui();
  return { sovereign: t`Sovereign`, minister: t`Minister`, assistant: t`Assistant`, envoy: t`Envoy` };
}

function useFormNames(): Readonly<Record<Dispensed, string>> {
  const { t } = useLingui();
  return { raw: t`Raw pieces for decoction`, granules: t`Concentrated granules`, pill: t`Pills`, powder: t`Powder` };
}
