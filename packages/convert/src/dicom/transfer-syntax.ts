/** How the data set of an instance is encoded (PS3.5 §10 and annex A). */
export interface TransferSyntax {
  uid: string;
  explicitVr: boolean;
  bigEndian: boolean;
  deflated: boolean;
  /** How pixel data is compressed; undefined: it is not. */
  codec: Codec | undefined;
}

export type Codec = 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'other';

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
export const DEFLATED = '1.2.840.10008.1.2.1.99';

const CODECS: Readonly<Record<string, Codec>> = {
  '1.2.840.10008.1.2.5': 'rle',
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  '1.2.840.10008.1.2.4.57': 'jpeg',
  '1.2.840.10008.1.2.4.70': 'jpeg',
  '1.2.840.10008.1.2.4.80': 'jpeg-ls',
  '1.2.840.10008.1.2.4.81': 'jpeg-ls',
  '1.2.840.10008.1.2.4.90': 'jpeg-2000',
  '1.2.840.10008.1.2.4.91': 'jpeg-2000',
  '1.2.840.10008.1.2.4.201': 'htj2k',
  '1.2.840.10008.1.2.4.202': 'htj2k',
  '1.2.840.10008.1.2.4.203': 'htj2k',
};

/** Everything that can be stored: of these a receiver may accept any. In order of preference. */
export const TRANSFER_SYNTAXES: readonly string[] = [
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
  ...Object.keys(CODECS),
  DEFLATED,
  EXPLICIT_BIG,
];

/** Any other UID is a compressed syntax that can be kept and passed on, and not be shown (PS3.5 §A.4: explicit, little). */
export function transferSyntax(uid: string): TransferSyntax {
  const plain = [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED].includes(uid);
  return {
    uid,
    explicitVr: uid !== IMPLICIT_LITTLE,
    bigEndian: uid === EXPLICIT_BIG,
    deflated: uid === DEFLATED,
    codec: plain ? undefined : (CODECS[uid] ?? 'other'),
  };
}

/** The media type of one compressed frame (PS3.18 table 8.7.3-5). */
export function frameMediaType({ codec }: TransferSyntax): string {
  switch (codec) {
    case 'rle':
      return 'image/dicom-rle';
    case 'jpeg':
      return 'image/jpeg';
    case 'jpeg-ls':
      return 'image/jls';
    case 'jpeg-2000':
      return 'image/jp2';
    case 'htj2k':
      return 'image/jphc';
    default:
      return 'application/octet-stream';
  }
}
