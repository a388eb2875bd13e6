import type { ReactNode } from 'react';
import { LanguageMenu } from '../app/language-menu.tsx';
import { Brand } from '../design/brand.tsx';
import styles from './front-frame.module.css';

/** The frame of the pages before somebody is signed in. */
export function FrontFrame({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  return (
    <div className={styles.frame}>
      <header className={styles.header}>
        <Brand />
        <LanguageMenu />
      </header>
      <main className={styles.main} data-wide={wide} id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
