import { codingOf, type TableId } from '../tcm/profile/code-systems.ts';
import type { CodedTerm } from '../tcm/script.ts';
import { PULSE_POSITIONS, PULSES } from '../tcm/terms/pulse.ts';
import { COATING_COLOURS, COATING_QUALITIES, TONGUE_COLOURS, TONGUE_SHAPES } from '../tcm/terms/tongue.ts';
import type { ChineseMedicineFact, ChineseMedicineKind } from './chinese-medicine-fact.ts';
import { PhraseTrie } from './phrase-trie.ts';
import type { Sentence } from './sentences.ts';
import { isChinese, type Token } from './tokens.ts';

type Part = 'tongue' | 'coating' | 'pulse';
type SignKind = Extract<
  ChineseMedicineKind,
  'tongue-colour' | 'tongue-shape' | 'coating-colour' | 'coating-quality' | 'pulse'
>;

interface Sign {
  kind: SignKind;
  code: string;
}

const TABLE: Readonly<Record<SignKind, TableId>> = {
  'tongue-colour': 'tcm-tongue-colour',
  'tongue-shape': 'tcm-tongue-shape',
  'coating-colour': 'tcm-coating-colour',
  'coating-quality': 'tcm-coating-quality',
  pulse: 'tcm-pulse',
};

/** How notes write signs beside the names of the tables; our own list. */
const ALSO: readonly (readonly [Part, SignKind, string, string])[] = [
  ['tongue', 'tongue-colour', 'pale', '淡 色淡'],
  ['tongue', 'tongue-colour', 'purple', '紫 暗紫 紫暗 青 bluish dusky'],
  ['tongue', 'tongue-colour', 'crimson', '紅絳 絳紅 深紅'],
  ['tongue', 'tongue-shape', 'swollen', '胖 體胖 胖嫩 enlarged puffy'],
  ['tongue', 'tongue-shape', 'tooth-marked', '齒印 tooth-marks teeth-marks scalloped'],
  ['tongue', 'tongue-shape', 'cracked', '裂 裂痕 cracks fissured'],
  ['tongue', 'tongue-shape', 'prickly', '芒刺 起刺'],
  ['tongue', 'tongue-shape', 'thin', '瘦 瘦小'],
  ['tongue', 'tongue-shape', 'deviated', '偏歪 歪'],
  ['tongue', 'tongue-shape', 'trembling', '顫'],
  ['coating', 'coating-colour', 'grey-black', '灰 黑 grey black'],
  ['coating', 'coating-quality', 'dry', '乾 少津 乾燥'],
  ['coating', 'coating-quality', 'peeled', '剝 花剝 剝脫'],
  ['coating', 'coating-quality', 'greasy', '滑膩 厚膩 sticky'],
  ['coating', 'coating-quality', 'moist', '濕潤'],
  ['pulse', 'pulse', 'deep', '沈'],
  ['pulse', 'pulse', 'rapid', 'fast'],
  ['pulse', 'pulse', 'rough', 'choppy'],
  ['pulse', 'pulse', 'thready', 'thin fine'],
  ['pulse', 'pulse', 'soft', 'soggy'],
  ['pulse', 'pulse', 'wiry', 'bowstring string-like'],
];

const SIGNS: Readonly<Record<Part, PhraseTrie<Sign>>> = {
  tongue: signsOf(['tongue-colour', TONGUE_COLOURS], ['tongue-shape', TONGUE_SHAPES]),
  coating: signsOf(['coating-colour', COATING_COLOURS], ['coating-quality', COATING_QUALITIES]),
  pulse: signsOf(['pulse', PULSES]),
};
for (const [part, kind, code, names] of ALSO)
  for (const name of names.split(' ')) SIGNS[part].add(name, { kind, code });
// 厚膩 is two signs in one word
SIGNS.coating.add('厚膩', { kind: 'coating-quality', code: 'thick' });

