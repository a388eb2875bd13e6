import type { UnusualFlag } from '../unusual/unusual.ts';

/** What makes a view worth telling: a broken glass, or what the rules of ../unusual found. */
export type Flag = 'break-glass' | UnusualFlag;

export type NoticeKind =
  | 'approval-asked'
  | 'approval-decided'
  | 'record-viewed'
  | 'glass-broken'
  | 'review-closed'
  | 'consent-changed'
  | 'result-released'
  | 'critical-result'
  | 'link-used'
  | 'digest';

/** Something that a person should know. It holds no record text: the app fetches what may be seen. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  /** The account that should know. */
  account: string;
  /** Whose record it is about. */
  patientId: string | undefined;
  /** Epoch milliseconds. */
  at: number;
  /** What to open: `ViewingRequest/…`, `Observation/…`. */
  about: string;
  /** Who caused it, by name, role and organisation, as the record shows them. */
  by?: { actor: string; name: string; role: string; organization?: string };
  flags: readonly Flag[];
  read: boolean;
}
