import { PROBLEMS } from '../catalogue/problems.ts';
import { referenceTo } from '../chart/chart.ts';
import { fileReport } from '../chart/document.ts';
import { orderLaboratory, reportFaecalBlood } from '../chart/laboratory.ts';
import { recordBuild } from '../chart/observation.ts';
import { perform } from '../chart/procedure.ts';
import { consultationNote, dischargeSummary } from '../writing/notes.ts';
import { type Cancer, cancerCourse } from './cancer.ts';
import type { Career } from './career.ts';

const SITES = ['sigmoid colon', 'ascending colon', 'descending colon'] as const;

/** Shares ever diagnosed by age, near the lifetime risk that the Hong Kong Cancer Registry gives. */
const cancer: Cancer = {
  career: 'colorectal-cancer',
  problem: 'colonCancer',
  prevalence: [
    [40, 0],
    [55, 0.005],
    [65, 0.016],
    [75, 0.035],
    [90, 0.055],
  ],
  chemotherapy: { share: 0.5, cycles: 8, everyDays: 21, medicines: ['capecitabine', 'oxaliplatin'] },
  surveillance: ['cea', 'blood'],
  lethality: 0.35,
  find(life, day, dice) {
    life.body.cea.value = Math.max(3, dice.normal(14, 5));
    life.body.haemoglobin.value -= 1.5;
    const visit = life.visit(
      {
        scope: 'colorectal-cancer',
        kind: 'illness',
        day,
        place: life.hospital,
        discipline: 'surgery',
        reason: PROBLEMS.colonCancer,
      },
      dice,
    );
    recordBuild(visit, life.body);
    reportFaecalBlood(visit, true);
    orderLaboratory(visit, life.body, ['blood', 'liver', 'cea']);
    perform(visit, 'colonoscopy', 40);
    const site = dice.pick(SITES);
    const reporter = life.colleague('laboratory', 'pathology', dice);
    fileReport(
      visit,
      'colonoscopy',
      visit.practitioner,
      `Ulcerated mass of the ${site}, 3 cm. Biopsies taken.`,
      `Tumour of the ${site} 結腸腫瘤.`,
    );
    fileReport(
      visit,
      'pathology',
      reporter,
      `Biopsy of ${site}: irregular glands invading the submucosa.`,
      'Moderately differentiated adenocarcinoma 中度分化腺癌.',
    );
    consultationNote(
      visit,
      life,
      `Carcinoma of the ${site} 結腸癌.`,
      'Staging CT and resection; case discussed with the family.',
    );
    return visit;
  },
  operate(life, day, dice, condition) {
    const visit = life.visit(
      {
        scope: 'colorectal-cancer',
        kind: 'inpatient',
        day,
        nights: dice.whole(5, 9),
        place: life.hospital,
        discipline: 'surgery',
        reason: PROBLEMS.colonCancer,
      },
      dice,
    );
    visit.concerns(referenceTo(condition));
    perform(visit, 'colectomy', 180, referenceTo(condition));
    life.body.cea.value = life.body.cea.target;
    visit.discharged('home');
    dischargeSummary(visit, life, {
      diagnosis: PROBLEMS.colonCancer,
      story: 'Elective partial colectomy with primary anastomosis; bowels open on day four, no fever.',
      storyZh: '接受部分結腸切除手術，術後第四天排便，無發燒。',
      plan: 'Wound check in one week; oncology clinic in four weeks.',
      planZh: '一星期後檢查傷口，四星期後到腫瘤科覆診。',
    });
  },
};

/** Carcinoma of the colon. */
export const colorectalCancer: Career = {
  name: cancer.career,
  begin: (life) => cancerCourse(life, cancer),
};
