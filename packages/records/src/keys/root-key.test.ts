import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SealBroken } from '../sealing/seal.ts';
import { openRootKey, RootKeyError, unwrapKey, wrapKey } from './root-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meridian-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => `file:${join(folder, 'root.key')}`;
const HEX = 'ab'.repeat(32);

describe('a root key', () => {
  it('is made once, for its owner only, and opens what it wrapped', () => {
    const { epoch, wrapped } = openRootKey(file(), folder, {}).wrap(Buffer.from('secret'), 'label');
    expect(epoch).toBe(1);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['epoch-1.key', 'root.key']);
    expect(openRootKey(file(), folder, {}).unwrap(1, wrapped, 'label').toString()).toBe('secret');
  });

  it('may come from a variable; surrounding space and capitals do not matter', () => {
    const { wrapped } = openRootKey('env:ROOT', folder, { ROOT: HEX }).wrap(Buffer.from('secret'), 'x');
    const again = openRootKey('env:ROOT', folder, { ROOT: ` ${HEX.toUpperCase()}\n` });
    expect(again.unwrap(1, wrapped, 'x').toString()).toBe('secret');
    expect(readdirSync(folder)).toEqual(['epoch-1.key']);
  });

  it('uses the newest epoch, and opens what older ones wrapped until they are destroyed', () => {
    const old = openRootKey(file(), folder, {}).wrap(Buffer.from('old'), 'x');
    const root = createSecretKey(Buffer.from(readFileSync(join(folder, 'root.key'), 'utf8').trim(), 'hex'));
    writeFileSync(join(folder, 'epoch-12.key'), wrapKey(root, randomBytes(32), 'epoch/12'));
    const both = openRootKey(file(), folder, {});
    expect(both.wrap(Buffer.from('new'), 'x').epoch).toBe(12);
    expect(both.unwrap(1, old.wrapped, 'x').toString()).toBe('old');
    rmSync(join(folder, 'epoch-1.key'));
    expect(() => openRootKey(file(), folder, {}).unwrap(1, old.wrapped, 'x')).toThrow(/epoch 1 was destroyed/);
  });

  it('is asked back where it is missing, never made anew over sealed records', () => {
    openRootKey(file(), folder, {});
    rmSync(join(folder, 'root.key'));
    expect(() => openRootKey(file(), folder, {})).toThrow(/missing.*backup/);
    expect(readdirSync(folder)).toEqual(['epoch-1.key']);
  });

  it('is refused where it is another one, or its epoch key was put in another one’s place', () => {
    openRootKey('env:ROOT', folder, { ROOT: HEX });
    const other = () => openRootKey('env:ROOT', folder, { ROOT: 'cd'.repeat(32) });
    expect(other).toThrow(RootKeyError);
    expect(other).toThrow(/does not open epoch-1\.key/);
    writeFileSync(join(folder, 'epoch-2.key'), readFileSync(join(folder, 'epoch-1.key')));
    expect(() => openRootKey('env:ROOT', folder, { ROOT: HEX })).toThrow(/epoch-2\.key/);
  });

  it.each([
    ['env:NONE', {}, /NONE, which is not set/],
    ['env:ROOT', { ROOT: 'short' }, /64 hexadecimal digits.*variable ROOT/],
    ['env:ROOT', { ROOT: `${HEX}00` }, /64 hexadecimal digits/],
    ['kms:x', {}, /must begin with file: or env:/],
    ['', {}, /must begin with file: or env:/],
  ])('%s is refused with a sentence that does not show the key', (specification, environment, message) => {
    expect(() => openRootKey(specification, folder, environment)).toThrow(message);
    expect(() => openRootKey(specification, folder, environment)).not.toThrow(/short|abab/);
  });

  it('is refused where its file holds something else', () => {
    writeFileSync(join(folder, 'root.key'), 'not hexadecimal');
    expect(() => openRootKey(file(), folder, {})).toThrow(/64 hexadecimal digits/);
  });
});

describe('a wrapped key', () => {
  const key = createSecretKey(randomBytes(32));
  const wrapped = wrapKey(key, Buffer.alloc(32, 7), 'patient/1');

  it('opens with its key and label', () => {
    expect(unwrapKey(key, wrapped, 'patient/1')).toEqual(Buffer.alloc(32, 7));
  });

  it('does not open with any byte changed, cut short, under another label or key', () => {
    for (let i = 0; i < wrapped.length; i++) {
      const changed = Buffer.from(wrapped);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => unwrapKey(key, changed, 'patient/1')).toThrow(SealBroken);
    }
    expect(() => unwrapKey(key, wrapped.subarray(0, 27), 'patient/1')).toThrow(SealBroken);
    expect(() => unwrapKey(key, wrapped, 'patient/2')).toThrow(SealBroken);
    expect(() => unwrapKey(createSecretKey(randomBytes(32)), wrapped, 'patient/1')).toThrow(SealBroken);
  });
});
