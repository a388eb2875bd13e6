import type { Dice } from '../chance/dice.ts';

/** A real area of Hong Kong within its District Council district; buildings and streets are invented. */
interface Area {
  en: string;
  zh: string;
  district: string;
  districtZh: string;
}

const area = (en: string, zh: string, district: string, districtZh: string): Area => ({ en, zh, district, districtZh });

const AREAS: readonly (readonly [Area, number])[] = [
  [area('Sha Tin', '沙田', 'Sha Tin District', '沙田區'), 9],
  [area('Kwun Tong', '觀塘', 'Kwun Tong District', '觀塘區'), 9],
  [area('Yuen Long', '元朗', 'Yuen Long District', '元朗區'), 9],
  [area('Tuen Mun', '屯門', 'Tuen Mun District', '屯門區'), 7],
  [area('Kwai Chung', '葵涌', 'Kwai Tsing District', '葵青區'), 7],
  [area('North Point', '北角', 'Eastern District', '東區'), 7],
  [area('Tseung Kwan O', '將軍澳', 'Sai Kung District', '西貢區'), 7],
  [area('Sham Shui Po', '深水埗', 'Sham Shui Po District', '深水埗區'), 6],
  [area('Wong Tai Sin', '黃大仙', 'Wong Tai Sin District', '黃大仙區'), 6],
  [area('Hung Hom', '紅磡', 'Kowloon City District', '九龍城區'), 6],
  [area('Tsuen Wan', '荃灣', 'Tsuen Wan District', '荃灣區'), 4],
  [area('Fanling', '粉嶺', 'North District', '北區'), 4],
  [area('Tai Po', '大埔', 'Tai Po District', '大埔區'), 4],
  [area('Mong Kok', '旺角', 'Yau Tsim Mong District', '油尖旺區'), 4],
  [area('Aberdeen', '香港仔', 'Southern District', '南區'), 3],
  [area('Sai Ying Pun', '西營盤', 'Central and Western District', '中西區'), 3],
  [area('Tung Chung', '東涌', 'Islands District', '離島區'), 2],
  [area('Wan Chai', '灣仔', 'Wan Chai District', '灣仔區'), 2],
];

/** Invented estates; the two names say the same. */
const ESTATES = [
  ['Ching Wan Model Court', '晴雲範苑'],
  ['Lok Shan Sample Estate', '樂珊樣邨'],
  ['Yuet Wo Fiction Garden', '悅和虛花園'],
  ['Fung Ming Demo Mansion', '鳳鳴示樓'],
  ['Hoi Sing Parable Court', '海聲喻苑'],
  ['Kam Lei Story Estate', '錦俐故事邨'],
] as const;

/** FHIR Address twice: English, then Chinese in its own order (large to small). Hong Kong has no postal codes. */
export function drawAddress(dice: Dice) {
  const place = dice.weighted(AREAS);
  const [estate, estateZh] = dice.pick(ESTATES);
  const [block, floor] = [dice.whole(1, 9), dice.whole(1, 40)];
  const flat = dice.pick([...'ABCDEFGH']);
  const line = `Flat ${flat}, ${floor}/F, Block ${block}, ${estate}`;
  const lineZh = `${estateZh}第${block}座${floor}樓${flat}室`;
  return [
    {
      use: 'home',
      text: `${line}, ${place.en}, Hong Kong`,
      line: [line],
      city: place.en,
      district: place.district,
      country: 'HK',
    },
    {
      use: 'home',
      text: `香港${place.districtZh}${place.zh}${lineZh}`,
      line: [lineZh],
      city: place.zh,
      district: place.districtZh,
      country: 'HK',
    },
  ];
}

export type HomeAddress = ReturnType<typeof drawAddress>;
