import { Plural, Trans } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { PageHeader } from '../design/page-header.tsx';
import { Panel } from '../design/panel.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { saveFile } from '../records/save-file.ts';
import { useRecord } from '../records/use-record.ts';
import { useSubject } from './subject.tsx';

/** Everything, to keep or to take elsewhere. */
export function DownloadPage() {
  const { now } = useServices();
  const { patientId } = useSubject();
  const record = useRecord(patientId);
  const save = (): void => {
    const entry = [record.person, ...record.entries].map((resource) => ({ resource }));
    const bundle = { resourceType: 'Bundle', type: 'collection', timestamp: new Date(now()).toISOString(), entry };
    saveFile('my-record.json', 'application/fhir+json', JSON.stringify(bundle, undefined, 2));
  };
  return (
    <>
      <PageHeader title={<Trans>Download</Trans>}>
        <Trans>Your record belongs to you. Take all of it, in the form that other systems read.</Trans>
      </PageHeader>
      <Panel title={<Trans>Everything, as one FHIR file</Trans>}>
        {record.error !== null && record.error !== undefined ? (
          <ErrorState error={record.error} onRetry={record.retry} />
        ) : !record.complete ? (
          <Skeleton height={48} lines={1} />
        ) : (
          <>
            <p>
              <Plural
                one="# entry, ready to be saved."
                other="# entries, ready to be saved."
                value={record.entries.length}
              />
            </p>
            <Button leftSection={<Icon name="download" size={18} />} mt="md" size="md" onClick={save}>
              <Trans>Save my record</Trans>
            </Button>
          </>
        )}
      </Panel>
    </>
  );
}
