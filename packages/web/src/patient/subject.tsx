import { getRouteApi } from '@tanstack/react-router';
import { createContext, type ReactNode, use, useMemo, useState } from 'react';

/** Whose record is open: the own one, or that of somebody for whom one acts. */
interface Subject {
  patientId: string;
  /** All whose record the account may open, the own one first. */
  choices: readonly string[];
  choose(patientId: string): void;
}

const Context = createContext<Subject | undefined>(undefined);
const KEPT = 'meridian.subject';
const route = getRouteApi('/me');

/** Holds whose record is open for the pages below; kept until the tab closes. */
export function SubjectProvider({ children }: { children: ReactNode }) {
  const { account } = route.useRouteContext();
  const [chosen, setChosen] = useState(() => sessionStorage.getItem(KEPT));
  const subject = useMemo(() => {
    const own = account.patientId === undefined ? [] : [account.patientId];
    const choices = [...new Set([...own, ...account.proxyFor.map(({ patientId }) => patientId)])];
    return {
      patientId: choices.find((id) => id === chosen) ?? choices[0] ?? '',
      choices,
      choose: (patientId: string) => {
        sessionStorage.setItem(KEPT, patientId);
        setChosen(patientId);
      },
    };
  }, [account, chosen]);
  return <Context value={subject}>{children}</Context>;
}

export function useSubject(): Subject {
  const subject = use(Context);
  if (!subject) throw new Error('There is no SubjectProvider above this component.');
  return subject;
}
