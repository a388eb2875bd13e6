import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useChart } from './chart.tsx';
import styles from './entry-link.module.css';

/** Around a record in a list of the chart: opens it. */
export function EntryLink({ type, id, children }: { type: string; id: string; children: ReactNode }) {
  const { patientId } = useChart();
  return (
    <Link className={styles.link} params={{ patient: patientId, type, id }} to="/clinic/patients/$patient/$type/$id">
      {children}
    </Link>
  );
}
