import { randomInt } from 'node:crypto';
import { type Context, EVENT_KIND, type Vault, VaultConflict } from '@meridian/records';
import type { RequestedScope } from '../approval/requested-scope.ts';
import { ApprovalError } from '../approval/viewing-request.ts';
import type { Grant } from '../grants/grant.ts';
import type { VaultGrants } from '../grants/vault-grants.ts';
import type { Viewer } from '../viewer.ts';

/** A code that the patient reads out on the telephone: short, for one organisation, good once and not for long. */
interface AccessCode {
  patientId: string;
  /** The one Organization whose people may redeem it. */
  organization: string;
  scope: RequestedScope;
  /** How long the redeemer may look, in minutes. */
  minutes: number;
}

/** Ten digits: with the tries below, one account that never stops finds one of 100 open codes once in 570 years. */
const DIGITS = 10;
const LIVES = 15 * 60_000;
const LONGEST_MINUTES = 7 * 24 * 60;
/** Wrong codes of one account within the window before it must wait. */
const TRIES = 5;
const WINDOW = 15 * 60_000;

export interface AccessCodesParts {
  vault: Vault;
  grants: VaultGrants;
  now: () => number;
  newId: () => string;
}

/** Makes and redeems access codes. */
export class AccessCodes {
  readonly #parts: AccessCodesParts;

  constructor(parts: AccessCodesParts) {
    this.#parts = parts;
  }

  /** A new code, in groups of digits as one reads them out. The caller has checked that the viewer may decide. */
  async create(
    asked: { patientId: string; organization: string; scope: RequestedScope; minutes: number },
    context: Context,
  ): Promise<{ code: string; expires: number }> {
    const { vault, now } = this.#parts;
    if (!Number.isInteger(asked.minutes) || asked.minutes < 5 || asked.minutes > LONGEST_MINUTES) {
      throw new ApprovalError(400, `minutes must be a whole number from 5 to ${LONGEST_MINUTES} (7 days).`);
    }
    if (!/^[A-Za-z0-9\-.]{1,64}$/.test(asked.organization)) {
      throw new ApprovalError(400, 'organization must be the id of the Organization whose people may use the code.');
    }
    const digits = Array.from({ length: DIGITS }, () => randomInt(10)).join('');
    const expires = now() + LIVES;
    const content: AccessCode = { ...asked };
    await vault.change(
      [
        {
          op: 'put',
          kind: 'access-code',
          id: digits,
          content: { ...content },
          lookups: [`patient:${asked.patientId}`],
          expires,
          revision: 0,
          patientId: asked.patientId,
        },
      ],
      [{ kind: EVENT_KIND.tokenIssued, patientId: asked.patientId, context, subjects: ['AccessCode'] }],
    );
    return { code: (digits.match(/\d{2,3}(?=(?:\d{3})*$)|\d+/g) ?? [digits]).join(' '), expires };
  }

  /** Turns a code into a grant for this viewer. A code works once; wrong ones are counted for the account. */
  async redeem(viewer: Viewer, code: string, context: Context): Promise<Grant> {
    if (viewer.account === undefined) throw new ApprovalError(403, 'Only people can redeem access codes.');
    await this.#countTry(viewer.account);
    const digits = code.replaceAll(/[\s-]/g, '');
    const found = /^\d{10}$/.test(digits)
      ? await this.#parts.vault.get<AccessCode & Record<string, unknown>>('access-code', digits)
      : undefined;
    // a code of another organisation is answered as one that does not exist
    if (!found || !viewer.organizations.includes(found.content.organization)) {
      throw new ApprovalError(404, 'There is no such code for your organisation, or it was used or has expired.');
    }
    const { patientId, scope, minutes } = found.content;
    const from = this.#parts.now();
    const grant: Grant = {
      id: this.#parts.newId(),
      kind: 'access-code',
      account: viewer.account,
      actor: viewer.actor,
      patientId,
      scope,
      purposes: ['TREAT'],
      from,
      until: from + minutes * 60_000,
      viewsLeft: undefined,
      keyThumbprint: undefined,
      ended: undefined,
    };
    const { change, event } = this.#parts.grants.issue(grant, context);
    await this.#parts.vault.change(
      [change, { op: 'remove', kind: 'access-code', id: digits, revision: found.revision }],
      [event],
    );
    return grant;
  }

  /** Counted before the code is looked at, so that a try that is cut off counts as well. */
  async #countTry(account: string): Promise<void> {
    const { vault, now } = this.#parts;
    const id = `tries/${account}`;
    for (;;) {
      const found = await vault.get<{ tries: number }>('access-code', id);
      const tries = found?.content.tries ?? 0;
      if (tries >= TRIES) {
        throw new ApprovalError(429, 'Too many codes were tried; wait a quarter of an hour and ask for a new code.');
      }
      try {
        await vault.change([
          {
            op: 'put',
            kind: 'access-code',
            id,
            content: { tries: tries + 1 },
            expires: found?.expires ?? now() + WINDOW,
            revision: found?.revision ?? 0,
          },
        ]);
        return;
      } catch (error) {
        if (!(error instanceof VaultConflict)) throw error;
      }
    }
  }
}
