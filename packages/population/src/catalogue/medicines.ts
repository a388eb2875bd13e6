import { atc, snomed, type Term } from '../concept.ts';

/** A medicine as it is prescribed. */
export interface Medicine extends Term {
  /** Strength and form in the text of the order. */
  strength: string;
  dose: { value: number; unit: string };
  /** Times a day; 0 means as needed. */
  timesDaily: number;
  route: 'oral' | 'inhaled' | 'topical' | 'intravenous' | 'subcutaneous';
}

/** SNOMED CT routes. */
export const ROUTES = {
  oral: snomed('26643006', 'Oral route'),
  inhaled: snomed('447694001', 'Respiratory tract route'),
  topical: snomed('6064005', 'Topical route'),
  intravenous: snomed('47625008', 'Intravenous route'),
  subcutaneous: snomed('34206005', 'Subcutaneous route'),
} as const;

function medicine(
  code: string,
  name: string,
  zh: string,
  strength: string,
  dose: readonly [number, string],
  timesDaily: number,
  route: Medicine['route'] = 'oral',
): Medicine {
  const en = name.charAt(0).toUpperCase() + name.slice(1);
  return { codes: [atc(code, name)], en, zh, strength, dose: { value: dose[0], unit: dose[1] }, timesDaily, route };
}

