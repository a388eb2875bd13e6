import { parseSearch, type Resource } from '@meridian/fhir';
import type { RecordStore, StoredVersion } from '@meridian/records';
import type { DirectoryReader } from './organizations.ts';

/** Reads the directory of organisations and people from the store, as evidence for decisions: nobody sees it. */
export function recordDirectory(store: Pick<RecordStore, 'evidence'>, baseUrl: string): DirectoryReader {
  return {
    search: async (type, parameters) => {
      const query = parseSearch([type], parameters, { handling: 'strict', baseUrl });
      const { matches } = await store.evidence.search(query);
      return matches.flatMap((version) => resourceOf(version) ?? []);
    },
    read: async (type, id) => resourceOf(await store.evidence.read(type, id)),
  };
}

function resourceOf(version: StoredVersion | undefined): Resource | undefined {
  return version?.json && (JSON.parse(version.json.toString('utf8')) as Resource);
}
