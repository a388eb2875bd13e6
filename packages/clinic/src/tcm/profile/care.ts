import { ICD11_SYSTEM } from '../icd11.ts';
import { boundTo, extensionSlice, invariant, profileOn } from './definition.ts';
import { codeSystemUrl, EXTENSION, PROFILE } from './url.ts';

function condition() {
  const text = {
    id: 'tcm-condition',
    title: 'Disease and pattern 病證',
    description:
      'A Condition that carries a Chinese-medicine disorder or pattern (ICD-11 chapter 26 module I), and beside it, where there is one, the Western diagnosis of the same problem.',
  };
  return profileOn('Condition', text, {
    '': {
      constraint: [
        invariant(
          'tcm-condition-1',
          'At least one coding is of ICD-11 chapter 26 module I (SA00 to SJ1Z).',
          `code.coding.where(system = '${ICD11_SYSTEM}' and code.matches('^S[A-J][0-9A-Z]{2}')).exists()`,
        ),
      ],
    },
    code: { min: 1 },
    'code.coding': { min: 1 },
    'code.coding.system': { min: 1 },
    'code.coding.code': { min: 1 },
  });
}

function treatmentPlan() {
  const text = {
    id: 'tcm-treatment-plan',
    title: 'Treatment plan 治法',
    description:
      'A CarePlan that names the principle of treatment for a pattern and points to what was ordered for it. One activity holds the principle, each other one an order.',
  };
  return profileOn('CarePlan', text, {
    '': {
      constraint: [
        invariant(
          'tcm-plan-1',
          'Exactly one activity names the principle of treatment.',
          'activity.where(detail.exists()).count() = 1',
        ),
      ],
    },
    addresses: { min: 1 },
    activity: { min: 1 },
    'activity.detail.code': { min: 1, ...boundTo('tcm-principle', 'extensible') },
  });
}

function formula() {
  const text = {
    id: 'tcm-formula',
    title: 'Formula 方劑',
    description: 'The herbs of one pack with role, dose and handling, and the form in which they are dispensed.',
  };
  return profileOn('Medication', text, {
    '': {
      constraint: [
        invariant('tcm-formula-1', 'No herb is listed twice.', 'ingredient.item.coding.code.isDistinct()'),
        invariant(
          'tcm-formula-2',
          'Doses are grams or pieces for one pack, above 0.',
          "ingredient.strength.all((numerator.code = 'g' or numerator.code = '{piece}') and numerator.value > 0 and denominator.value = 1)",
        ),
        invariant(
          'tcm-formula-3',
          'Only granules say how much raw herb they stand for.',
          `form.coding.where(code = 'granules').exists() or ingredient.extension.where(url = '${EXTENSION.granuleEquivalence}').empty()`,
        ),
      ],
    },
    code: { min: 1 },
    form: { min: 1, ...boundTo('tcm-form') },
    ingredient: { min: 1, max: '60' },
    'ingredient.extension:role': extensionSlice('role', EXTENSION.herbRole, { max: '1' }),
    'ingredient.extension:handling': extensionSlice('handling', EXTENSION.handling, { max: '2' }),
    'ingredient.extension:equivalence': extensionSlice('equivalence', EXTENSION.granuleEquivalence, { max: '1' }),
    'ingredient.item[x]': {
      type: [{ code: 'CodeableConcept' }],
      ...boundTo('chinese-herb', 'extensible'),
    },
    'ingredient.strength': { min: 1 },
    'ingredient.strength.numerator': { min: 1 },
    'ingredient.strength.denominator': { min: 1 },
  });
}

function prescription() {
  const text = {
    id: 'tcm-formula-prescription',
    title: 'Prescription of a formula 處方',
    description: 'A MedicationRequest whose contained Medication is a formula; the dispense request counts its packs.',
  };
  return profileOn('MedicationRequest', text, {
    '': {
      constraint: [
        invariant(
          'tcm-prescription-1',
          'The formula is contained in the request.',
          "medication.reference.startsWith('#') and contained.ofType(Medication).exists()",
        ),
        invariant(
          'tcm-prescription-2',
          'The packs are a whole number of {pack}, at least 1 and at most 180.',
          "dispenseRequest.quantity.all(code = '{pack}' and value >= 1 and value <= 180 and value mod 1 = 0)",
        ),
      ],
    },
    contained: { min: 1, max: '1', type: [{ code: 'Medication', profile: [PROFILE.formula] }] },
    'medication[x]': { type: [{ code: 'Reference', targetProfile: [PROFILE.formula] }] },
    dosageInstruction: { min: 1, max: '1' },
    'dosageInstruction.extension:decoction': extensionSlice('decoction', EXTENSION.decoction, { max: '1' }),
    dispenseRequest: { min: 1 },
    'dispenseRequest.quantity': { min: 1 },
  });
}

function procedure() {
  const text = {
    id: 'tcm-procedure',
    title: 'Treatment by hand 針灸推拿',
    description: 'Acupuncture, moxibustion, cupping or tuina, with the points that were treated.',
  };
  const needled = `code.coding.where(system = '${codeSystemUrl('tcm-procedure')}' and (code = 'acupuncture' or code = 'electroacupuncture')).exists()`;
  return profileOn('Procedure', text, {
    '': {
      constraint: [
        invariant(
          'tcm-procedure-1',
          'Acupuncture names the points that were needled.',
          `${needled}.not() or extension.where(url = '${EXTENSION.treatedPoint}').exists()`,
        ),
        invariant(
          'tcm-procedure-2',
          'Moxibustion, cupping and tuina name a point or a part of the body.',
          `${needled} or extension.where(url = '${EXTENSION.treatedPoint}').exists() or bodySite.exists()`,
        ),
      ],
    },
    'extension:point': extensionSlice('point', EXTENSION.treatedPoint, { max: '60' }),
    code: { min: 1, ...boundTo('tcm-procedure') },
    'performed[x]': { min: 1 },
  });
}

/** The profiles of what is diagnosed, planned, prescribed and done. */
export function tcmCareProfiles() {
  return [condition(), treatmentPlan(), formula(), prescription(), procedure()];
}
