import { type Resource, stringifyJson } from '@meridian/fhir';
import type { DemoAccount, RunningServer } from '@meridian/server';
import type { Client } from '../connection/client.ts';
import { sendUnit } from '../import/send-unit.ts';
import { typeName } from '../import/unit.ts';
import { readMarker } from './demo-marker.ts';
import { demoPeople } from './demo-people.ts';

/**
 * Makes the demonstration accounts, which act as people of the demonstration population. None where that was not loaded:
 * an installation with real patients gets no account that nobody asked for.
 */
export async function openDemoAccounts(
  server: Pick<RunningServer, 'identity'>,
  client: Client,
  dataFolder: string,
): Promise<readonly DemoAccount[]> {
  const marker = await readMarker(dataFolder);
  if (marker?.state !== 'loaded') return [];
  const { accounts, resources } = demoPeople(marker.population);
  await sendUnit(client, {
    format: 'ndjson',
    body: Buffer.from(resources.map((resource: Resource) => `${stringifyJson(resource)}\n`).join('')),
    types: resources.map(({ resourceType }) => typeName(resourceType)),
  });
  return server.identity.openDemo(accounts);
}
