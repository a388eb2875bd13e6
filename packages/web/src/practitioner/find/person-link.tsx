import { Link } from '@tanstack/react-router';
import type { Patient } from 'fhir/r4';
import { Icon } from '../../design/icon.tsx';
import { PatientLine } from '../patient-line.tsx';
import styles from './find-page.module.css';

/** A patient as a row that opens the chart. */
export function PersonLink({ patient }: { patient: Patient }) {
  return (
    <Link className={styles.person} data-row params={{ patient: patient.id ?? '' }} to="/clinic/patients/$patient">
      <PatientLine patient={patient} />
      <Icon name="forward" size={18} />
    </Link>
  );
}
