import type { FhirResource } from 'fhir/r4';
import { AttachmentView } from './attachment-view.tsx';
import { CompositionView } from './composition-view.tsx';
import { Facts } from './facts.tsx';
import { GenericView } from './generic-view.tsx';
import { ObservationView } from './observation-view.tsx';
import { useFacts } from './use-facts.ts';

/** A record as people read it: a rendering of its own for the common types, a plain one for all others. */
export function RecordView({ resource }: { resource: FhirResource }) {
  const facts = useFacts(resource);
  if (resource.resourceType === 'Observation') return <ObservationView observation={resource} />;
  if (resource.resourceType === 'Composition') return <CompositionView composition={resource} />;
  if (facts === undefined) return <GenericView resource={resource} />;
  return (
    <>
      <Facts facts={facts} />
      {attachmentsOf(resource).map((attachment, index) => (
        // attachments have no id, and their order does not change within a version
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <AttachmentView attachment={attachment} key={index} />
      ))}
    </>
  );
}

function attachmentsOf(resource: FhirResource) {
  if (resource.resourceType === 'DocumentReference') return resource.content.map(({ attachment }) => attachment);
  return resource.resourceType === 'DiagnosticReport' ? (resource.presentedForm ?? []) : [];
}
