import table from '../../data/tcm/herbs.json' with { type: 'json' };
import type { HerbId } from './herb-id.ts';
import type { ThreeScripts } from './script.ts';

/** The four natures and neutral; slight grades (微寒, 微溫) are counted with their nature. */
export type Nature = 'cold' | 'cool' | 'neutral' | 'warm' | 'hot';

/** Grades of toxicity of the Chinese Pharmacopoeia: 有小毒, 有毒, 大毒; unknown for herbs that an organisation added. */
export type Toxicity = 'unknown' | 'none' | 'slightly-toxic' | 'toxic' | 'very-toxic';

/** What the Pharmacopoeia warns of under 注意; the words in three scripts are in {@link HERB_CAUTIONS}. */
export type HerbCaution = keyof typeof HERB_CAUTIONS;

/** How a piece is handled in a decoction; the words are in `HANDLINGS`. */
export type Handling = keyof typeof HANDLINGS;

/**
 * A Chinese medicinal piece. `dose` is the usual daily dose of an adult by mouth, in grams of raw piece for decoction (or
 * as powder where `use` says pill or powder only); absent where no source gives one. `pharmacopoeia` says whether the piece
 * has a monograph in volume I of 2020, or had one that was withdrawn. `sources` are ids of `tcmSources`.
 */
export interface Herb extends ThreeScripts {
  id: HerbId;
  /** With tone marks, syllables apart. */
  pinyin: string;
  latin: string;
  part: string;
  /** Absent for herbs that an organisation added. */
  nature?: Nature;
  flavours: readonly string[];
  channels: readonly string[];
  /** Other names in use, any script. */
  aliases?: readonly string[];
  dose?: { low: number; high: number };
  toxicity: Toxicity;
  cautions?: readonly HerbCaution[];
  use?: readonly Handling[];
  /** The crude herb that this is a preparation of. */
  preparedFrom?: HerbId;
  pharmacopoeia: 'monograph' | 'withdrawn' | 'none';
  sources: { names: string; properties: string; dose?: string; cautions?: string };
}

const words = (en: string, zhHant: string, zhHans: string): ThreeScripts => ({ en, zhHant, zhHans });

/** Cautions by code (Chinese Pharmacopoeia 2020 vol. I, 注意). */
export const HERB_CAUTIONS = {
  'pregnancy-prohibited': words('Prohibited in pregnancy', '孕婦禁用', '孕妇禁用'),
  'pregnancy-caution': words('Use with caution in pregnancy', '孕婦慎用', '孕妇慎用'),
  'prepare-before-oral-use': words('The unprepared piece is not for ordinary oral use', '生品內服宜慎', '生品内服宜慎'),
  'not-with-aconite': words('Not with aconite roots', '不宜與川烏、草烏、附子同用', '不宜与川乌、草乌、附子同用'),
  'not-with-aconite-antagonists': words(
    'Not with pinellia, trichosanthes, fritillaria, ampelopsis or bletilla',
    '不宜與半夏、瓜蔞、天花粉、貝母、白蘞、白及同用',
    '不宜与半夏、瓜蒌、天花粉、贝母、白蔹、白及同用',
  ),
  'not-with-lilu': words('Not with black false hellebore', '不宜與藜蘆同用', '不宜与藜芦同用'),
  'not-with-licorice': words('Not with licorice', '不宜與甘草同用', '不宜与甘草同用'),
  'not-with-licorice-antagonists': words(
    'Not with sargassum, Peking euphorbia, knoxia, gansui or daphne flower-bud',
    '不宜與海藻、京大戟、紅大戟、甘遂、芫花同用',
    '不宜与海藻、京大戟、红大戟、甘遂、芫花同用',
  ),
  'not-with-wulingzhi': words(
    'Not with black false hellebore or flying squirrel faeces',
    '不宜與藜蘆、五靈脂同用',
    '不宜与藜芦、五灵脂同用',
  ),
  'not-with-yujin': words('Not with turmeric root tuber', '不宜與鬱金同用', '不宜与郁金同用'),
  'not-with-dingxiang': words('Not with clove', '不宜與丁香同用', '不宜与丁香同用'),
  'not-with-chishizhi': words('Not with red halloysite', '不宜與赤石脂同用', '不宜与赤石脂同用'),
  'not-with-rougui': words('Not with cassia bark', '不宜與肉桂同用', '不宜与肉桂同用'),
  'not-with-sulfur-or-sanleng': words(
    'Not with sulfur or burreed tuber',
    '不宜與硫黃、三棱同用',
    '不宜与硫黄、三棱同用',
  ),
  'not-with-mirabilite': words('Not with mirabilite', '不宜與芒硝、玄明粉同用', '不宜与芒硝、玄明粉同用'),
  'not-with-badou': words('Not with croton seed', '不宜與巴豆、巴豆霜同用', '不宜与巴豆、巴豆霜同用'),
  'not-with-qianniuzi': words('Not with pharbitis seed', '不宜與牽牛子同用', '不宜与牵牛子同用'),
} as const satisfies Record<string, ThreeScripts>;

/** Handling of a piece by code (Chinese Pharmacopoeia 2020 vol. I, 用法與用量). */
export const HANDLINGS = {
  'decoct-first': words('Decoct first', '先煎', '先煎'),
  'add-later': words('Add near the end', '後下', '后下'),
  wrap: words('Decoct wrapped in cloth', '包煎', '包煎'),
  melt: words('Melt into the strained decoction', '烊化', '烊化'),
  'decoct-separately': words('Decoct separately and add', '另煎', '另煎'),
  dissolve: words('Dissolve in the strained decoction', '沖服', '冲服'),
  'pill-or-powder-only': words('In pills or powder only', '入丸散', '入丸散'),
} as const satisfies Record<string, ThreeScripts>;

/** All herbs of `data/tcm/herbs.json`, by id. */
export const HERBS: ReadonlyMap<HerbId, Herb> = new Map((table as readonly Herb[]).map((herb) => [herb.id, herb]));
