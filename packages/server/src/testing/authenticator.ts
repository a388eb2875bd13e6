import { createSign, generateKeyPairSync, hash, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** How an authenticator or a page may misbehave. */
export interface Misbehaviour {
  origin?: string;
  userVerified?: boolean;
  challenge?: string;
}

/** An authenticator in software: one discoverable ES256 credential (W3C Web Authentication §6). */
export class SoftwareAuthenticator {
  readonly id = randomBytes(32).toString('base64url');
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #rpId: string;
  #counter = 0;

  constructor(rpId: string) {
    this.#rpId = rpId;
  }

  /** `navigator.credentials.create()` */
  create(challenge: string, misbehaviour: Misbehaviour = {}): object {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const cose = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, id, isoCBOR.encode(cose)]);
    const authData = Buffer.concat([this.#authData(misbehaviour, 0x40), credential]);
    const attestation = isoCBOR.encode(
      new Map<string, string | Uint8Array | Map<string, never>>([
        ['fmt', 'none'],
        ['attStmt', new Map<string, never>()],
        ['authData', authData],
      ]),
    );
    return this.#answer({
      clientDataJSON: clientData('webauthn.create', challenge, misbehaviour).toString('base64url'),
      attestationObject: Buffer.from(attestation).toString('base64url'),
      transports: ['internal'],
    });
  }

  /** `navigator.credentials.get()` */
  get(challenge: string, misbehaviour: Misbehaviour = {}): object {
    const data = clientData('webauthn.get', challenge, misbehaviour);
    const authData = this.#authData(misbehaviour, 0);
    const signed = Buffer.concat([authData, hash('sha256', data, 'buffer')]);
    return this.#answer({
      clientDataJSON: data.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: createSign('sha256').update(signed).sign(this.#keys.privateKey).toString('base64url'),
    });
  }

  #answer(response: object): object {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #authData({ userVerified = true }: Misbehaviour, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(++this.#counter);
    const present = 0x01 | (userVerified ? 0x04 : 0) | flags;
    return Buffer.concat([hash('sha256', this.#rpId, 'buffer'), Buffer.from([present]), counter]);
  }
}

function clientData(
  type: string,
  asked: string,
  { origin = 'http://localhost', challenge = asked }: Misbehaviour,
): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}
