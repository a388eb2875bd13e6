import { useLingui } from '@lingui/react/macro';
import { CloseButton, TextInput } from '@mantine/core';
import { Icon } from './icon.tsx';

/** A field that searches as one types; what it finds stands elsewhere on the page. */
export function SearchField({
  label,
  value,
  onChange,
  autoFocus = false,
}: {
  /** Read by screen readers and shown while the field is empty. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}) {
  const { t } = useLingui();
  const clear = <CloseButton aria-label={t`Clear`} size="md" onClick={() => onChange('')} />;
  return (
    <TextInput
      aria-label={label}
      autoComplete="off"
      data-autofocus={autoFocus}
      leftSection={<Icon name="search" size={18} />}
      maxLength={200}
      placeholder={label}
      rightSection={value === '' ? undefined : clear}
      role="searchbox"
      size="md"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
