import { randomBytes } from 'node:crypto';
import { type Context, VaultConflict } from '@meridian/records';
import type { Bearer } from '../access/tokens.ts';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { type Account, readAccount } from './account.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { readClient } from './client.ts';
import type { Clients } from './clients.ts';
import type { CredentialStore } from './credentials.ts';
import { jsonAnswer, NO_CONTENT, notFound, type OAuthRequest, readJson } from './oauth-request.ts';
import type { Passwords } from './password.ts';

export interface AdminApiParts {
  accounts: Accounts;
  clients: Clients;
  credentials: CredentialStore;
  passwords: Passwords;
}

const PAGE = 50;
const LARGEST_PAGE = 500;

/** `/oauth/accounts` and `/oauth/clients`, for administrators: JSON, paged, every change an event. */
export class AdminApi {
  readonly #parts: AdminApiParts;

  constructor(parts: AdminApiParts) {
    this.#parts = parts;
  }

  async answer(request: OAuthRequest, bearer: Bearer): Promise<Answer> {
    requireAdministrator(bearer);
    const context: Context = { actor: bearer.actor, purpose: 'HOPERAT', requestId: request.requestId };
    const [collection, id, action] = request.path;
    const shape = `${request.method} ${collection}${id === undefined ? '' : '/:id'}${action === undefined ? '' : `/${action}`}`;
    return this.#carryOut(shape, id ?? '', request, context);
  }

  async #carryOut(shape: string, id: string, request: OAuthRequest, context: Context): Promise<Answer> {
    const { accounts, clients } = this.#parts;
    const body = () => readJson(request.message);
    switch (shape) {
      case 'GET accounts': {
        const { limit, after } = pageOf(request);
        const found = await accounts.list(limit, after);
        return jsonAnswer(paged('accounts', found.map(shown), limit));
      }
      case 'POST accounts': {
        const account = await accounts.create(readAccount(await body()), context);
        return jsonAnswer({ ...shown({ account, revision: 1 }), ...(await this.#reset(account, context)) }, 201);
      }
      case 'GET accounts/:id':
        return jsonAnswer(shown(await this.#account(id)));
      case 'PUT accounts/:id': {
        const standing = await this.#account(id);
        requireRevision(request, standing.revision);
        const account = await accounts.replace(standing, readAccount(await body()), context);
        return jsonAnswer(shown({ account, revision: standing.revision + 1 }));
      }
      case 'DELETE accounts/:id':
        await accounts.remove(await this.#account(id), context);
        return NO_CONTENT;
      case 'POST accounts/:id/reset': {
        const { account } = await this.#account(id);
        await accounts.endSessions(account.id);
        return jsonAnswer(await this.#reset(account, context));
      }
      case 'GET clients': {
        const { limit, after } = pageOf(request);
        return jsonAnswer(paged('clients', await clients.list(limit, after), limit));
      }
      case 'POST clients':
        return jsonAnswer(await clients.create(readClient(await body()), context), 201);
      case 'GET clients/:id':
        return jsonAnswer((await this.#client(id)).client);
      case 'PUT clients/:id':
        return jsonAnswer(await clients.replace(await this.#client(id), readClient(await body()), context));
      case 'DELETE clients/:id':
        await clients.remove(await this.#client(id), context);
        return NO_CONTENT;
      default:
        throw notFound();
    }
  }

  /** A new password that is shown once, and no second factor and no passkeys any more. Services have no password. */
  async #reset(account: Account, context: Context): Promise<{ password?: string }> {
    if (account.kind === 'service') return {};
    const password = generatePassword();
    const { revision } = await this.#parts.credentials.of(account.id);
    const passwordHash = await this.#parts.passwords.hash(password);
    await this.#parts.credentials.save(account, { passwordHash, passkeys: [] }, revision, context);
    return { password };
  }

  async #account(id: string): Promise<StoredAccount> {
    const found = await this.#parts.accounts.get(id);
    if (found === undefined) throw notFound();
    return found;
  }

  async #client(id: string) {
    const found = await this.#parts.clients.get(id);
    if (found === undefined) throw notFound();
    return found;
  }
}

/** 100 random bits in five groups of letters that are not mistaken for others. */
export function generatePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  // 248 is the largest multiple of 31 below 256: larger bytes would favour some letters
  const picked: string[] = [];
  while (picked.length < 20) {
    for (const byte of randomBytes(32)) if (byte < 248 && picked.length < 20) picked.push(letters[byte % 31] ?? '');
  }
  return [0, 4, 8, 12, 16].map((at) => picked.slice(at, at + 4).join('')).join('-');
}

function requireAdministrator({ viewer, scopes }: Bearer): void {
  const everything = ['c', 'r', 'u', 'd', 's'] as const;
  const system = viewer.roles.includes('system') && viewer.account === undefined;
  const may =
    viewer.roles.includes('administrator') || (system && everything.every((one) => scopes.allow(one, undefined)));
  if (!may) throw refusal(403, 'forbidden', 'Accounts and clients are for administrators.');
}

/** A caller that names the revision it saw (If-Match) does not overwrite what it did not see. */
function requireRevision({ message }: OAuthRequest, revision: number): void {
  const given = message.headers['if-match'];
  if (given !== undefined && given !== `"${revision}"`) throw new VaultConflict();
}

function shown({ account, revision }: StoredAccount): object {
  return { ...account, revision, created: new Date(account.created).toISOString() };
}

function pageOf({ query }: OAuthRequest): { limit: number; after: string | undefined } {
  const count = Number(query.get('_count') ?? PAGE);
  if (!Number.isInteger(count) || count < 1) throw refusal(400, 'invalid', '_count must be a whole number from 1.');
  return { limit: Math.min(count, LARGEST_PAGE), after: query.get('after') ?? undefined };
}

function paged(name: string, items: readonly object[], limit: number): object {
  const last = items.at(-1);
  const next = items.length === limit && last !== undefined && 'id' in last ? last.id : undefined;
  return { [name]: items, ...(next !== undefined && { after: next }) };
}
