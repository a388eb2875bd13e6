/** A character of a given name and its one Cantonese reading as Hong Kong romanises it. */
export interface Character {
  zh: string;
  en: string;
}

/** First and second characters of the given names of a generation. */
export interface GivenNames {
  first: readonly Character[];
  second: readonly Character[];
}

const characters = (text: string): Character[] =>
  text.split(' ').map((pair) => {
    const [zh, en] = pair.split(':');
    return { zh: zh!, en: en! };
  });

const generation = (first: string, second: string): GivenNames => ({
  first: characters(first),
  second: characters(second),
});

/** Given names by sex and by generation: born before 1960, before 1995, and since. */
export const GIVEN_NAMES: Record<'male' | 'female', readonly [GivenNames, GivenNames, GivenNames]> = {
  male: [
    generation(
      '國:Kwok 金:Kam 榮:Wing 德:Tak 福:Fuk 炳:Ping 永:Wing 錦:Kam 兆:Siu',
      '華:Wah 強:Keung 成:Shing 基:Kei 明:Ming 輝:Fai 祥:Cheung 生:Sang 全:Chuen',
    ),
    generation(
      '志:Chi 偉:Wai 家:Ka 俊:Chun 文:Man 建:Kin 嘉:Ka 永:Wing 大:Tai 子:Tsz',
      '明:Ming 強:Keung 傑:Kit 文:Man 豪:Ho 輝:Fai 雄:Hung 良:Leung 邦:Pong 康:Hong',
    ),
    generation(
      '浩:Ho 子:Tsz 俊:Chun 卓:Cheuk 梓:Tsz 柏:Pak 樂:Lok 晉:Chun 天:Tin 朗:Long',
      '軒:Hin 希:Hei 賢:Yin 熙:Hei 謙:Him 朗:Long 曦:Hei 鋒:Fung 然:Yin 傑:Kit',
    ),
  ],
  female: [
    generation(
      '玉:Yuk 秀:Sau 麗:Lai 金:Kam 鳳:Fung 彩:Choi 淑:Suk 瑞:Sui 惠:Wai 月:Yuet',
      '英:Ying 珍:Chun 蓮:Lin 芳:Fong 蘭:Lan 娟:Kuen 霞:Ha 貞:Ching 萍:Ping 群:Kwan',
    ),
    generation(
      '美:Mei 嘉:Ka 慧:Wai 淑:Suk 詩:Sze 麗:Lai 佩:Pui 雅:Nga 穎:Wing 寶:Po',
      '儀:Yee 玲:Ling 敏:Man 珊:Shan 婷:Ting 欣:Yan 怡:Yi 雯:Man 琪:Ki 芬:Fan',
    ),
    generation(
      '梓:Tsz 芷:Tsz 心:Sum 樂:Lok 詩:Sze 穎:Wing 曉:Hiu 凱:Hoi 晴:Ching 靖:Ching',
      '晴:Ching 瑤:Yiu 悠:Yau 彤:Tung 瑩:Ying 琳:Lam 恩:Yan 妍:Yin 澄:Ching 柔:Yau',
    ),
  ],
};

/** English given names that Hong Kong people add to their own, by sex. */
export const ENGLISH_NAMES: Record<'male' | 'female', readonly string[]> = {
  male: [
    'Peter',
    'Kelvin',
    'Jason',
    'Raymond',
    'Eric',
    'Anson',
    'Ryan',
    'Marcus',
    'Patrick',
    'Alvin',
    'Dickson',
    'Ivan',
  ],
  female: [
    'Carmen',
    'Winnie',
    'Joyce',
    'Mandy',
    'Fiona',
    'Chloe',
    'Hilary',
    'Vivian',
    'Karen',
    'Yoyo',
    'Natalie',
    'Agnes',
  ],
};

/** Names of residents of other origin: family names, and given names by sex. They have no Chinese name here. */
export const OTHER_NAMES: Record<
  'filipino' | 'indian' | 'pakistani' | 'nepali' | 'british',
  { family: readonly string[]; male: readonly string[]; female: readonly string[] }
> = {
  filipino: {
    family: ['SANTOS', 'REYES', 'CRUZ', 'BAUTISTA', 'GARCIA', 'MENDOZA'],
    male: ['Jose', 'Mark Anthony', 'Ramon', 'Carlo'],
    female: ['Maria Teresa', 'Rosalie', 'Jocelyn', 'Marites', 'Analyn'],
  },
  indian: {
    family: ['SHARMA', 'PATEL', 'MEHTA', 'IYER', 'SINGH'],
    male: ['Rajesh', 'Arjun', 'Vikram', 'Sanjay'],
    female: ['Priya', 'Anita', 'Deepa', 'Kavita'],
  },
  pakistani: {
    family: ['KHAN', 'MALIK', 'HUSSAIN', 'AHMED'],
    male: ['Imran', 'Bilal', 'Usman', 'Tariq'],
    female: ['Ayesha', 'Fatima', 'Sana', 'Nadia'],
  },
  nepali: {
    family: ['GURUNG', 'RAI', 'LIMBU', 'THAPA'],
    male: ['Prakash', 'Suresh', 'Dipak'],
    female: ['Sunita', 'Maya', 'Kamala'],
  },
  british: {
    family: ['THOMPSON', 'HARRIS', 'WALKER', 'EDWARDS', 'CLARKE'],
    male: ['Andrew', 'James', 'Simon', 'Oliver'],
    female: ['Helen', 'Sarah', 'Charlotte', 'Emma'],
  },
};