/** Medicines by their ATC code (WHO Collaborating Centre for Drug Statistics Methodology). Doses in UCUM units. */
export const MEDICINES = {
  metformin: medicine('A10BA02', 'metformin', '二甲雙胍', '500 mg tablet', [500, 'mg'], 2),
  gliclazide: medicine('A10BB09', 'gliclazide', '格列齊特', '80 mg tablet', [80, 'mg'], 2),
  sitagliptin: medicine('A10BH01', 'sitagliptin', '西格列汀', '100 mg tablet', [100, 'mg'], 1),
  empagliflozin: medicine('A10BK03', 'empagliflozin', '恩格列淨', '10 mg tablet', [10, 'mg'], 1),
  glargine: medicine('A10AE04', 'insulin glargine', '甘精胰島素', '100 unit/mL pen', [14, '[iU]'], 1, 'subcutaneous'),
  amlodipine: medicine('C08CA01', 'amlodipine', '氨氯地平', '5 mg tablet', [5, 'mg'], 1),
  losartan: medicine('C09CA01', 'losartan', '氯沙坦', '50 mg tablet', [50, 'mg'], 1),
  indapamide: medicine('C03BA11', 'indapamide', '吲達帕胺', '1.5 mg SR tablet', [1.5, 'mg'], 1),
  simvastatin: medicine('C10AA01', 'simvastatin', '辛伐他汀', '20 mg tablet', [20, 'mg'], 1),
  atorvastatin: medicine('C10AA05', 'atorvastatin', '阿托伐他汀', '20 mg tablet', [20, 'mg'], 1),
  epoetin: medicine(
    'B03XA01',
    'erythropoietin',
    '促紅血球生成素',
    '4000 unit syringe',
    [4000, '[iU]'],
    1,
    'subcutaneous',
  ),
  salbutamol: medicine('R03AC02', 'salbutamol', '沙丁胺醇', '100 mcg inhaler', [200, 'ug'], 0, 'inhaled'),
  beclometasone: medicine('R03BA01', 'beclometasone', '倍氯米松', '100 mcg inhaler', [200, 'ug'], 2, 'inhaled'),
  budesonideFormoterol: medicine(
    'R03AK07',
    'formoterol and budesonide',
    '福莫特羅布地奈德',
    '160/4.5 mcg inhaler',
    [160, 'ug'],
    2,
    'inhaled',
  ),
  prednisolone: medicine('H02AB06', 'prednisolone', '潑尼松龍', '5 mg tablet', [30, 'mg'], 1),
  paracetamol: medicine('N02BE01', 'paracetamol', '撲熱息痛', '500 mg tablet', [500, 'mg'], 4),
  paracetamolSyrup: medicine('N02BE01', 'paracetamol', '撲熱息痛', '120 mg/5 mL syrup', [120, 'mg'], 4),
  ibuprofen: medicine('M01AE01', 'ibuprofen', '布洛芬', '200 mg tablet', [200, 'mg'], 3),
  amoxicillin: medicine('J01CA04', 'amoxicillin', '阿莫西林', '500 mg capsule', [500, 'mg'], 3),
  amoxicillinSyrup: medicine('J01CA04', 'amoxicillin', '阿莫西林', '125 mg/5 mL syrup', [250, 'mg'], 3),
  amoxicillinClavulanate: medicine(
    'J01CR02',
    'amoxicillin and beta-lactamase inhibitor',
    '阿莫西林克拉維酸',
    '1 g tablet',
    [1, 'g'],
    2,
  ),
  clarithromycin: medicine('J01FA09', 'clarithromycin', '克拉霉素', '500 mg tablet', [500, 'mg'], 2),
  nitrofurantoin: medicine('J01XE01', 'nitrofurantoin', '呋喃妥因', '100 mg capsule', [100, 'mg'], 2),
  oseltamivir: medicine('J05AH02', 'oseltamivir', '奧司他韋', '75 mg capsule', [75, 'mg'], 2),
  chlorphenamine: medicine('R06AB04', 'chlorphenamine', '氯苯那敏', '4 mg tablet', [4, 'mg'], 3),
  loratadine: medicine('R06AX13', 'loratadine', '氯雷他定', '10 mg tablet', [10, 'mg'], 1),
  omeprazole: medicine('A02BC01', 'omeprazole', '奧美拉唑', '20 mg capsule', [20, 'mg'], 1),
  hydrocortisone: medicine('D07AA02', 'hydrocortisone', '氫化可的松', '1 % cream', [1, 'g'], 2, 'topical'),
  ferrousSulfate: medicine('B03AA07', 'ferrous sulfate', '硫酸亞鐵', '300 mg tablet', [300, 'mg'], 1),
  folicAcid: medicine('B03BB01', 'folic acid', '葉酸', '5 mg tablet', [5, 'mg'], 1),
  capecitabine: medicine('L01BC06', 'capecitabine', '卡培他濱', '500 mg tablet', [1500, 'mg'], 2),
  oxaliplatin: medicine('L01XA03', 'oxaliplatin', '奧沙利鉑', '100 mg vial', [200, 'mg'], 1, 'intravenous'),
  doxorubicin: medicine('L01DB01', 'doxorubicin', '多柔比星', '50 mg vial', [90, 'mg'], 1, 'intravenous'),
  cyclophosphamide: medicine('L01AA01', 'cyclophosphamide', '環磷酰胺', '500 mg vial', [900, 'mg'], 1, 'intravenous'),
  tamoxifen: medicine('L02BA01', 'tamoxifen', '他莫昔芬', '20 mg tablet', [20, 'mg'], 1),
  letrozole: medicine('L02BG04', 'letrozole', '來曲唑', '2.5 mg tablet', [2.5, 'mg'], 1),
  warfarin: medicine('B01AA03', 'warfarin', '華法林', '3 mg tablet', [3, 'mg'], 1),
  aspirin: medicine('B01AC06', 'acetylsalicylic acid', '阿士匹靈', '80 mg tablet', [80, 'mg'], 1),
  digoxin: medicine('C01AA05', 'digoxin', '地高辛', '125 mcg tablet', [125, 'ug'], 1),
  moclobemide: medicine('N06AG02', 'moclobemide', '嗎氯貝胺', '150 mg tablet', [150, 'mg'], 2),
} as const satisfies Record<string, Medicine>;

export type MedicineKey = keyof typeof MEDICINES;

/** Penicillins, which a person with that allergy never gets. */
export const PENICILLINS: ReadonlySet<MedicineKey> = new Set<MedicineKey>([
  'amoxicillin',
  'amoxicillinSyrup',
  'amoxicillinClavulanate',
]);
