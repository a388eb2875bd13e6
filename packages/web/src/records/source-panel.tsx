import { Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { Icon } from '../design/icon.tsx';
import styles from './document.module.css';
import { saveFile } from './save-file.ts';

/** More is saved, not shown: a page of megabytes is of no use to a reader. */
const MOST_SHOWN = 100_000;

/** The record as it is stored, in FHIR's JSON. */
export function SourcePanel({ bytes, name }: { bytes: Uint8Array<ArrayBuffer>; name: string }) {
  const text = useMemo(() => indented(bytes), [bytes]);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <pre className={styles.source} lang="en" tabIndex={0}>
        {text.slice(0, MOST_SHOWN)}
      </pre>
      <p className={styles.row}>
        <Button
          leftSection={<Icon name="download" size={18} />}
          variant="default"
          onClick={() => saveFile(`${name}.json`, 'application/fhir+json', bytes)}
        >
          <Trans>Save as FHIR</Trans>
        </Button>
        {text.length > MOST_SHOWN && (
          <span className={styles.faint}>
            <Trans>Only the beginning is shown here; the file holds everything.</Trans>
          </span>
        )}
      </p>
    </>
  );
}

/** With what is invisible written as an escape, so that the source hides nothing. */
function indented(bytes: Uint8Array): string {
  const text = JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), undefined, 2);
  return text.replace(/[\p{Cf}\u0080-\u009f\u2028\u2029]/gu, (character) =>
    [...character].map((one) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join(''),
  );
}
