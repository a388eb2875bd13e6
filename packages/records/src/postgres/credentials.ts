import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError } from './errors.ts';

/** Passwords of the two roles of the embedded server. Kept in the data folder, readable by the owner only. */
export interface Credentials {
  /** Of the superuser `postgres`, who makes roles, databases and nothing else. */
  superuser: string;
  /** Of `meridian`, who owns the database. */
  application: string;
}

/** The credentials in `home`, or undefined; `damaged` if the file cannot be read as such. */
export async function readCredentials(home: string): Promise<Credentials | undefined> {
  const path = join(home, 'credentials.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { superuser, application } = JSON.parse(text) as Partial<Credentials>;
    if (typeof superuser === 'string' && typeof application === 'string') return { superuser, application };
  } catch {
    // fall through: not JSON
  }
  throw new DatabaseError('damaged', `${path} is not a credentials file: put the original back from your backup.`);
}

/** Makes credentials and has them on the disk before anything uses them. */
export async function createCredentials(home: string): Promise<Credentials> {
  const credentials = { superuser: newPassword(), application: newPassword() };
  const path = join(home, 'credentials.json');
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(credentials)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return credentials;
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
