import { expect, test } from 'vitest';
import { ApiError, type Credentials, Http, outcomeOf } from './http.ts';

const OUTCOME = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'forbidden', diagnostics: 'Ask the patient.' }],
};

/** A server that answers 401 to every token but the good one. */
function guarded(good: string): { asked: string[]; fetcher: typeof fetch } {
  const asked: string[] = [];
  const fetcher: typeof fetch = async (_input, init) => {
    const token = new Headers(init?.headers).get('authorization') ?? '';
    asked.push(token);
    return token === `Bearer ${good}` ? Response.json({ ok: true }) : Response.json(OUTCOME, { status: 401 });
  };
  return { asked, fetcher };
}

test('a token that is refused is renewed once, and the request sent again', async () => {
  let token = 'old';
  const credentials: Credentials = {
    token: async () => token,
    refused: async () => {
      token = 'new';
      return true;
    },
  };
  const { asked, fetcher } = guarded('new');
  expect(await new Http(credentials, fetcher).json('/fhir/Patient/1')).toEqual({ ok: true });
  expect(asked).toEqual(['Bearer old', 'Bearer new']);
});

test('a renewal that does not help ends in the error, not in a loop', async () => {
  const credentials: Credentials = { token: async () => 'old', refused: async () => true };
  const { asked, fetcher } = guarded('never');
  await expect(new Http(credentials, fetcher).json('/fhir/Patient/1')).rejects.toMatchObject({ status: 401 });
  expect(asked).toHaveLength(2);
});

test('an error carries status, code, the sentence of the server and how long to wait', async () => {
  const fetcher: typeof fetch = async () => Response.json(OUTCOME, { status: 403, headers: { 'retry-after': '7' } });
  const http = new Http({ token: async () => undefined, refused: async () => false }, fetcher);
  const error = await http.json('/fhir/Patient/1').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 403, code: 'forbidden', message: 'Ask the patient.', retryAfter: 7 });
});

test('a line that is down is an error of status 0', async () => {
  const fetcher: typeof fetch = async () => {
    throw new TypeError('fetch failed');
  };
  const http = new Http({ token: async () => undefined, refused: async () => false }, fetcher);
  await expect(http.json('/fhir/Patient/1')).rejects.toMatchObject({ status: 0 });
});

test.each(['https://elsewhere.example/fhir', '//elsewhere.example/fhir', 'fhir/Patient'])(
  'nobody but the own server gets the token: %s',
  async (path) => {
    const { asked, fetcher } = guarded('good');
    const http = new Http({ token: async () => 'good', refused: async () => false }, fetcher);
    await expect(http.json(path)).rejects.toBeInstanceOf(ApiError);
    expect(asked).toEqual([]);
  },
);

test('outcomes of other forms are read as far as they go', () => {
  expect(outcomeOf({ error: 'invalid_grant', error_description: 'Too late.' })).toEqual({
    sentence: 'Too late.',
    code: 'invalid_grant',
  });
  for (const strange of [null, 'text', [], { issue: 'x' }, { issue: [null] }, { issue: [{ details: 3 }] }]) {
    expect(outcomeOf(strange)).toEqual({ sentence: undefined, code: undefined });
  }
});
