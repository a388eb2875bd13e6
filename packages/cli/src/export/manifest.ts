import { isResourceType } from '@meridian/fhir';
import { CommandError } from '../command-error.ts';

export interface ManifestFile {
  type: string;
  url: string;
  count: number | undefined;
  /** Holds OperationOutcomes about what could not be exported. */
  isError: boolean;
}

/** The files of a complete export (FHIR Bulk Data Access 2.0, Response - Complete Status). Throws CommandError. */
export function readManifest(text: string): ManifestFile[] {
  const { output, error } = parse(text);
  return [...files(output, false), ...files(error ?? [], true)];
}

function parse(text: string): { output?: unknown; error?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    throw unreadable();
  }
  throw unreadable();
}

function files(list: unknown, isError: boolean): ManifestFile[] {
  if (!Array.isArray(list)) throw unreadable();
  return list.map((file: { type?: unknown; url?: unknown; count?: unknown }) => {
    // types become names of files, so they must be nothing else
    if (typeof file?.type !== 'string' || !isResourceType(file.type) || typeof file.url !== 'string')
      throw unreadable();
    return { type: file.type, url: file.url, count: typeof file.count === 'number' ? file.count : undefined, isError };
  });
}

function unreadable(): CommandError {
  return new CommandError('The server answered with a list of files that cannot be read; is it a Bulk Data server?');
}
