import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVerifierKey } from '@meridian/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRootKey } from '../keys/root-key.ts';
import { type LogKeyOptions, openLogKeys } from './log-keys.ts';

let keyFolder: string;

beforeEach(() => {
  keyFolder = mkdtempSync(join(tmpdir(), 'meridian-log-keys-'));
});

afterEach(() => rmSync(keyFolder, { recursive: true, force: true }));

function options(mustExist = false): LogKeyOptions {
  const rootKey = openRootKey(`file:${join(keyFolder, 'root.key')}`, keyFolder, {});
  return { rootKey, keyFolder, host: 'records.example', mustExist, clock: () => 1 };
}

describe('the keys of the log', () => {
  it('are made once, for their owner only, and wrapped', () => {
    const made = openLogKeys(options());
    expect(made.origin).toMatch(/^records\.example\/ledger\/[0-9a-f]{16}$/);
    const again = openLogKeys(options(true));
    expect(again.signers.map(({ key }) => formatVerifierKey(key))).toEqual(
      made.signers.map(({ key }) => formatVerifierKey(key)),
    );
    expect(statSync(join(keyFolder, 'log.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(keyFolder).filter((name) => name.startsWith('log.key'))).toEqual(['log.key']);
  });

  it('are never replaced: a log with entries wants the key that signed them', () => {
    expect(() => openLogKeys(options(true))).toThrow(/log\.key.*is missing.*backup/s);
    expect(readdirSync(keyFolder)).not.toContain('log.key');
  });

  it('do not open once they were changed', () => {
    openLogKeys(options());
    const path = join(keyFolder, 'log.key');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('records.example', 'records.examplf'));
    expect(() => openLogKeys(options())).toThrow(/does not open log\.key/);
    writeFileSync(path, '{');
    expect(() => openLogKeys(options())).toThrow(/log\.key in the key folder is damaged/);
  });
});
