import type { Resource } from '@meridian/fhir';
import type { Dice } from '../chance/dice.ts';
import { hl7, REGION, type Reference, snomed } from '../concept.ts';
import { uuidOf } from '../identity.ts';
import { fictiveTelephone } from '../people/telephone.ts';

/** The places of the fictive region. The names belong to no real institution. */
export const PLACES = {
  eastHospital: { en: 'Harbour Light Model Hospital', zh: '海曦示範醫院', kind: 'hospital' },
  westHospital: { en: 'Lantern Hill Model Hospital', zh: '燈嶺示範醫院', kind: 'hospital' },
  northClinic: { en: 'Bamboo Lane Model General Clinic', zh: '竹里示範普通科診所', kind: 'clinic' },
  southClinic: { en: 'Kapok Road Model General Clinic', zh: '木棉道示範普通科診所', kind: 'clinic' },
  privateClinic: { en: 'Dr Fiction and Partners Family Clinic', zh: '虛構家庭醫務所', kind: 'clinic' },
  childHealth: { en: 'Rainbow Model Maternal and Child Health Centre', zh: '彩虹橋示範母嬰健康院', kind: 'clinic' },
  laboratory: { en: 'Clearwater Model Pathology Laboratory', zh: '清源示範病理化驗所', kind: 'laboratory' },
  pharmacy: { en: 'Jade Mortar Model Pharmacy', zh: '玉臼示範藥房', kind: 'pharmacy' },
  tcmClinic: { en: 'Apricot Grove Model Chinese Medicine Clinic', zh: '杏林示範中醫診所', kind: 'clinic' },
} as const;

export type PlaceKey = keyof typeof PLACES;

/** The order in which places are written, which is the order of the table. */
export const PLACE_KEYS = Object.keys(PLACES) as PlaceKey[];

const KINDS = {
  hospital: snomed('22232009', 'Hospital'),
  clinic: snomed('35971002', 'Ambulatory care site'),
  laboratory: snomed('261904005', 'Laboratory'),
  pharmacy: snomed('264372000', 'Pharmacy'),
} as const;

/** A reference to the Organization of a place. */
export function organizationOf(seed: number, key: PlaceKey): Reference {
  return { reference: `Organization/${uuidOf(`${seed}/organization/${key}`)}`, display: bilingual(key) };
}

/** A reference to the Location of a place. */
export function locationOf(seed: number, key: PlaceKey): Reference {
  return { reference: `Location/${uuidOf(`${seed}/location/${key}`)}`, display: bilingual(key) };
}

/** Organization and Location of every place. */
export function institutions(seed: number, dice: Dice): Resource[] {
  return PLACE_KEYS.flatMap((key) => {
    const place = PLACES[key];
    const telecom = [{ system: 'phone', value: fictiveTelephone(dice), use: 'work' }];
    const address = {
      use: 'work',
      text: `1 Model Street, Hong Kong 香港示範街1號`,
      line: ['1 Model Street', '示範街1號'],
      country: 'HK',
    };
    const organization: Resource = {
      resourceType: 'Organization',
      id: uuidOf(`${seed}/organization/${key}`),
      identifier: [{ system: `${REGION}/organization`, value: key }],
      active: true,
      type: [{ coding: [KINDS[place.kind]] }, hl7('organization-type', 'prov', 'Healthcare Provider')],
      name: place.en,
      alias: [place.zh],
      telecom,
      address: [address],
    };
    const location: Resource = {
      resourceType: 'Location',
      id: uuidOf(`${seed}/location/${key}`),
      status: 'active',
      name: place.en,
      alias: [place.zh],
      mode: 'instance',
      type: [{ coding: [KINDS[place.kind]] }],
      address,
      managingOrganization: organizationOf(seed, key),
    };
    return [organization, location];
  });
}

function bilingual(key: PlaceKey): string {
  return `${PLACES[key].en} ${PLACES[key].zh}`;
}
