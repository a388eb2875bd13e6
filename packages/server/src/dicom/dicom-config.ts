import { isIP } from 'node:net';

/** Who may send by DIMSE: an AE title, from an address. */
export interface DicomPeer {
  title: string;
  address: string;
}

/** `MERIDIAN_DICOM_…`. */
export interface DicomConfig {
  /** Of the C-STORE receiver; undefined: there is none. */
  port: number | undefined;
  /** AE title of this receiver. */
  title: string;
  /** Empty: anybody on this machine, and nobody else. */
  peers: readonly DicomPeer[];
  /** Files in PEM; with `ca` peers must show a certificate of that authority. Undefined: without TLS. */
  tls: { key: string; cert: string; ca: string | undefined } | undefined;
  /** Identifier systems of issuers of patient ids that are not URIs themselves. */
  issuers: ReadonlyMap<string, string>;
}

/**
 * @param text the value of a variable; undefined where it is not set
 * @param wrong the error with which a value is refused
 */
export function readDicomConfig(
  text: (name: string) => string | undefined,
  wrong: (sentence: string) => Error,
): DicomConfig {
  const port = text('MERIDIAN_DICOM_PORT');
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw wrong('MERIDIAN_DICOM_PORT must be a whole number from 0 to 65535.');
  }
  const title = text('MERIDIAN_DICOM_TITLE') ?? 'MERIDIAN';
  if (!isTitle(title)) throw wrong('MERIDIAN_DICOM_TITLE must have 1 to 16 characters.');
  const [key, cert] = [text('MERIDIAN_DICOM_TLS_KEY'), text('MERIDIAN_DICOM_TLS_CERT')];
  if ((key === undefined) !== (cert === undefined)) {
    throw wrong('For DICOM over TLS set both MERIDIAN_DICOM_TLS_KEY and MERIDIAN_DICOM_TLS_CERT.');
  }
  return {
    port: port === undefined ? undefined : Number(port),
    title,
    peers: listOf(text('MERIDIAN_DICOM_PEERS')).map((item) => peerOf(item, wrong)),
    tls: key !== undefined && cert !== undefined ? { key, cert, ca: text('MERIDIAN_DICOM_TLS_CA') } : undefined,
    issuers: new Map(listOf(text('MERIDIAN_DICOM_ISSUERS')).map((item) => issuerOf(item, wrong))),
  };
}

function listOf(text = ''): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function peerOf(item: string, wrong: (sentence: string) => Error): DicomPeer {
  const [, title = '', address = ''] = /^(.+)@([^@]+)$/.exec(item) ?? [];
  if (isTitle(title) && isIP(address) !== 0) return { title, address };
  throw wrong('MERIDIAN_DICOM_PEERS must be TITLE@ADDRESS, separated by commas, such as CT1@10.0.0.7.');
}

function issuerOf(item: string, wrong: (sentence: string) => Error): [string, string] {
  const equals = item.indexOf('=');
  const system = item.slice(equals + 1);
  if (equals > 0 && /^(?:urn|https?):/.test(system)) return [item.slice(0, equals), system];
  throw wrong('MERIDIAN_DICOM_ISSUERS must be ISSUER=SYSTEM, separated by commas, such as HOSP=urn:oid:1.2.3.');
}

function isTitle(text: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,14}[\x21-\x7e])?$/.test(text) && !text.includes('\\');
}
