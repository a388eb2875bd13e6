import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { type Context, Provider } from 'oidc-provider';

export interface TestIdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** As whom whoever comes is signed in from now on. */
  subject: string;
  close(): Promise<void>;
}

/** An OpenID Connect provider elsewhere: it signs in whoever comes as `subject`, without asking. */
export async function testIdentityProvider(redirectUri: string): Promise<TestIdentityProvider> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const state = { subject: 'employee-1' };
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] },
    clients: [{ client_id: 'meridian', client_secret: 'a secret of the two', redirect_uris: [redirectUri] }],
    cookies: { keys: ['for tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: async (_context: Context, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: () => '/log-in' },
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.account?.accountId ?? '', clientId: 'meridian' });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  http.on('request', async (message, response) => {
    if (message.url !== '/log-in') return answer(message, response);
    const login = { accountId: state.subject, amr: ['pwd'] };
    response.writeHead(303, { location: await provider.interactionResult(message, response, { login }) }).end();
  });
  return Object.assign(state, {
    issuer,
    clientId: 'meridian',
    clientSecret: 'a secret of the two',
    close: async () => {
      http.closeAllConnections();
      http.close();
    },
  });
}
