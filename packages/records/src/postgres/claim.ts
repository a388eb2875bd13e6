import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from './errors.ts';
import { startOf } from './process-identity.ts';

/** How often a claim is tried again before the owner is taken for settled: it may just be going away. */
const ATTEMPTS = 12;

/** This process owns the folder until `release`. */
export interface Claim {
  release(): Promise<void>;
}

/**
 * Makes this process the one owner of a folder, or throws `DatabaseError` `in-use` naming the process that is.
 *
 * A claim is an empty file named by pid and start time, so it is complete the moment it exists, never shared, and stale
 * exactly when no such process lives. Whoever wants the folder first writes its claim and then looks for others: of two
 * that come together at least one sees the other and withdraws, so two owners are impossible. Both may withdraw; each
 * tries again after a different short while.
 *
 * Processes on other machines or in other pid namespaces that share the folder are not seen.
 *
 * @param claims a folder of its own for the claims; made if missing
 * @param owned what is claimed, for the message
 */
export async function claim(claims: string, owned: string): Promise<Claim> {
  await mkdir(claims, { recursive: true, mode: 0o700 });
  const mine = `${process.pid}-${startOf(process.pid) ?? 'unknown'}`;
  for (let attempt = 1; ; attempt++) {
    const path = join(claims, mine);
    try {
      await (await open(path, 'wx', 0o600)).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inUse(owned, process.pid);
      throw error;
    }
    const other = await livingOwner(claims, mine);
    if (other === undefined) return { release: () => rm(path, { force: true }) };
    await rm(path, { force: true });
    if (attempt === ATTEMPTS) throw inUse(owned, other);
    await delay(50 + ((process.pid * 37 + attempt * 61) % 150));
  }
}

/**
 * The pid of a living claimant. Claims of the dead are removed on the way.
 *
 * @param mine name of a claim not to look at
 */
export async function livingOwner(claims: string, mine?: string): Promise<number | undefined> {
  for (const name of await readdir(claims)) {
    if (name === mine) continue;
    const [, pid, start] = /^(\d+)-(.+)$/.exec(name) ?? [];
    if (pid !== undefined && startOf(Number(pid)) === start) return Number(pid);
    await rm(join(claims, name), { force: true, recursive: true });
  }
  return undefined;
}

function inUse(owned: string, pid: number): DatabaseError {
  const who = pid === process.pid ? 'this process already' : `process ${pid}`;
  return new DatabaseError(
    'in-use',
    `The data folder ${owned} is in use by ${who}: stop it first, or set MERIDIAN_DATA to another folder.`,
  );
}
