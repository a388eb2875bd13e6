import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useServices } from '../../app/services.tsx';
import { continues, fromBase64, readHead, type SeenHead, toBase64 } from './ledger-check.ts';

/** One look at the log. */
export interface Look {
  /** Epoch milliseconds. */
  at: number;
  size: number;
}

/** What this browser has found out by itself. */
export interface Watch {
  head: SeenHead;
  /** The log that this browser remembers from its first visit, and whether the head continues it. */
  since: { size: number; at: number };
  unbroken: boolean;
  looks: readonly Look[];
}

const EVERY_MS = 3000;
const MOST_LOOKS = 60;
const KEPT = 'meridian.ledger';

/**
 * Looks at the log again and again, and checks here that each checkpoint is signed and continues the first that this
 * browser ever saw. The head is remembered from visit to visit: a log that was exchanged meanwhile is found out.
 */
export function useLedgerWatch() {
  const { http, now } = useServices();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['ledger'],
    queryFn: async ({ signal }): Promise<Watch> => {
      const [note, policy] = await Promise.all([
        http.text('/ledger/checkpoint', { signal }),
        http.text('/ledger/policy', { signal }),
      ]);
      const head = readHead(note, policy);
      const first = remembered(head.origin) ?? remember(head, now());
      const path = `/ledger/consistency?from=${first.size}&to=${head.size}`;
      // a log that has become shorter has no such proof
      const { proof } = head.size < first.size ? { proof: [] } : await http.json<{ proof: string[] }>(path, { signal });
      const before = queries.getQueryData<Watch>(['ledger'])?.looks ?? [];
      return {
        head,
        since: { size: first.size, at: first.at },
        unbroken: continues({ size: first.size, root: fromBase64(first.root) }, head, proof),
        looks: [...before, { at: now(), size: head.size }].slice(-MOST_LOOKS),
      };
    },
    refetchInterval: EVERY_MS,
    staleTime: 0,
  });
}

interface Remembered {
  origin: string;
  size: number;
  root: string;
  at: number;
}

/** Of another origin it is another log, and says nothing about this one. */
function remembered(origin: string): Remembered | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '') as Partial<Remembered>;
    const { size, root, at } = kept;
    const good =
      kept.origin === origin && Number.isSafeInteger(size) && typeof root === 'string' && typeof at === 'number';
    return good ? (kept as Remembered) : undefined;
  } catch {
    return undefined;
  }
}

function remember({ origin, size, root }: SeenHead, at: number): Remembered {
  const kept = { origin, size, root: toBase64(root), at };
  localStorage.setItem(KEPT, JSON.stringify(kept));
  return kept;
}
