import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { followEvents } from '../api/events.ts';
import { useServices } from './services.tsx';

/** What a notice may change on the screen; queries are named by the first part of their key. */
const TOUCHED = new Set(['notices', 'requests', 'grants', 'looks', 'reviews', 'links']);

/**
 * Listens to the notices of the account while the component is on the screen, and loads again what they are about. A
 * break is bridged by loading again when the line is back; pages stay usable without a line.
 */
export function useNotices(): void {
  const { http } = useServices();
  const queries = useQueryClient();
  useEffect(() => {
    const ended = new AbortController();
    const refresh = (): void => {
      void queries.invalidateQueries({ predicate: ({ queryKey }) => TOUCHED.has(String(queryKey[0])) });
    };
    const following = { signal: ended.signal, random: Math.random };
    // what the server refuses for good (too many windows) leaves a page that loads when it is looked at
    followEvents(http, '/viewing/stream', refresh, following).catch(() => undefined);
    return () => ended.abort();
  }, [http, queries]);
}
