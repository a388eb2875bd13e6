import { Popover } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ConsentPart } from '../../design/consent-sentence.tsx';
import { Icon } from '../../design/icon.tsx';
import styles from './consent-editor.module.css';

/** A part of the sentence that opens what it can be changed to. */
export function PartEditor({ shown, children }: { shown: ReactNode; children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <Popover opened={open} position="bottom-start" shadow="md" trapFocus onChange={setOpen}>
      <Popover.Target>
        <ConsentPart onClick={() => setOpen(!open)}>{shown}</ConsentPart>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={styles.choices}>{children(close)}</div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** One thing that a part can be changed to. */
export function Choice({ chosen, children, onChoose }: { chosen: boolean; children: ReactNode; onChoose: () => void }) {
  return (
    <button aria-pressed={chosen} className={styles.choice} type="button" onClick={onChoose}>
      {children}
      {chosen && <Icon name="check" size={16} />}
    </button>
  );
}
