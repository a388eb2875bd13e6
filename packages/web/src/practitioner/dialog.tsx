import { useLingui } from '@lingui/react/macro';
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './dialog.module.css';

/**
 * A dialog over the page. Scrolling is not locked: the lock writes a style element, which the content security policy
 * forbids; and its head is no `header`, which would be a second banner of the page.
 */
export function Dialog({
  title,
  opened,
  size = 'md',
  children,
  onClose,
}: {
  title: ReactNode;
  opened: boolean;
  size?: 'md' | 'lg';
  children: ReactNode;
  onClose: () => void;
}) {
  const { t } = useLingui();
  return (
    <Modal.Root lockScroll={false} opened={opened} size={size} onClose={onClose}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t`Close`} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
