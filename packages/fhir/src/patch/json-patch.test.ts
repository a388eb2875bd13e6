import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, stringifyJson } from '../json.ts';
import type { Resource } from '../resource.ts';
import { applyJsonPatch } from './json-patch.ts';
import { PatchError } from './patch-error.ts';

const resource = (members: object): Resource => ({ resourceType: 'Basic', ...members });

function refusal(document: object, operations: unknown): PatchError {
  try {
    applyJsonPatch(resource(document), operations);
  } catch (error) {
    if (error instanceof PatchError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('applyJsonPatch: the examples of RFC 6902, appendix A', () => {
  it.each<[string, object, unknown[], object]>([
    [
      'A.1 adding an object member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { baz: 'qux', foo: 'bar' },
    ],
    [
      'A.2 adding an array element',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3 removing an object member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [
      'A.4 removing an array element',
      { foo: ['bar', 'qux', 'baz'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['bar', 'baz'] },
    ],
    [
      'A.5 replacing a value',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.6 moving a value',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7 moving an array element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.8 testing a value: success',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [
      'A.10 adding a nested member object',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    [
      'A.11 ignoring unrecognized elements',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
      { foo: 'bar', baz: 'qux' },
    ],
    ['A.14 escape ordering', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'A.16 adding an array value',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
  ])('%s', (_, before, operations, after) => {
    expect(applyJsonPatch(resource(before), operations)).toEqual(resource(after));
  });

  it.each<[string, object, unknown[], number]>([
    ['A.9 testing a value: error', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 422],
    ['A.12 adding to a nonexistent target', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], 422],
    ['A.15 comparing strings and numbers', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }], 422],
  ])('%s', (_, before, operations, status) => {
    expect(refusal(before, operations).status).toBe(status);
  });

  it('A.13 invalid JSON Patch document: two members op are refused by the parser', () => {
    expect(() => parseJson('[{"op":"add","path":"/baz","value":"qux","op":"remove"}]', { depth: 8 })).toThrow(/twice/);
  });
});

describe('applyJsonPatch', () => {
  it.each<[unknown, number, RegExp]>([
    [{}, 400, /array of operations/],
    [[null], 400, /object with/],
    [[{ op: 'add', path: 'a', value: 1 }], 400, /begin with/],
    [[{ op: 'add', path: '/a~2', value: 1 }], 400, /~0/],
    [[{ op: 'add', path: '/a' }], 400, /"value" is missing/],
    [[{ op: 'copy', path: '/a' }], 400, /"from"/],
    [[{ op: 'frob', path: '/a' }], 400, /"op"/],
    [[{ op: 'add', path: '/__proto__/x', value: 1 }], 400, /__proto__/],
    [[{ op: 'add', path: '/list/01', value: 1 }], 422, /leading zeros/],
    [[{ op: 'add', path: '/list/3', value: 1 }], 422, /beyond the end/],
    [[{ op: 'remove', path: '/list/-' }], 422, /nothing is at/],
    [[{ op: 'replace', path: '/none', value: 1 }], 422, /nothing is at/],
    [[{ op: 'remove', path: '/toString' }], 422, /nothing is at/],
    [[{ op: 'add', path: '/constructor/prototype/x', value: 1 }], 422, /nothing is at/],
    [[{ op: 'move', from: '/deep', path: '/deep/a' }], 422, /into itself/],
    [[{ op: 'remove', path: '' }], 422, /whole resource/],
    [[{ op: 'replace', path: '/id', value: 'other' }], 422, /resourceType or id/],
    [[{ op: 'replace', path: '', value: null }], 422, /resourceType or id/],
    [Array.from({ length: 1001 }, () => ({ op: 'test', path: '/id', value: '1' })), 400, /at most 1000/],
    [Array.from({ length: 40 }, (_, at) => ({ op: 'copy', from: '', path: `/c${at}` })), 422, /copies too much/],
  ])('refuses %j', (operations, status, sentence) => {
    const error = refusal({ id: '1', list: [1, 2], deep: { a: {} } }, operations);
    expect(error.status).toBe(status);
    expect(error.message).toMatch(sentence);
  });

  it('leaves its input as it is, also when a later operation fails', () => {
    const before = resource({ list: [1, 2] });
    const operations = [
      { op: 'remove', path: '/list/0' },
      { op: 'test', path: '/list/0', value: 1 },
    ];
    expect(() => applyJsonPatch(before, operations)).toThrow(PatchError);
    expect(before).toEqual(resource({ list: [1, 2] }));
  });

  it('keeps how decimals were written, in the resource and in the patch', () => {
    const before = parseJson('{"resourceType":"Basic","a":1.10,"b":{"value":2.50}}', { depth: 8 }) as Resource;
    const operations = parseJson(
      '[{"op":"replace","path":"/b/value","value":3.00},{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/d","value":{"value":4.0}}]',
      { depth: 8 },
    );
    expect(stringifyJson(applyJsonPatch(before, operations))).toBe(
      '{"resourceType":"Basic","a":1.10,"b":{"value":3.00},"c":1.10,"d":{"value":4.0}}',
    );
  });

  it('undoes with remove what add did, anywhere', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (members, name, value) => {
        fc.pre(name !== '__proto__' && !Object.hasOwn(members, name) && !['resourceType', 'id'].includes(name));
        fc.pre(!Object.hasOwn(members, '__proto__') && !Object.hasOwn(members, 'id'));
        const before = { ...members, resourceType: 'Basic' };
        const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const operations = [
          { op: 'add', path, value },
          { op: 'test', path, value },
          { op: 'remove', path },
        ];
        expect(applyJsonPatch(before, operations)).toEqual(before);
      }),
    );
  });
});
