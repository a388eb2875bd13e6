import { redirect } from '@tanstack/react-router';
import type { Feature } from '../i18n/languages.ts';
import { type Account, AREA_PATHS, type Area, areasOf, fetchAccount } from '../session/account.ts';
import type { Services } from './services.tsx';

/** How the account is known to TanStack Query. */
export function accountQuery({ http }: Pick<Services, 'http'>) {
  return {
    queryKey: ['account'],
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<Account> => fetchAccount(http, signal),
    staleTime: 60_000,
  };
}

/**
 * What every area asks before it shows a page: that somebody is signed in, and that the account has this area. Who is
 * not signed in goes through the sign-in and comes back.
 */
export async function enterArea(
  services: Services,
  area: Area,
  features: readonly Feature[],
  path: string,
): Promise<{ account: Account }> {
  const { account } = await enterSignedIn(services, features, path);
  const areas = areasOf(account);
  if (areas.includes(area)) return { account };
  throw redirect({ to: areas[0] === undefined ? '/' : AREA_PATHS[areas[0]] });
}

/** That somebody is signed in, whoever it is. */
export async function enterSignedIn(
  services: Services,
  features: readonly Feature[],
  path: string,
): Promise<{ account: Account }> {
  if (!services.session.signedIn) {
    await services.session.signIn(path);
    // the browser is leaving: nothing is to be drawn meanwhile
    await new Promise(() => undefined);
  }
  const [account] = await Promise.all([
    services.queries.ensureQueryData(accountQuery(services)),
    services.languages.load(...features),
  ]);
  return { account };
}
