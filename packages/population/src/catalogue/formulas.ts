/** A herb of a formula: its id (pinyin of the Chinese Pharmacopoeia), name, grams in one pack, and role. */
export type FormulaHerb = readonly [
  id: string,
  zh: string,
  grams: number,
  role: 'sovereign' | 'minister' | 'assistant' | 'envoy',
];

/** A formula as the practitioners of this region prescribe it. */
export interface Formula {
  /** Its id in the code system of formulas; absent for a practitioner's own. */
  id?: string;
  en: string;
  zh: string;
  herbs: readonly FormulaHerb[];
}

const s = 'sovereign';
const m = 'minister';
const a = 'assistant';
const e = 'envoy';

/** Formulas of the common complaints, with modern doses of the textbooks, rounded for the region's practice. */
export const FORMULAS = {
  guizhi: {
    ...{ id: 'guizhitang', en: 'Cinnamon Twig Decoction', zh: '桂枝湯' },
    herbs: [
      ['guizhi', '桂枝', 9, s],
      ['baishao', '白芍', 9, m],
      ['shengjiang', '生薑', 9, a],
      ['dazao', '大棗', 9, a],
      ['gancao-zhi', '炙甘草', 6, e],
    ],
  },
  yinqiao: {
    ...{ id: 'yinqiaosan', en: 'Honeysuckle and Forsythia Powder', zh: '銀翹散' },
    herbs: [
      ['lianqiao', '連翹', 15, s],
      ['jinyinhua', '金銀花', 15, s],
      ['bohe', '薄荷', 6, m],
      ['niubangzi', '牛蒡子', 9, m],
      ['jingjie', '荊芥', 6, m],
      ['jiegeng', '桔梗', 6, a],
      ['gancao', '甘草', 5, e],
    ],
  },
  guipi: {
    ...{ id: 'guipitang', en: 'Spleen-Restoring Decoction', zh: '歸脾湯' },
    herbs: [
      ['huangqi', '黃芪', 12, s],
      ['longyanrou', '龍眼肉', 12, s],
      ['dangshen', '黨參', 12, m],
      ['baizhu', '白朮', 9, m],
      ['danggui', '當歸', 9, m],
      ['suanzaoren', '酸棗仁', 15, a],
      ['yuanzhi', '遠志', 6, a],
      ['muxiang', '木香', 6, a],
      ['gancao-zhi', '炙甘草', 3, e],
    ],
  },
  suanzaoren: {
    ...{ id: 'suanzaorentang', en: 'Sour Jujube Decoction', zh: '酸棗仁湯' },
    herbs: [
      ['suanzaoren', '酸棗仁', 15, s],
      ['fuling', '茯苓', 12, m],
      ['zhimu', '知母', 9, m],
      ['chuanxiong', '川芎', 6, a],
      ['gancao', '甘草', 3, e],
    ],
  },
  duhuojisheng: {
    ...{ id: 'duhuojishengtang', en: 'Pubescent Angelica and Mistletoe Decoction', zh: '獨活寄生湯' },
    herbs: [
      ['duhuo', '獨活', 9, s],
      ['sangjisheng', '桑寄生', 15, m],
      ['duzhong', '杜仲', 9, m],
      ['niuxi', '牛膝', 9, m],
      ['qinjiao', '秦艽', 9, m],
      ['fangfeng', '防風', 6, m],
      ['shengdihuang', '生地黃', 12, a],
      ['baishao', '白芍', 9, a],
      ['gancao', '甘草', 3, e],
    ],
  },
  shaofu: {
    ...{ id: 'shaofuzhuyutang', en: 'Lower Abdomen Stasis-Expelling Decoction', zh: '少腹逐瘀湯' },
    herbs: [
      ['xiaohuixiang', '小茴香', 3, s],
      ['rougui', '肉桂', 3, s],
      ['danggui', '當歸', 9, m],
      ['chuanxiong', '川芎', 6, m],
      ['yanhusuo', '延胡索', 6, a],
      ['chishao', '赤芍', 9, a],
      ['puhuang', '蒲黃', 6, a],
    ],
  },
  tongxie: {
    ...{ id: 'tongxieyaofang', en: 'Important Formula for Painful Diarrhoea', zh: '痛瀉要方' },
    herbs: [
      ['baizhu', '白朮', 9, s],
      ['baishao', '白芍', 9, m],
      ['chenpi', '陳皮', 6, a],
      ['fangfeng', '防風', 6, e],
    ],
  },
  shenling: {
    ...{ id: 'shenlingbaizhusan', en: 'Ginseng, Poria and White Atractylodes Powder', zh: '參苓白朮散' },
    herbs: [
      ['dangshen', '黨參', 12, s],
      ['baizhu', '白朮', 9, s],
      ['fuling', '茯苓', 12, s],
      ['shanyao', '山藥', 15, m],
      ['lianzi', '蓮子', 9, m],
      ['yiyiren', '薏苡仁', 15, a],
      ['sharen', '砂仁', 5, a],
      ['gancao', '甘草', 3, e],
    ],
  },
  erxian: {
    ...{ id: 'erxiantang', en: 'Two Immortals Decoction', zh: '二仙湯' },
    herbs: [
      ['xianmao', '仙茅', 6, s],
      ['yinyanghuo', '淫羊藿', 9, s],
      ['bajitian', '巴戟天', 9, m],
      ['zhimu', '知母', 9, m],
      ['huangbo', '黃柏', 6, m],
      ['danggui', '當歸', 9, a],
    ],
  },
  buyanghuanwu: {
    ...{ id: 'buyanghuanwutang', en: 'Yang-Tonifying Five-Tenths-Restoring Decoction', zh: '補陽還五湯' },
    herbs: [
      ['huangqi', '黃芪', 30, s],
      ['danggui', '當歸', 6, m],
      ['chishao', '赤芍', 6, a],
      ['dilong', '地龍', 5, a],
      ['chuanxiong', '川芎', 5, a],
      ['honghua', '紅花', 3, a],
      ['taoren', '桃仁', 5, a],
    ],
  },
  xiaoyao: {
    ...{ id: 'xiaoyaosan', en: 'Free Wanderer Powder', zh: '逍遙散' },
    herbs: [
      ['chaihu', '柴胡', 9, s],
      ['danggui', '當歸', 9, m],
      ['baishao', '白芍', 9, m],
      ['baizhu', '白朮', 9, a],
      ['fuling', '茯苓', 12, a],
      ['gancao-zhi', '炙甘草', 5, e],
      ['bohe', '薄荷', 3, e],
    ],
  },
  danshen: {
    ...{ en: 'Danshen blood-moving formula', zh: '丹參活血方' },
    herbs: [
      ['danshen', '丹參', 15, s],
      ['chuanxiong', '川芎', 6, m],
      ['chishao', '赤芍', 9, m],
      ['yujin', '鬱金', 9, a],
      ['gegen', '葛根', 15, a],
    ],
  },
  danggui: {
    ...{ id: 'siwutang', en: 'Four Substances Decoction', zh: '四物湯' },
    herbs: [
      ['shudihuang', '熟地黃', 12, s],
      ['danggui', '當歸', 9, m],
      ['baishao', '白芍', 9, a],
      ['chuanxiong', '川芎', 6, e],
    ],
  },
  zhigancao: {
    ...{ id: 'zhigancaotang', en: 'Honey-Fried Licorice Decoction', zh: '炙甘草湯' },
    herbs: [
      ['shengdihuang', '生地黃', 30, s],
      ['gancao-zhi', '炙甘草', 10, m],
      ['dangshen', '黨參', 9, m],
      ['maidong', '麥冬', 9, a],
      ['guizhi', '桂枝', 6, a],
      ['ejiao', '阿膠', 6, a],
    ],
  },
  mahuang: {
    ...{ id: 'mahuangtang', en: 'Ephedra Decoction', zh: '麻黃湯' },
    herbs: [
      ['mahuang', '麻黃', 9, s],
      ['guizhi', '桂枝', 6, m],
      ['kuxingren', '苦杏仁', 6, a],
      ['gancao-zhi', '炙甘草', 3, e],
    ],
  },
} as const satisfies Record<string, Formula>;

export type FormulaKey = keyof typeof FORMULAS;
