import { Trans } from '@lingui/react/macro';
import { Tag } from '../../design/tag.tsx';

/** Says that a note was written long after what it tells of. */
export function LateTag() {
  return (
    <Tag tone="caution">
      <Trans>Late entry</Trans>
    </Tag>
  );
}