function signsOf(...tables: readonly (readonly [SignKind, readonly CodedTerm[]])[]): PhraseTrie<Sign> {
  const trie = new PhraseTrie<Sign>();
  for (const [kind, terms] of tables) {
    for (const { code, en, zhHant } of terms) {
      for (const name of [en.replace(/ \(.*/, ''), zhHant]) trie.add(name, { kind, code });
    }
  }
  return trie;
}

const POSITIONS = new PhraseTrie<string>();
for (const { code, zhHant, en } of PULSE_POSITIONS) {
  POSITIONS.add(zhHant, code);
  POSITIONS.add(en, code);
}

const CHINESE_PARTS: ReadonlyMap<string, Part> = new Map([
  ['舌', 'tongue'],
  ['苔', 'coating'],
  ['脉', 'pulse'],
]);
const ENGLISH_PARTS: ReadonlyMap<string, Part> = new Map([
  ['tongue', 'tongue'],
  ['coating', 'coating'],
  ['coat', 'coating'],
  ['fur', 'coating'],
  ['pulse', 'pulse'],
]);
/** 動脈, 靜脈, 門脈, 血脈 and the like are vessels; 脈搏, 脈絡, 脈管 are not a reading of the pulse. */
const VESSEL_BEFORE = new Set(['动', '静', '门', '血', '经', '络', '冠', '山', '命', '大', '奇']);
const NOT_PULSE_AFTER = new Set(['搏', '络', '管', '冲', '压', '学']);
const ABSENT = new Set(['无', '未', '不', '没', 'no', 'without']);

/**
 * The signs of tongue, coating and pulse in one sentence. Chinese names the part first (舌淡紅,苔薄白,脈弦細), so a part holds until the
 * next; English puts the words before or after it, so a part holds for its clause, and `pulse` counts only beside a tongue.
 */
export function readSigns(tokens: readonly Token[], sentence: Sentence, aboutTongue: boolean): ChineseMedicineFact[] {
  const facts: ChineseMedicineFact[] = [];
  let part: Part | undefined;
  let position: string | undefined;
  for (let at = sentence.from; at < sentence.to; ) {
    part = partAt(tokens, at, sentence, part, aboutTongue);
    if (part !== 'pulse') position = undefined;
    const place = part === 'pulse' ? POSITIONS.at(tokens, at) : undefined;
    if (place) {
      position = place.values[0];
      at = place.to;
      continue;
    }
    const found = part && SIGNS[part].at(tokens, at);
    if (found) facts.push(...factsAt(tokens, at, found, position));
    at = found?.to ?? at + 1;
  }
  return facts;
}

function factsAt(
  tokens: readonly Token[],
  at: number,
  found: { to: number; values: readonly Sign[] },
  position: string | undefined,
): ChineseMedicineFact[] {
  const span = { start: tokens[at]?.start ?? 0, end: tokens[found.to - 1]?.end ?? 0 };
  const negated = ABSENT.has(tokens[at - 1]?.text ?? '');
  return found.values.map(({ kind, code }) => ({
    ...span,
    kind,
    coding: codingOf(TABLE[kind], code),
    negated,
    ...(kind === 'pulse' && position !== undefined && { position }),
  }));
}

/** The part that the token at `at` speaks of, given the one before it. */
function partAt(
  tokens: readonly Token[],
  at: number,
  sentence: Sentence,
  before: Part | undefined,
  aboutTongue: boolean,
): Part | undefined {
  const token = tokens[at];
  if (!token) return undefined;
  const chinese = CHINESE_PARTS.get(token.text);
  if (chinese === 'pulse') return isPulse(tokens, at) ? 'pulse' : undefined;
  // 無苔 begins before the word that names its part
  if (token.text === '无' && tokens[at + 1]?.text === '苔') return 'coating';
  if (chinese) return chinese;
  if (isChinese(token)) return before;
  if (/^[a-z]/.test(token.text) && aboutTongue) return englishPart(tokens, at, sentence) ?? before;
  return token.text === '.' ? undefined : before;
}

function isPulse(tokens: readonly Token[], at: number): boolean {
  const [last, next] = [tokens[at - 1]?.text ?? '', tokens[at + 1]?.text ?? ''];
  return !VESSEL_BEFORE.has(last) && !NOT_PULSE_AFTER.has(next);
}

/** The part that the clause around an English word names. */
function englishPart(tokens: readonly Token[], at: number, { from, to }: Sentence): Part | undefined {
  const parts = (text: string | undefined) => text === ',' || text === 'with' || text === '.' || text === undefined;
  let [first, last] = [at, at];
  while (first > from && !parts(tokens[first - 1]?.text)) first--;
  while (last < to && !parts(tokens[last]?.text)) last++;
  for (let index = first; index < last; index++) {
    const part = ENGLISH_PARTS.get(tokens[index]?.text ?? '');
    if (part) return part;
  }
  return undefined;
}
