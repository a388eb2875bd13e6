import type { Resource } from '@meridian/fhir';
import { MEDICINES, type Medicine, type MedicineKey, ROUTES } from '../catalogue/medicines.ts';
import { quantity, type Reference } from '../concept.ts';
import { isoDate } from '../day.ts';
import { organizationOf } from '../institutions/organizations.ts';
import { referenceTo } from './chart.ts';
import type { Visit } from './visit.ts';

/** Prescribes a medicine in a visit for a number of days. `standing` orders stay active until renewed or stopped. */
export function prescribe(
  visit: Visit,
  key: MedicineKey,
  days: number,
  reason?: Reference,
  standing = false,
): Resource {
  const medicine: Medicine = MEDICINES[key];
  return visit.add('MedicationRequest', {
    status: standing ? 'active' : 'completed',
    intent: 'order',
    medicationCodeableConcept: medicationConcept(medicine),
    ...visit.context,
    authoredOn: visit.time(15),
    requester: visit.clinician,
    ...(reason === undefined ? {} : { reasonReference: [reason] }),
    dosageInstruction: [dosage(medicine)],
    dispenseRequest: {
      validityPeriod: { start: isoDate(visit.day), end: isoDate(visit.day + days) },
      numberOfRepeatsAllowed: 0,
      expectedSupplyDuration: quantity(days, 'd'),
      performer: organizationOf(visit.seed, 'pharmacy'),
    },
  });
}

/** The standing medicines of a patient: what is taken, since when, by which order. */
export class Regimen {
  private readonly standing = new Map<MedicineKey, { order: Resource; since: string; visit: Visit }>();

  /** Whether the medicine is being taken. */
  has(key: MedicineKey): boolean {
    return this.standing.has(key);
  }

  /** The English names of what is being taken. */
  list(): string[] {
    return [...this.standing.keys()].map((key) => MEDICINES[key].en);
  }

  /** Starts a medicine or renews its yearly order, once a visit, and gives it; the order before becomes completed. */
  renew(visit: Visit, key: MedicineKey, reason?: Reference): Resource {
    const before = this.standing.get(key);
    if (before?.visit === visit) return before.order;
    if (before !== undefined) before.order.status = 'completed';
    const order = prescribe(visit, key, 365, reason, true);
    this.standing.set(key, { order, since: before?.since ?? isoDate(visit.day), visit });
    return order;
  }

  /** Stops a medicine, if it is taken. */
  stop(key: MedicineKey): void {
    const entry = this.standing.get(key);
    if (entry !== undefined) entry.order.status = 'stopped';
    this.standing.delete(key);
  }

  /** What the patient says to take, written once at the last visit: one MedicationStatement for each medicine. */
  reconcile(visit: Visit): void {
    for (const [key, { order, since }] of this.standing) {
      visit.add('MedicationStatement', {
        basedOn: [referenceTo(order)],
        status: 'active',
        medicationCodeableConcept: medicationConcept(MEDICINES[key]),
        subject: visit.chart.subject,
        context: visit.encounter,
        effectivePeriod: { start: since },
        dateAsserted: visit.time(12),
        informationSource: visit.chart.subject,
        dosage: [dosage(MEDICINES[key])],
      });
    }
  }
}

function medicationConcept(medicine: Medicine) {
  return { coding: [...medicine.codes], text: `${medicine.en} ${medicine.strength} ${medicine.zh}` };
}

function dosage(medicine: Medicine) {
  const { timesDaily, dose, route } = medicine;
  const asNeeded = timesDaily === 0;
  const amount = `${dose.value} ${dose.unit === '[iU]' ? 'units' : dose.unit}`;
  return {
    text: asNeeded ? `${amount} when needed 需要時使用` : `${amount}, ${timesDaily} times daily 每日${timesDaily}次`,
    ...(asNeeded ? {} : { timing: { repeat: { frequency: timesDaily, period: 1, periodUnit: 'd' } } }),
    asNeededBoolean: asNeeded,
    route: { coding: [ROUTES[route]] },
    doseAndRate: [{ doseQuantity: quantity(dose.value, dose.unit === '[iU]' ? 'unit' : dose.unit, dose.unit) }],
  };
}
