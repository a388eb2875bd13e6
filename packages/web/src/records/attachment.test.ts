import { expect, test } from 'vitest';
import { Http } from '../api/http.ts';
import { attachmentContent, displayOf } from './attachment.ts';

const signal = new AbortController().signal;
const asked: string[] = [];
const http = new Http({ token: async () => 'token', refused: async () => false }, async (input) => {
  asked.push(String(input));
  return new Response('content');
});

test('what could run is never shown', () => {
  for (const type of [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/xml',
    'application/javascript',
    '',
    'text/html; text/plain',
  ]) {
    expect([type, displayOf(type)]).toEqual([type, 'none']);
  }
  expect(['text/plain; charset=utf-8', 'image/png', 'application/pdf'].map(displayOf)).toEqual([
    'text',
    'picture',
    'pdf',
  ]);
});

test('inline content is decoded, and gets a type that cannot run', async () => {
  const text = await attachmentContent(http, { contentType: 'text/plain', data: btoa('hello') }, signal);
  expect([text?.type, await text?.text()]).toEqual(['text/plain', 'hello']);
  const page = await attachmentContent(http, { contentType: 'text/html', data: btoa('<script>') }, signal);
  expect(page?.type).toBe('application/octet-stream');
});

test('only Binaries of the own server are fetched', async () => {
  for (const url of [
    'https://elsewhere.example/x.png',
    'https://elsewhere.example/fhir/Binary/1/../../x',
    'javascript:alert(1)',
    'Binary/../x',
    'Patient/1',
  ]) {
    expect([url, await attachmentContent(http, { url }, signal)]).toEqual([url, null]);
  }
  expect(asked).toEqual([]);
  await attachmentContent(http, { url: 'Binary/b1' }, signal);
  await attachmentContent(http, { url: 'https://records.example/fhir/Binary/b2/_history/1' }, signal);
  expect(asked).toEqual(['/fhir/Binary/b1', '/fhir/Binary/b2/_history/1']);
});
