import { AccessCodePanel } from './access-code-panel.tsx';
import { HealthLinksPanel } from './health-links-panel.tsx';

/** Ways to open the record for somebody at once: a link to show, a code to read out. */
export function LinksPage() {
  return (
    <>
      <HealthLinksPanel />
      <AccessCodePanel />
    </>
  );
}
