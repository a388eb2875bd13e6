import { useMemo } from 'react';
import { ViewingClient } from '../api/viewing.ts';
import { useServices } from './services.tsx';

/** The client of `/viewing` and `/tokens`. */
export function useViewing(): ViewingClient {
  const { http } = useServices();
  return useMemo(() => new ViewingClient(http), [http]);
}
