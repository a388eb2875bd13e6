import type { Patient } from 'fhir/r4';
import { createContext, use } from 'react';
import type { LoadedRecord } from '../../records/use-record.ts';
import type { Account } from '../../session/account.ts';

/** The chart that is open: whose it is, and what of it is open to the reader. */
export interface Chart {
  patientId: string;
  person: Patient;
  record: LoadedRecord;
  account: Account;
}

const Context = createContext<Chart | undefined>(undefined);

export const ChartProvider = Context.Provider;

/** The open chart; only below its frame. */
export function useChart(): Chart {
  const chart = use(Context);
  if (!chart) throw new Error('There is no chart above this component.');
  return chart;
}
