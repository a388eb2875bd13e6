import { allergy } from './careers/allergy.ts';
import { asthma } from './careers/asthma.ts';
import { newborn } from './careers/birth.ts';
import { breastCancer } from './careers/breast-cancer.ts';
import type { Career } from './careers/career.ts';
import { checkUp } from './careers/check-up.ts';
import { childhoodProgramme } from './careers/childhood-programme.ts';
import { chineseMedicine } from './careers/chinese-medicine.ts';
import { colorectalCancer } from './careers/colorectal-cancer.ts';
import { diabetes } from './careers/diabetes.ts';
import { herbDrugConflict } from './careers/herb-drug-conflict.ts';
import { hyperlipidaemia } from './careers/hyperlipidaemia.ts';
import { hypertension } from './careers/hypertension.ts';
import { influenzaVaccination } from './careers/influenza-vaccination.ts';
import { injury } from './careers/injury.ts';
import { kidneyDisease } from './careers/kidney-disease.ts';
import { lastIllness } from './careers/last-illness.ts';
import { minorIllness } from './careers/minor-illness.ts';
import { pregnancy } from './careers/pregnancy.ts';

/**
 * Every career, in the order in which they act. An illness that another depends on (diabetes before kidney disease) comes
 * before it; allergies come first, because they forbid medicines.
 */
export const CAREERS: readonly Career[] = [
  newborn,
  allergy,
  childhoodProgramme,
  diabetes,
  hypertension,
  hyperlipidaemia,
  kidneyDisease,
  asthma,
  colorectalCancer,
  breastCancer,
  pregnancy,
  checkUp,
  influenzaVaccination,
  minorIllness,
  injury,
  chineseMedicine,
  herbDrugConflict,
  lastIllness,
];
