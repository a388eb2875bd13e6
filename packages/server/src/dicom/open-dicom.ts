import { Renderer } from '@meridian/convert';
import { EVERYTHING, type RecordStore, type Vault } from '@meridian/records';
import type { VisibilityOf } from '../access/visibility-of.ts';
import { DicomApi } from './dicom-api.ts';
import type { DicomConfig } from './dicom-config.ts';
import { Ingest } from './ingest.ts';
import { KeptInstances } from './kept-instance.ts';
import { DicomReceiver } from './receiver.ts';

export interface DicomParts {
  store: RecordStore;
  vault: Vault;
  visibilityOf: VisibilityOf;
  /** Before `/dicom-web`. */
  origin: string;
  /** Of the FHIR API. */
  baseUrl: string;
  /** Interface on which the receiver listens. */
  host: string;
  now: () => number;
  onFault(error: unknown): void;
}

export interface Dicom {
  api: DicomApi;
  /** Undefined: there is none. */
  receiver: DicomReceiver | undefined;
  close(): Promise<void>;
}

/** DICOMweb, and the C-STORE receiver where it has a port. Studies that an earlier process left unfinished are finished. */
export async function openDicom(config: DicomConfig, parts: DicomParts): Promise<Dicom> {
  const { store, vault, visibilityOf, origin, baseUrl, host, now, onFault } = parts;
  const kept = new KeptInstances(vault, store.blobs);
  const ingestParts = { store, vault, kept, baseUrl, now, systems: config.issuers };
  const ingest = new Ingest(ingestParts);
  const renderer = new Renderer();
  const api = new DicomApi({ ...ingestParts, visibilityOf, renderer, base: `${origin}/dicom-web` }, ingest);
  const recovery = { actor: 'system', purpose: 'HOPERAT', requestId: 'dicom-recovery', visibility: EVERYTHING };
  const recovered = ingest.recover(recovery).catch(onFault);
  const receiver = config.port === undefined ? undefined : await DicomReceiver.open({ config, host, ingest, onFault });
  return {
    api,
    receiver,
    async close() {
      await receiver?.close();
      await Promise.all([renderer.close(), recovered]);
    },
  };
}
