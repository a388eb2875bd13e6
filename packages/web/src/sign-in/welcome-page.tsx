import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useServices } from '../app/services.tsx';
import { Icon, type IconName } from '../design/icon.tsx';
import { FrontFrame } from './front-frame.tsx';
import { MeridianArt } from './meridian-art.tsx';
import styles from './welcome-page.module.css';

/** What a stranger sees first: what this is, and the way in. */
export function WelcomePage() {
  const { session } = useServices();
  return (
    <FrontFrame wide>
      <div className={styles.hero}>
        <MeridianArt />
        <h1 className={styles.title}>
          <Trans>A lifetime of health, in your hands.</Trans>
        </h1>
        <p className={styles.lead}>
          <Trans>
            One record for Western and Chinese medicine. You decide who looks, you see who looked, and you need not take
            our word for any of it.
          </Trans>
        </p>
        <Button size="lg" onClick={() => void session.signIn('/')}>
          <Trans>Sign in</Trans>
        </Button>
      </div>
      <ul className={styles.promises}>
        <Pledge icon="seal" title={<Trans>Provable</Trans>}>
          <Trans>
            Every entry, view and deletion carries a seal that your own browser checks, with no help from us.
          </Trans>
        </Pledge>
        <Pledge icon="shield" title={<Trans>Private</Trans>}>
          <Trans>
            Nobody looks without a reason that you can read. Each look is written down before the page opens.
          </Trans>
        </Pledge>
        <Pledge icon="history" title={<Trans>Forgettable</Trans>}>
          <Trans>What is purged is gone from every copy, and everything else stays proven.</Trans>
        </Pledge>
      </ul>
    </FrontFrame>
  );
}

function Pledge({ icon, title, children }: { icon: IconName; title: ReactNode; children: ReactNode }) {
  return (
    <li className={styles.promise}>
      <span className={styles.icon}>
        <Icon name={icon} size={24} />
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
    </li>
  );
}
