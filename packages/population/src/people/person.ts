import type { Day } from '../day.ts';
import type { HomeAddress } from './address.ts';
import type { Origin, PersonName, Sex } from './name.ts';

/** What a person is in a household. */
export type Part = 'child' | 'mother' | 'father' | 'grandmother' | 'grandfather' | 'single';

/** One who lives in the region: all that is settled before any illness. */
export interface Person {
  /** Position in the population, from 0. */
  index: number;
  id: string;
  part: Part;
  sex: Sex;
  birth: Day;
  origin: Origin;
  name: PersonName;
  hkid: string;
  telephone: string;
  address: HomeAddress;
  married: boolean;
}

/** People of one address, the youngest first, so that references between their records point backwards only. */
export interface Household {
  members: readonly Person[];
}
