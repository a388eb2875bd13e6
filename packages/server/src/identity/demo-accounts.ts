import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '@meridian/records';
import type { Role } from '@meridian/viewing';
import { writePrivateFile } from '../access/private-file.ts';
import { AccountError, type AccountInput } from './account.ts';
import type { Accounts } from './accounts.ts';
import { generatePassword } from './admin-api.ts';
import type { CredentialStore } from './credentials.ts';
import type { Passwords } from './password.ts';

/** A demonstration account as it is shown to whoever tries Meridian out. */
export interface DemoAccount {
  username: string;
  password: string;
  role: Role;
  name: string;
}

const FILE = 'demo-accounts.json';
const CONTEXT: Context = { actor: 'system', purpose: 'HOPERAT', requestId: 'demo' };

export interface DemoParts {
  accounts: Accounts;
  credentials: CredentialStore;
  passwords: Passwords;
  dataFolder: string;
}

/**
 * Makes the accounts that do not exist yet. Passwords are made once for each installation and kept in the data folder,
 * readable by its owner only, so that they are the same at every start and different everywhere.
 *
 * @returns what to show, in the order given
 */
export async function openDemoAccounts(parts: DemoParts, wanted: readonly AccountInput[]): Promise<DemoAccount[]> {
  const passwords = await readPasswords(parts.dataFolder);
  const shown: DemoAccount[] = [];
  for (const input of wanted) {
    const password = passwords[input.username] ?? generatePassword();
    passwords[input.username] = password;
    shown.push({ username: input.username, password, role: input.roles[0] ?? 'patient', name: input.name });
  }
  await writePrivateFile(join(parts.dataFolder, FILE), `${JSON.stringify(passwords, null, 2)}\n`);
  for (const [i, input] of wanted.entries()) await ensure(parts, input, shown[i]?.password ?? '');
  return shown;
}

async function ensure(
  { accounts, credentials, passwords }: DemoParts,
  input: AccountInput,
  password: string,
): Promise<void> {
  const standing = await accounts.byUsername(input.username);
  // somebody real has taken the name
  if (standing && !standing.account.demo) return;
  const account = standing?.account ?? (await create(accounts, input));
  const secrets = await credentials.of(account.id);
  if (await passwords.verify(password, secrets.credentials.passwordHash)) return;
  const passwordHash = await passwords.hash(password);
  await credentials.save(account, { passwordHash, passkeys: secrets.credentials.passkeys }, secrets.revision, CONTEXT);
}

async function create(accounts: Accounts, input: AccountInput) {
  try {
    return await accounts.create(input, CONTEXT, true);
  } catch (error) {
    // another server that starts at the same moment
    const standing = error instanceof AccountError ? await accounts.byUsername(input.username) : undefined;
    if (standing === undefined) throw error;
    return standing.account;
  }
}

async function readPasswords(dataFolder: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(join(dataFolder, FILE), 'utf8')) as Record<string, string>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
