import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type Context, EVENT_KIND, type Vault, VaultConflict } from '@meridian/records';
import { ApprovalError } from '../approval/viewing-request.ts';

const derive = promisify(scrypt);

/** A SMART Health Link that a patient prints or shows (HL7 SMART Health Cards and Links 1.0.0). */
export interface HealthLink {
  readonly [name: string]: unknown;
  id: string;
  patientId: string;
  /** Base64url of the 32 bytes under which the summary is encrypted; it travels inside the link only. */
  key: string;
  /** At most 80 characters, shown to whoever opens the link. */
  label: string;
  /** Epoch milliseconds. */
  created: number;
  expires: number;
  /** Hex scrypt hash and salt. */
  passcode?: { hash: string; salt: string };
  /** Wrong passcodes that are still forgiven, over the whole life of the link. */
  attemptsLeft: number;
  viewsLeft: number;
  /** Who opened it and when, as they named themselves; newest last, at most 200. */
  uses: { at: number; recipient: string }[];
  revoked: boolean;
}

const ATTEMPTS = 10;
const LONGEST = 365 * 24 * 3600_000;
const MOST_USES = 200;
const MOST_VIEWS = 1000;

/** A wrong passcode; how many tries are left stands in the answer (Health Links, §Manifest request). */
export class WrongPasscode extends Error {
  readonly remainingAttempts: number;

  constructor(remainingAttempts: number) {
    super('The passcode is wrong.');
    this.name = 'WrongPasscode';
    this.remainingAttempts = remainingAttempts;
  }
}

export interface HealthLinkAsked {
  patientId: string;
  label: string;
  /** Epoch milliseconds. */
  expires: number;
  passcode?: string;
  views?: number;
}

/** Makes, opens and revokes health links. */
export class HealthLinks {
  readonly #vault: Vault;
  readonly #now: () => number;
  readonly #onUsed: (link: HealthLink) => void;

  /** @param onUsed told after each use is committed; must not throw */
  constructor(vault: Vault, now: () => number, onUsed: (link: HealthLink) => void) {
    this.#vault = vault;
    this.#now = now;
    this.#onUsed = onUsed;
  }

  /** The caller has checked that the viewer may decide for the patient. */
  async create(asked: HealthLinkAsked, context: Context): Promise<HealthLink> {
    const { patientId, label, expires, passcode, views = MOST_VIEWS } = asked;
    const now = this.#now();
    if (!(expires > now && expires <= now + LONGEST)) {
      throw new ApprovalError(400, 'expires must be a time within the next year.');
    }
    if (label.length > 80) throw new ApprovalError(400, 'label may have 80 characters.');
    if (passcode !== undefined && (passcode.length < 4 || passcode.length > 64)) {
      throw new ApprovalError(400, 'passcode must have 4 to 64 characters.');
    }
    if (!Number.isInteger(views) || views < 1 || views > MOST_VIEWS) {
      throw new ApprovalError(400, `views must be a whole number from 1 to ${MOST_VIEWS}.`);
    }
    const link: HealthLink = {
      // 256 bits, as the specification asks of the manifest's URL
      id: randomBytes(32).toString('base64url'),
      patientId,
      key: randomBytes(32).toString('base64url'),
      label,
      created: now,
      expires,
      ...(passcode !== undefined && { passcode: await hashed(passcode) }),
      attemptsLeft: ATTEMPTS,
      viewsLeft: views,
      uses: [],
      revoked: false,
    };
    await this.#put(link, 0, context, EVENT_KIND.tokenIssued);
    return link;
  }

  async ofPatient(patientId: string): Promise<HealthLink[]> {
    const found = await this.#vault.find<HealthLink>('health-link', `patient:${patientId}`, 200);
    return found.map(({ content }) => content);
  }

  async get(id: string): Promise<HealthLink | undefined> {
    return (await this.#vault.get<HealthLink>('health-link', id))?.content;
  }

  async revoke(id: string, context: Context): Promise<void> {
    const found = await this.#vault.get<HealthLink>('health-link', id);
    if (!found || found.content.revoked) return;
    await this.#put({ ...found.content, revoked: true }, found.revision, context, EVENT_KIND.tokenEnded);
  }

  /**
   * Opens a link for whoever holds it. The view is counted and on record before the caller gets anything. Throws
   * `ApprovalError` 404 where it is not good any more, `WrongPasscode` where the passcode is not right.
   */
  async open(id: string, recipient: string, passcode: string | undefined, context: Context): Promise<HealthLink> {
    for (;;) {
      const found = await this.#vault.get<HealthLink>('health-link', id);
      const link = found?.content;
      if (!found || !link || link.revoked || link.viewsLeft < 1 || link.attemptsLeft < 1) throw gone();
      try {
        if (link.passcode && !(await isRight(link.passcode, passcode))) {
          const attemptsLeft = link.attemptsLeft - 1;
          await this.#put({ ...link, attemptsLeft }, found.revision, context, EVENT_KIND.refused);
          throw new WrongPasscode(attemptsLeft);
        }
        const uses = [...link.uses, { at: this.#now(), recipient: recipient.slice(0, 200) }].slice(-MOST_USES);
        const used = { ...link, viewsLeft: link.viewsLeft - 1, uses };
        await this.#put(used, found.revision, context, EVENT_KIND.tokenUsed);
        this.#onUsed(used);
        return used;
      } catch (error) {
        if (!(error instanceof VaultConflict)) throw error;
      }
    }
  }

  async #put(
    link: HealthLink,
    revision: number,
    context: Context,
    kind: (typeof EVENT_KIND)['tokenIssued' | 'tokenUsed' | 'tokenEnded' | 'refused'],
  ): Promise<void> {
    const { id, patientId, expires } = link;
    const lookups = [`patient:${patientId}`];
    // the id opens the link, so that the event names only the first part of it
    const subjects = [`HealthLink/${id.slice(0, 8)}`];
    await this.#vault.change(
      [{ op: 'put', kind: 'health-link', id, content: link, lookups, expires, revision, patientId }],
      [{ kind, patientId, context, subjects }],
    );
  }
}

function gone(): ApprovalError {
  return new ApprovalError(404, 'This link is not good any more; ask the patient for a new one.');
}

async function hashed(passcode: string): Promise<{ hash: string; salt: string }> {
  const salt = randomBytes(16).toString('hex');
  return { hash: (await slowHash(passcode, salt)).toString('hex'), salt };
}

async function isRight({ hash, salt }: { hash: string; salt: string }, passcode: string | undefined): Promise<boolean> {
  // the same work without a passcode, so that time does not tell
  const given = await slowHash(passcode ?? '', salt);
  return passcode !== undefined && timingSafeEqual(given, Buffer.from(hash, 'hex'));
}

function slowHash(passcode: string, salt: string): Promise<Buffer> {
  return derive(passcode.normalize('NFKC'), salt, 32) as Promise<Buffer>;
}
