import { useLingui } from '@lingui/react/macro';
import { RecordCard } from '../design/record-card.tsx';
import { Tag } from '../design/tag.tsx';
import { useFormat } from '../i18n/format.ts';
import { useFlagNames, useKindNames } from './kind-names.ts';
import { kindOf, type Summary } from './summary.ts';

/** A record in a list. */
export function SummaryCard({ summary, withTime = true }: { summary: Summary; withTime?: boolean }) {
  const kindName = useKindNames();
  const flags = useFlagNames();
  const format = useFormat();
  const { t } = useLingui();
  const { type, title, value, detail, flag, date, chinese } = summary;
  const { icon, tint } = kindOf(type);
  return (
    <RecordCard
      detail={detail === '' ? undefined : detail}
      icon={icon}
      kind={[kindName(type), chinese && t`Chinese medicine`, withTime && format.date(date)].filter(Boolean).join(' · ')}
      tags={flag && <Tag tone={flag === 'critical' ? 'danger' : 'caution'}>{flags[flag]}</Tag>}
      tint={tint}
      title={title === '' ? kindName(type) : title}
      value={value === '' ? undefined : value}
    />
  );
}
