import { Trans, useLingui } from '@lingui/react/macro';
import { ActionIcon, Button, NativeSelect, NumberInput } from '@mantine/core';
import type { Extension, Procedure } from 'fhir/r4';
import { useMemo, useRef, useState } from 'react';
import { useServices } from '../../app/services.tsx';
import { Icon } from '../../design/icon.tsx';
import { pointSearch } from '../terms/catalogue.ts';
import { NO_TERM, TermField, type TermValue } from '../terms/term-field.tsx';
import { byField, useDraftCheck } from './use-draft-check.ts';
import styles from './write.module.css';
import { WriteFrame } from './write-frame.tsx';
import { quantity, type WritingContext } from './writing-context.ts';

/** A point as it was treated: depth in millimetres, retention in minutes. */
interface PointLine {
  /** For the page only. */
  key: string;
  point: TermValue;
  side: string;
  depth: number | undefined;
  minutes: number | undefined;
}

type Kind = 'acupuncture' | 'electroacupuncture' | 'moxibustion';
const MOST_POINTS = 40;
const LINE: Omit<PointLine, 'key'> = { point: NO_TERM, side: 'both', depth: undefined, minutes: 25 };

/** Acupuncture or moxibustion: the points with side, depth and time. */
export function AcupunctureForm({ context }: { context: WritingContext }) {
  const { t } = useLingui();
  const lines = useRef(1);
  const [kind, setKind] = useState<Kind>('acupuncture');
  const [points, setPoints] = useState<readonly PointLine[]>([{ ...LINE, key: '1' }]);
  const draft = draftOf(context, kind, points);
  const { rest } = byField(useDraftCheck(draft), {});
  const kinds: { value: Kind; label: string }[] = [
    { value: 'acupuncture', label: t`Acupuncture` },
    { value: 'electroacupuncture', label: t`Electroacupuncture` },
    { value: 'moxibustion', label: t`Moxibustion` },
  ];
  const add = (): void => {
    lines.current += 1;
    setPoints([...points, { ...LINE, key: String(lines.current) }]);
  };
  return (
    <WriteFrame context={context} draft={draft} issues={rest} title={<Trans>Acupuncture</Trans>}>
      <NativeSelect
        data={kinds}
        label={t`Treatment`}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Kind)}
      />
      <fieldset className={styles.set}>
        <legend className={styles.legend}>
          <Trans>Points</Trans>
        </legend>
        <div className={styles.table}>
          {points.map((line, index) => (
            <PointRow
              key={line.key}
              line={line}
              number={index + 1}
              onChange={(next) => setPoints(points.with(index, next))}
              onRemove={() => setPoints(points.toSpliced(index, 1))}
            />
          ))}
        </div>
        <div className={styles.buttons}>
          <Button
            disabled={points.length >= MOST_POINTS}
            leftSection={<Icon name="plus" size={16} />}
            size="sm"
            variant="default"
            onClick={add}
          >
            <Trans>Add a point</Trans>
          </Button>
        </div>
      </fieldset>
    </WriteFrame>
  );
}

function PointRow({
  line,
  number,
  onChange,
  onRemove,
}: {
  line: PointLine;
  number: number;
  onChange: (line: PointLine) => void;
  onRemove: () => void;
}) {
  const { t } = useLingui();
  const { http } = useServices();
  const search = useMemo(() => pointSearch(http), [http]);
  const positive = (value: string | number): number | undefined =>
    typeof value === 'number' && value > 0 ? value : undefined;
  const unknown = line.point.typed !== '' && line.point.term === undefined;
  const name = line.point.typed === '' ? t`Point ${number}` : line.point.typed;
  return (
    <div className={`${styles.line} ${styles.point}`}>
      <TermField
        error={unknown ? t`Choose a point of the list.` : undefined}
        label={t`Point ${number}`}
        name="points"
        search={search}
        value={line.point}
        onChange={(point) => onChange({ ...line, point })}
      />
      <NativeSelect
        data={[
          { value: 'both', label: t`Both sides` },
          { value: 'left', label: t`Left` },
          { value: 'right', label: t`Right` },
          { value: 'midline', label: t`Midline` },
        ]}
        label={t`Side`}
        value={line.side}
        onChange={(event) => onChange({ ...line, side: event.currentTarget.value })}
      />
      <NumberInput
        label={t`Depth, mm`}
        max={150}
        min={0}
        value={line.depth ?? ''}
        onChange={(value) => onChange({ ...line, depth: positive(value) })}
      />
      <NumberInput
        label={t`Minutes`}
        max={240}
        min={0}
        value={line.minutes ?? ''}
        onChange={(value) => onChange({ ...line, minutes: positive(value) })}
      />
      <ActionIcon aria-label={t`Remove ${name}`} color="gray" size={44} variant="subtle" onClick={onRemove}>
        <Icon name="cross" size={18} />
      </ActionIcon>
    </div>
  );
}

const ROOT = 'https://meridian.example/fhir';
const coding = (system: string, code: string) => ({ system: `${ROOT}/CodeSystem/${system}`, code });
const TEXTS: Readonly<Record<Kind, string>> = {
  acupuncture: 'Acupuncture 針刺',
  electroacupuncture: 'Electroacupuncture 電針',
  moxibustion: 'Moxibustion 艾灸',
};

/** A Procedure of our profile `tcm-procedure` (packages/clinic); undefined while a point is not one of the list. */
function draftOf(
  { patient, practitioner, at }: WritingContext,
  kind: Kind,
  points: readonly PointLine[],
): Procedure | undefined {
  const written = points.filter(({ point }) => point.typed.trim() !== '');
  if (written.length === 0 || written.some(({ point }) => point.term === undefined)) return undefined;
  return {
    resourceType: 'Procedure',
    meta: { profile: [`${ROOT}/StructureDefinition/tcm-procedure`] },
    extension: written.map(pointExtension),
    status: 'completed',
    code: { coding: [coding('tcm-procedure', kind)], text: TEXTS[kind] },
    subject: patient,
    performedDateTime: at,
    performer: [{ actor: practitioner }],
  };
}

function pointExtension({ point, side, depth, minutes }: PointLine): Extension {
  return {
    url: `${ROOT}/StructureDefinition/tcm-treated-point`,
    extension: [
      ...(point.term?.coding ? [{ url: 'point', valueCoding: point.term.coding }] : []),
      { url: 'side', valueCoding: coding('tcm-side', side) },
      ...(depth === undefined ? [] : [{ url: 'depth', valueQuantity: quantity(depth, 'mm') }]),
      ...(minutes === undefined ? [] : [{ url: 'retention', valueQuantity: quantity(minutes, 'min') }]),
    ],
  };
}
