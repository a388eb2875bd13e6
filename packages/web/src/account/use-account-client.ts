import { useMemo } from 'react';
import { useServices } from '../app/services.tsx';
import { AccountClient } from './account-api.ts';

export function useAccountClient(): AccountClient {
  const { http } = useServices();
  return useMemo(() => new AccountClient(http), [http]);
}
