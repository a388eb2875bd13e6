import { components, encodeText, type Message, segmentOf, textAt, writeMessage } from '@meridian/convert';

/**
 * What became of a message. `accepted`: it is stored. `refused`: its content is wrong and a person must look at it; it is
 * kept in the dead-letter queue. `failed`: it is neither stored nor kept, and the sender should send it again.
 */
export type Outcome = { kind: 'accepted' } | { kind: 'refused' | 'failed'; sentence: string };

/** What a header says about acknowledgements, as far as it could be read. */
export interface Asked {
  controlId: string;
  sendingApplication: string;
  sendingFacility: string;
  receivingApplication: string;
  receivingFacility: string;
  /** MSH-9, such as `ORU^R01`. */
  kind: string;
  event: string;
  version: string;
  processing: string;
  characterSet: string;
  /** MSH-15 and MSH-16: AL always, NE never, ER on errors, SU on success. Both empty: original mode. */
  accept: string;
  application: string;
}

export function askedBy(message: Message): Asked {
  const msh = segmentOf(message, 'MSH');
  const text = (field: number, component = 1): string => textAt(msh, field, component).trim();
  return {
    controlId: text(10),
    sendingApplication: text(3),
    sendingFacility: text(4),
    receivingApplication: text(5),
    receivingFacility: text(6),
    kind: [text(9, 1), text(9, 2)].filter((part) => part !== '').join('^'),
    event: text(9, 2),
    version: text(12) || '2.5.1',
    processing: text(11) || 'P',
    characterSet: message.characterSet,
    accept: text(15).toUpperCase(),
    application: text(16).toUpperCase(),
  };
}

/** For what cannot be read so far as its header. */
export const NOTHING_ASKED: Asked = {
  controlId: '',
  sendingApplication: '',
  sendingFacility: '',
  receivingApplication: '',
  receivingFacility: '',
  kind: '',
  event: '',
  version: '2.5.1',
  processing: 'P',
  characterSet: 'UNICODE UTF-8',
  accept: '',
  application: '',
};

const ORIGINAL = { accepted: 'AA', refused: 'AE', failed: 'AR' } as const;
const ENHANCED = { accepted: 'CA', refused: 'CE', failed: 'CR' } as const;

/**
 * The acknowledgements of a message (HL7 v2.9 §2.9.2, §2.9.3): one in original mode; in enhanced mode the accept and the
 * application acknowledgement, each when it was asked for.
 *
 * @param newId MSH-10 of each answer
 */
export function acknowledgements(asked: Asked, outcome: Outcome, at: Date, newId: () => string): Uint8Array[] {
  if (asked.accept === '' && asked.application === '') {
    return [acknowledgement(asked, ORIGINAL[outcome.kind], outcome, at, newId())];
  }
  const codes: string[] = [];
  if (isWanted(asked.accept, outcome)) codes.push(ENHANCED[outcome.kind]);
  if (isWanted(asked.application, outcome)) codes.push(ORIGINAL[outcome.kind]);
  return codes.map((code) => acknowledgement(asked, code, outcome, at, newId()));
}

/** An empty one beside a filled one is "never" (§2.9.3). */
function isWanted(condition: string, { kind }: Outcome): boolean {
  if (condition === 'AL') return true;
  return kind === 'accepted' ? condition === 'SU' : condition === 'ER';
}

function acknowledgement(asked: Asked, code: string, outcome: Outcome, at: Date, controlId: string): Uint8Array {
  const stamp = `${at.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}+0000`;
  const msh = {
    name: 'MSH',
    fields: [
      components(asked.receivingApplication),
      components(asked.receivingFacility),
      components(asked.sendingApplication),
      components(asked.sendingFacility),
      components(stamp),
      [],
      components('ACK', asked.event, 'ACK'),
      components(controlId),
      components(asked.processing),
      components(asked.version),
      [],
      [],
      [],
      [],
      [],
      components(asked.characterSet),
    ],
  };
  const msa = { name: 'MSA', fields: [components(code), components(asked.controlId)] };
  const segments = outcome.kind === 'accepted' ? [msh, msa] : [msh, msa, err(outcome)];
  return encodeText(writeMessage(segments), asked.characterSet);
}

/** ERR-3 of table 0357: 207 application error; ERR-4 severity; ERR-8 a sentence for a person. */
function err(outcome: Extract<Outcome, { sentence: string }>): {
  name: string;
  fields: ReturnType<typeof components>[];
} {
  return {
    name: 'ERR',
    fields: [
      [],
      [],
      components('207', 'Application error', 'HL70357'),
      components('E'),
      [],
      [],
      [],
      components(outcome.sentence),
    ],
  };
}
