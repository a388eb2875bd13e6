import { readFile } from 'node:fs/promises';
import {
  LedgerError,
  type Policy,
  parsePolicy,
  parseReceipt,
  type ReceiptVerdict,
  verifyReceipt,
} from '@meridian/ledger';
import { CommandError } from '../command-error.ts';

/** Reads which logs and witnesses are trusted. Throws CommandError where the file is no policy. */
export async function readPolicy(path: string): Promise<Policy> {
  return readable(await readFile(path), parsePolicy, 'The policy');
}

/** Checks a receipt with nothing but the policy. Throws CommandError where the file is no receipt. */
export async function verifyFile(path: string, policy: Policy): Promise<ReceiptVerdict> {
  return verifyReceipt(readable(await readFile(path), parseReceipt, 'The receipt'), policy);
}

function readable<T>(bytes: Uint8Array, parse: (bytes: Uint8Array) => T, what: string): T {
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new CommandError(`${what} cannot be used. ${error.message}`);
  }
}

const OUTCOMES: Readonly<Record<ReceiptVerdict['outcome'], string>> = {
  proved: 'Proved: this event was recorded, and cannot be taken back unnoticed.',
  promised: 'Promised: the log has signed for this event, but too few witnesses have seen it yet.',
  refused: 'Refused: this receipt proves nothing.',
};

const MARKS = { passed: 'yes ', failed: 'NO  ', open: 'open' } as const;

/** The verdict in plain words. */
export function verdictText(verdict: ReceiptVerdict): string {
  const checks = verdict.checks.map(({ result, sentence }) => `  ${MARKS[result]}  ${sentence}`);
  return `${[OUTCOMES[verdict.outcome], ...checks].join('\n')}\n`;
}
