/** A Chinese surname, its Cantonese romanisation as Hong Kong writes it, and its rough share in percent. */
export interface Surname {
  zh: string;
  en: string;
  share: number;
}

/**
 * The commonest surnames of Hong Kong. Order and rough shares follow published counts of the electoral roll; what is
 * below 0.4 % is left out.
 */
export const SURNAMES: readonly Surname[] = [
  ['陳', 'CHAN', 9.8],
  ['黃', 'WONG', 7.0],
  ['李', 'LEE', 6.2],
  ['梁', 'LEUNG', 5.2],
  ['林', 'LAM', 4.9],
  ['張', 'CHEUNG', 4.3],
  ['劉', 'LAU', 4.0],
  ['吳', 'NG', 3.4],
  ['何', 'HO', 2.6],
  ['周', 'CHOW', 2.1],
  ['葉', 'YIP', 2.0],
  ['楊', 'YEUNG', 2.0],
  ['鄭', 'CHENG', 1.9],
  ['羅', 'LAW', 1.8],
  ['馮', 'FUNG', 1.4],
  ['謝', 'TSE', 1.4],
  ['曾', 'TSANG', 1.3],
  ['蔡', 'CHOI', 1.3],
  ['鄧', 'TANG', 1.3],
  ['許', 'HUI', 1.2],
  ['余', 'YU', 1.2],
  ['郭', 'KWOK', 1.2],
  ['朱', 'CHU', 1.1],
  ['王', 'WONG', 1.0],
  ['蘇', 'SO', 1.0],
  ['麥', 'MAK', 0.9],
  ['徐', 'TSUI', 0.9],
  ['潘', 'POON', 0.9],
  ['趙', 'CHIU', 0.8],
  ['馬', 'MA', 0.8],
  ['盧', 'LO', 0.8],
  ['袁', 'YUEN', 0.7],
  ['黎', 'LAI', 0.7],
  ['彭', 'PANG', 0.6],
  ['鍾', 'CHUNG', 0.6],
  ['杜', 'TO', 0.4],
  ['歐陽', 'AU YEUNG', 0.4],
].map(([zh, en, share]) => ({ zh, en, share }) as Surname);
