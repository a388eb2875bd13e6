import { expect, test } from 'vitest';
import { AGENT_NAMES } from './names.ts';

test.each([
  ['丹参', ['herb:danshen']],
  ['dān shēn', ['herb:danshen']],
  ['Dan Shen', ['herb:danshen']],
  ['Salviae Miltiorrhizae Radix et Rhizoma', ['herb:danshen']],
  ['Warfarin 3 mg tablet 華法林', ['drug:warfarin']],
  ['麻黃湯', ['formula:mahuangtang']],
  ['麻黃 9 g', ['herb:mahuang']],
  ['PANADOL', ['drug:paracetamol']],
  ['扑热息痛', ['drug:paracetamol']],
  ['頭孢氨苄', ['drug:cefalexin']],
  ['Poria', ['herb:fuling']],
  ['ginseng', ['herb:renshen']],
  ['生半夏', ['herb:banxia-sheng']],
  ['法半夏', ['herb:banxia-fa']],
  ['', []],
  ['lithiumate', []],
])('%s', (text, ids) => {
  expect(AGENT_NAMES.find(text)).toEqual(ids);
});

test('two names in one text are both found', () => {
  expect(AGENT_NAMES.find('aspirin and clopidogrel')).toEqual(['drug:aspirin', 'drug:clopidogrel']);
});
