import type { Dice } from '../chance/dice.ts';
import { ageInYears, type Day, YEAR } from '../day.ts';
import type { Sex } from '../people/name.ts';
import { creatinineFor } from './egfr.ts';
import { medianMeasures } from './growth.ts';

/**
 * One regulated quantity: each quarter it drifts back towards `target` (mean reversion) and wavers. Careers move the
 * target: an illness raises it by its burden, treatment takes from it.
 */
class Regulated {
  value: number;
  target: number;
  private readonly pull: number;
  private readonly noise: number;

  constructor(target: number, pull: number, noise: number) {
    this.value = target;
    this.target = target;
    this.pull = pull;
    this.noise = noise;
  }

  advance(dice: Dice): void {
    this.value += this.pull * (this.target - this.value) + dice.normal(0, this.noise);
  }
}

/**
 * A body over time: the hidden state from which every measurement is read, so that values of one person agree with one
 * another and with their own past. Units as in the analyte table.
 */
export class Body {
  readonly sex: Sex;
  readonly birth: Day;
  readonly hba1c: Regulated;
  readonly systolic: Regulated;
  readonly ldl: Regulated;
  readonly hdl: Regulated;
  readonly triglyceride: Regulated;
  readonly haemoglobin: Regulated;
  readonly alt: Regulated;
  readonly platelets: Regulated;
  readonly leukocytes: Regulated;
  readonly psa: Regulated;
  readonly cea: Regulated;
  /** Albumin to creatinine in urine, mg/g. */
  readonly albuminuria: Regulated;
  /** Body mass index of the adult, kg/m². */
  readonly bmi: Regulated;
  /** Glomerular filtration rate, mL/min/1.73 m². */
  filtration: number;
  /** Yearly loss of filtration; 0.8 is that of healthy ageing. */
  filtrationLoss = 0.8;
  /** The share of the expected peak flow that the lungs reach. */
  readonly airflow: Regulated;
  private readonly stature: number;

  constructor(sex: Sex, birth: Day, start: Day, dice: Dice) {
    const age = Math.max(0, (start - birth) / YEAR);
    const adult = age >= 18;
    this.sex = sex;
    this.birth = birth;
    this.stature = dice.normal(0, 0.035);
    this.hba1c = new Regulated(dice.normal(5.3, 0.2), 0.5, 0.06);
    this.systolic = new Regulated(dice.normal(adult ? 108 + age * 0.28 : 92 + age * 1.1, 6), 0.5, 2.5);
    this.ldl = new Regulated(dice.normal(2.9, 0.6), 0.4, 0.12);
    this.hdl = new Regulated(dice.normal(sex === 'female' ? 1.5 : 1.25, 0.2), 0.4, 0.04);
    this.triglyceride = new Regulated(dice.normal(1.2, 0.3), 0.4, 0.12);
    this.haemoglobin = new Regulated(dice.normal(sex === 'female' ? 13 : 14.8, 0.7), 0.4, 0.2);
    this.alt = new Regulated(dice.normal(22, 5), 0.5, 3);
    this.platelets = new Regulated(dice.normal(245, 35), 0.5, 10);
    this.leukocytes = new Regulated(dice.normal(6.5, 1), 0.5, 0.4);
    this.psa = new Regulated(0.6 + Math.max(0, age - 40) * 0.035, 0.4, 0.1);
    this.cea = new Regulated(dice.normal(1.8, 0.4), 0.4, 0.15);
    this.albuminuria = new Regulated(dice.normal(9, 2), 0.4, 1.2);
    this.bmi = new Regulated(dice.normal(sex === 'female' ? 22.4 : 23.6, 2.2), 0.2, 0.15);
    this.airflow = new Regulated(dice.normal(0.97, 0.05), 0.5, 0.02);
    this.filtration = dice.normal(Math.min(118, 128 - age * 0.75), 8);
  }

  /** A quarter of a year passes. */
  advance(dice: Dice): void {
    for (const quantity of [
      this.hba1c,
      this.systolic,
      this.ldl,
      this.hdl,
      this.triglyceride,
      this.haemoglobin,
      this.alt,
    ]) {
      quantity.advance(dice);
    }
    for (const quantity of [
      this.platelets,
      this.leukocytes,
      this.psa,
      this.cea,
      this.albuminuria,
      this.bmi,
      this.airflow,
    ]) {
      quantity.advance(dice);
    }
    this.systolic.target += 0.07;
    this.filtration = Math.max(6, this.filtration - this.filtrationLoss / 4 + dice.normal(0, 0.5));
  }

  /** Completed years on a day. */
  age(day: Day): number {
    return ageInYears(this.birth, day);
  }

  /** Height in cm. */
  height(day: Day): number {
    return medianMeasures((day - this.birth) / YEAR, this.sex).height * (1 + this.stature);
  }

  /** Weight in kg: by the growth curves as a child, by body mass index once grown. */
  weight(day: Day): number {
    const age = (day - this.birth) / YEAR;
    const grown = (this.bmi.value * this.height(day) ** 2) / 10_000;
    const growing = medianMeasures(age, this.sex).weight * (1 + 2.2 * this.stature);
    const share = Math.min(1, Math.max(0, (age - 15) / 4));
    return growing * (1 - share) + grown * share;
  }

  /** Head circumference in cm, up to three years. */
  head(day: Day): number {
    return medianMeasures((day - this.birth) / YEAR, this.sex).head * (1 + this.stature / 2);
  }

  /** Serum creatinine in µmol/L that this filtration causes. */
  creatinine(day: Day): number {
    return creatinineFor(this.filtration, this.age(day), this.sex);
  }
}
