import { icd10, snomed, type Term } from '../concept.ts';

const problem = (code: string, display: string, icd: string, en: string, zh: string): Term => ({
  codes: [snomed(code, display), icd10(icd)],
  en,
  zh,
});

/** Problems: SNOMED CT (International Edition) and ICD-10 (WHO). */
export const PROBLEMS = {
  diabetes: problem('44054006', 'Diabetes mellitus type 2', 'E11.9', 'Type 2 diabetes mellitus', '二型糖尿病'),
  hypertension: problem('38341003', 'Hypertensive disorder', 'I10', 'Essential hypertension', '高血壓'),
  hyperlipidaemia: problem('55822004', 'Hyperlipidemia', 'E78.5', 'Hyperlipidaemia', '高血脂'),
  kidney3: problem(
    '433144002',
    'Chronic kidney disease stage 3',
    'N18.3',
    'Chronic kidney disease, stage 3',
    '慢性腎病第三期',
  ),
  kidney4: problem(
    '431857002',
    'Chronic kidney disease stage 4',
    'N18.4',
    'Chronic kidney disease, stage 4',
    '慢性腎病第四期',
  ),
  kidney5: problem(
    '433146000',
    'Chronic kidney disease stage 5',
    'N18.5',
    'Chronic kidney disease, stage 5',
    '慢性腎病第五期',
  ),
  asthma: problem('195967001', 'Asthma', 'J45.9', 'Asthma', '哮喘'),
  colonCancer: problem('363406005', 'Malignant neoplasm of colon', 'C18.9', 'Carcinoma of colon', '結腸癌'),
  breastCancer: problem('254837009', 'Malignant neoplasm of breast', 'C50.9', 'Carcinoma of breast', '乳癌'),
  pregnancy: problem('72892002', 'Normal pregnancy', 'Z34.9', 'Pregnancy', '妊娠'),
  cold: problem('82272006', 'Common cold', 'J00', 'Common cold', '傷風'),
  upperRespiratory: problem(
    '54150009',
    'Upper respiratory infection',
    'J06.9',
    'Upper respiratory tract infection',
    '上呼吸道感染',
  ),
  pharyngitis: problem('195662009', 'Acute viral pharyngitis', 'J02.9', 'Acute viral pharyngitis', '急性病毒性咽喉炎'),
  bronchitis: problem('10509002', 'Acute bronchitis', 'J20.9', 'Acute bronchitis', '急性支氣管炎'),
  influenza: problem('6142004', 'Influenza', 'J11.1', 'Influenza', '流行性感冒'),
  gastroenteritis: problem('25374005', 'Gastroenteritis', 'A09', 'Gastroenteritis', '腸胃炎'),
  otitisMedia: problem('65363002', 'Otitis media', 'H66.9', 'Otitis media', '中耳炎'),
  urinaryInfection: problem(
    '68566005',
    'Urinary tract infectious disease',
    'N39.0',
    'Urinary tract infection',
    '尿道炎',
  ),
  eczema: problem('24079001', 'Atopic dermatitis', 'L20.9', 'Atopic eczema', '濕疹'),
  backPain: problem('279039007', 'Low back pain', 'M54.5', 'Low back pain', '腰痛'),
  reflux: problem(
    '235595009',
    'Gastroesophageal reflux disease',
    'K21.9',
    'Gastro-oesophageal reflux disease',
    '胃酸倒流',
  ),
  rhinitis: problem('61582004', 'Allergic rhinitis', 'J30.4', 'Allergic rhinitis', '過敏性鼻炎'),
  kneePain: problem('30989003', 'Knee pain', 'M25.5', 'Knee pain', '膝痛'),
  pneumonia: problem('233604007', 'Pneumonia', 'J18.9', 'Pneumonia', '肺炎'),
  ankleSprain: problem('44465007', 'Sprain of ankle', 'S93.4', 'Sprain of ankle', '足踝扭傷'),
  forearmLaceration: problem('283371005', 'Laceration of forearm', 'S51.9', 'Laceration of forearm', '前臂撕裂傷'),
  radiusFracture: problem(
    '263199001',
    'Fracture of distal end of radius',
    'S52.5',
    'Fracture of distal radius',
    '橈骨遠端骨折',
  ),
  hipFracture: problem('5913000', 'Fracture of neck of femur', 'S72.0', 'Fracture of neck of femur', '股骨頸骨折'),
  atrialFibrillation: problem('49436004', 'Atrial fibrillation', 'I48', 'Atrial fibrillation', '心房顫動'),
  heartFailure: problem('84114007', 'Heart failure', 'I50.9', 'Heart failure', '心臟衰竭'),
  depression: problem('35489007', 'Depressive disorder', 'F32.9', 'Depression', '抑鬱症'),
  coronaryDisease: problem('53741008', 'Coronary arteriosclerosis', 'I25.1', 'Coronary heart disease', '冠心病'),
} as const satisfies Record<string, Term>;

export type ProblemKey = keyof typeof PROBLEMS;
