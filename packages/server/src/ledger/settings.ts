import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config.ts';

/** Policies of the ledger that the environment names. */
export interface LedgerSettings {
  /** Witnesses of our log and their quorum. */
  policy?: string;
  /** Logs that we witness. */
  witnessFor?: string;
}

/**
 * Reads the files that `MERIDIAN_LEDGER_POLICY` (witnesses of our log and their quorum) and `MERIDIAN_WITNESS_FOR` (logs
 * that we witness) name, both in the form of C2SP tlog-policy. Throws ConfigError where one cannot be read.
 */
export async function ledgerSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LedgerSettings> {
  const policy = await fileNamedBy('MERIDIAN_LEDGER_POLICY', environment);
  const witnessFor = await fileNamedBy('MERIDIAN_WITNESS_FOR', environment);
  return { ...(policy !== undefined && { policy }), ...(witnessFor !== undefined && { witnessFor }) };
}

async function fileNamedBy(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const path = environment[name]?.trim();
  if (!path) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new ConfigError(`${name} must name a policy file that can be read.`);
  }
}
