import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Attachment } from 'fhir/r4';
import { useEffect, useState } from 'react';
import { useServices } from '../app/services.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { attachmentContent, displayOf } from './attachment.ts';
import styles from './document.module.css';
import { plain, TEXT } from './words.ts';

/** A document of the record: text, pictures and PDF are shown, everything can be saved. */
export function AttachmentView({ attachment }: { attachment: Attachment }) {
  const { http } = useServices();
  const content = useQuery({
    queryKey: ['attachment', attachment.url ?? attachment.data?.slice(0, 64), attachment.size, attachment.creation],
    queryFn: ({ signal }) => attachmentContent(http, attachment, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (content.isPending) return <Skeleton height={200} lines={1} />;
  if (content.isError) return <ErrorState error={content.error} onRetry={() => void content.refetch()} />;
  return content.data ? <Shown attachment={attachment} blob={content.data} /> : null;
}

function Shown({ attachment, blob }: { attachment: Attachment; blob: Blob }) {
  const { t } = useLingui();
  const format = useFormat();
  const url = useObjectUrl(blob);
  const title = plain(attachment.title) || t`Document`;
  const display = displayOf(blob.type);
  const size = format.bytes(blob.size);
  return (
    <div>
      {display === 'text' && <TextSheet blob={blob} language={attachment.language} />}
      {display === 'picture' && url !== undefined && <img alt={title} className={styles.picture} src={url} />}
      {display === 'pdf' && url !== undefined && <iframe className={styles.frame} src={url} title={title} />}
      {display === 'sound' && url !== undefined && (
        // biome-ignore lint/a11y/useMediaCaption: a recording of the record has no captions
        <audio controls src={url} />
      )}
      {url !== undefined && (
        <p className={styles.row}>
          <Button
            component="a"
            download={fileName(title, blob.type)}
            href={url}
            leftSection={<Icon name="download" size={18} />}
            variant="default"
          >
            <Trans>Save the original</Trans>
          </Button>
          <span className={styles.faint}>{size}</span>
        </p>
      )}
    </div>
  );
}

function TextSheet({ blob, language }: { blob: Blob; language: string | undefined }) {
  const text = useQuery({
    queryKey: ['text of', blob.size, blob],
    queryFn: () => blob.text(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className={styles.sheet}>
      <p className={styles.text} lang={language}>
        {plain(text.data, TEXT)}
      </p>
    </div>
  );
}

/** An address for the blob while the component is shown. */
function useObjectUrl(blob: Blob): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

function fileName(title: string, type: string): string {
  const ending = { 'application/pdf': '.pdf', 'text/plain': '.txt', 'image/png': '.png', 'image/jpeg': '.jpg' }[
    type.split(';')[0] ?? ''
  ];
  return `${title.replace(/[^\p{L}\p{N} ._-]/gu, '').slice(0, 80) || 'document'}${ending ?? ''}`;
}
