import { PROBLEMS } from '../catalogue/problems.ts';
import { referenceTo } from '../chart/chart.ts';
import { fileReport } from '../chart/document.ts';
import { orderLaboratory } from '../chart/laboratory.ts';
import { perform } from '../chart/procedure.ts';
import { consultationNote, dischargeSummary } from '../writing/notes.ts';
import { type Cancer, cancerCourse } from './cancer.ts';
import type { Career } from './career.ts';

/** Shares ever diagnosed by age, near the lifetime risk of women that the Hong Kong Cancer Registry gives. */
const cancer: Cancer = {
  career: 'breast-cancer',
  problem: 'breastCancer',
  prevalence: [
    [33, 0],
    [45, 0.012],
    [55, 0.03],
    [65, 0.048],
    [85, 0.07],
  ],
  chemotherapy: { share: 0.45, cycles: 4, everyDays: 21, medicines: ['doxorubicin', 'cyclophosphamide'] },
  radiotherapyAfter: 150,
  // Tamoxifen before the usual age of menopause, an aromatase inhibitor after it.
  endocrine: (life, day) => (life.age(day) < 52 ? 'tamoxifen' : 'letrozole'),
  surveillance: ['blood', 'liver'],
  lethality: 0.12,
  find(life, day, dice) {
    const side = dice.happens(0.5) ? 'left' : 'right';
    const visit = life.visit(
      {
        scope: 'breast-cancer',
        kind: 'illness',
        day,
        place: life.hospital,
        discipline: 'surgery',
        reason: PROBLEMS.breastCancer,
      },
      dice,
    );
    const radiologist = life.colleague(life.hospital, 'radiology', dice);
    const pathologist = life.colleague('laboratory', 'pathology', dice);
    const size = dice.whole(9, 32);
    orderLaboratory(visit, life.body, ['blood', 'liver']);
    fileReport(
      visit,
      'mammogram',
      radiologist,
      `Spiculated mass of the ${side} breast, ${size} mm, upper outer quadrant.`,
      'Highly suspicious of malignancy; biopsy advised 懷疑惡性，建議活檢.',
    );
    fileReport(
      visit,
      'pathology',
      pathologist,
      `Core biopsy, ${side} breast: invasive carcinoma of no special type, grade 2.`,
      'Invasive carcinoma, oestrogen receptor positive 浸潤性乳癌，雌激素受體陽性.',
    );
    consultationNote(
      visit,
      life,
      `Carcinoma of the ${side} breast 乳癌, ${size} mm.`,
      'Breast-conserving surgery with sentinel node biopsy.',
    );
    return visit;
  },
  operate(life, day, dice, condition) {
    const visit = life.visit(
      {
        scope: 'breast-cancer',
        kind: 'inpatient',
        day,
        nights: dice.whole(1, 3),
        place: life.hospital,
        discipline: 'surgery',
        reason: PROBLEMS.breastCancer,
      },
      dice,
    );
    visit.concerns(referenceTo(condition));
    perform(visit, 'lumpectomy', 120, referenceTo(condition));
    visit.discharged('home');
    dischargeSummary(visit, life, {
      diagnosis: PROBLEMS.breastCancer,
      story: 'Breast-conserving surgery with sentinel node biopsy; drain out on the first day.',
      storyZh: '接受乳房保留手術及前哨淋巴結活檢，術後第一天拔除引流管。',
      plan: 'Clinic in two weeks for the pathology; radiotherapy and hormone treatment to follow.',
      planZh: '兩星期後覆診看病理報告，其後接受放射治療及荷爾蒙治療。',
    });
  },
};

/** Carcinoma of the female breast. */
export const breastCancer: Career = {
  name: cancer.career,
  begin: (life) => (life.person.sex === 'female' ? cancerCourse(life, cancer) : undefined),
};
