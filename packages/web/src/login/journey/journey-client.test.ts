import { expect, test } from 'vitest';
import { readPageAddress } from '../address/page-address.ts';
import { createJourneyClient, readAnswer } from './journey-client.ts';

const failure = (status: number, message: string, detail?: object) =>
  [status, { code: status, reason: 'x', message, ...(detail === undefined ? {} : { detail }) }] as const;

// journeys-rest.md §1.8
test.each([
  ['time out', ...failure(401, 'Session has timed out', { errorCode: '110' }), { kind: 'timed-out' }],
  [
    'login failure',
    ...failure(401, 'Login failure', { failureUrl: '' }),
    { kind: 'failure', message: 'Login failure', locked: false },
  ],
  [
    'a failure with a place to go',
    ...failure(401, 'No', { failureUrl: 'https://x.example/' }),
    { kind: 'failure', message: 'No', failureUrl: 'https://x.example/' },
  ],
  ['a lock by text', ...failure(401, 'User Locked Out.'), { kind: 'failure', locked: true }],
  ['a lock by code', ...failure(401, 'Anything', { errorCode: '112' }), { kind: 'failure', locked: true }],
  [
    'a used link',
    ...failure(401, 'org.forgerock.openam.auth.nodes.framework.token.SuspendedAuthSessionException: Token not found.'),
    { kind: 'link-gone' },
  ],
  [
    'a used link to a journey that another one asked for',
    ...failure(401, 'The transaction is not known, or it is over.'),
    { kind: 'link-gone' },
  ],
  ['an unknown tree', ...failure(400, 'No Configuration found'), { kind: 'no-journey' }],
  ['an unknown realm', ...failure(400, 'Invalid realm, /x'), { kind: 'no-journey' }],
  ['another bad request', ...failure(400, 'Required callback not found in JSON response'), { kind: 'fault' }],
  ['a fault', ...failure(500, 'Internal Server Error'), { kind: 'fault' }],
  ['a page of a proxy', 502, undefined, { kind: 'fault' }],
  ['too many', 429, undefined, { kind: 'busy', retryAfter: 5000 }],
  [
    'success',
    200,
    { tokenId: 't', successUrl: '/am/console', realm: '/' },
    { kind: 'success', successUrl: '/am/console' },
  ],
  ['success without a session', 200, { realm: '/' }, { kind: 'success', successUrl: undefined }],
  ['a step', 200, { authId: 'a', callbacks: [] }, { kind: 'step', step: { authId: 'a', callbacks: [] } }],
  ['no JSON', 200, undefined, { kind: 'fault' }],
])('reads %s', (_what, status, body, answer) => {
  expect(readAnswer(status, new Headers(), body)).toMatchObject(answer);
});

test('keeps the reference of a fault, and the time a busy server asks for', () => {
  expect(readAnswer(500, new Headers({ 'x-transaction-id': 'tx-1' }), {})).toEqual({
    kind: 'fault',
    reference: 'tx-1',
  });
  expect(readAnswer(503, new Headers({ 'Retry-After': '8' }), {})).toEqual({ kind: 'busy', retryAfter: 8000 });
  expect(readAnswer(503, new Headers({ 'Retry-After': '99999' }), {})).toEqual({ kind: 'busy', retryAfter: 120_000 });
});

const recorded = (
  href: string,
  answer: () => Promise<Response> = async () => Response.json({ authId: 'a', callbacks: [] }),
) => {
  const calls: { url: string; init: RequestInit }[] = [];
  const address = readPageAddress(href);
  let locale = address.start.get('locale') ?? undefined;
  const client = createJourneyClient({
    address,
    locale: () => locale,
    fetch: async (url, init) => {
      calls.push({ url: String(url), init: init ?? {} });
      return answer();
    },
  });
  const choose = (next: string): void => {
    locale = next;
  };
  return { client, calls, choose };
};

test('a server that cannot be reached is an answer, not a throw', async () => {
  const { client } = recorded('https://x.example/am/login', async () =>
    Promise.reject(new TypeError('Failed to fetch')),
  );
  expect(await client.start()).toEqual({ kind: 'unreachable' });
  expect(await client.signedInAs()).toBeUndefined();
  await expect(client.signOut()).resolves.toBeUndefined();
});

test('the first call takes what the address asks for, to the context path and realm of the page', async () => {
  const { client, calls } = recorded(
    'https://x.example/any/path/login?realm=alpha/b&service=PushLogin&goto=https%3A%2F%2Fy.example%2F&ForceAuth=true&evil=1#x',
  );
  await client.start();
  const url = new URL(calls[0]?.url ?? '');
  expect(url.pathname).toBe('/any/path/json/realms/root/realms/alpha/realms/b/authenticate');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    authIndexType: 'service',
    authIndexValue: 'PushLogin',
    goto: 'https://y.example/',
    ForceAuth: 'true',
  });
  expect(calls[0]?.init).toMatchObject({
    method: 'POST',
    body: '{}',
    credentials: 'same-origin',
    headers: {
      'Content-Type': 'application/json',
      'Accept-API-Version': 'protocol=1.0,resource=2.1',
      'X-Requested-With': 'assent-login',
    },
  });
});

test('later calls carry authId and callbacks, and of the query only the language', async () => {
  const { client, calls } = recorded(
    'https://x.example/am/login?service=PushLogin&locale=de&goto=https%3A%2F%2Fy.example%2F',
  );
  await client.submit('a1', [{ type: 'NameCallback', output: [], input: [{ name: 'IDToken1', value: 'demo' }] }]);
  await client.resume('a2');
  expect(calls.map((it) => it.url)).toEqual(
    Array(2).fill('https://x.example/am/json/realms/root/authenticate?locale=de'),
  );
  expect(JSON.parse(String(calls[0]?.init.body))).toEqual({
    authId: 'a1',
    callbacks: [{ type: 'NameCallback', output: [], input: [{ name: 'IDToken1', value: 'demo' }] }],
  });
  expect(JSON.parse(String(calls[1]?.init.body))).toEqual({ authId: 'a2' });
});

test('a language chosen on the page goes before the one of the address, from the next call on', async () => {
  const { client, calls, choose } = recorded('https://x.example/am/login?locale=de');
  await client.start();
  choose('ar');
  await client.resume('a1');
  await client.start();
  expect(calls.map((it) => new URL(it.url).searchParams.getAll('locale'))).toEqual([['de'], ['ar'], ['ar']]);
});

test.each([
  ['sent', 200, { now: 1_000, resend: { left: 1, at: 16_000 } }, { kind: 'sent', resend: { left: 1, in: 15_000 } }],
  ['sent for the last time', 200, { now: 1_000 }, { kind: 'sent' }],
  ['too soon', 429, {}, { kind: 'too-soon', in: 7_000 }],
  ['no longer to be sent', 409, {}, { kind: 'over' }],
  ['a step that was used', 401, {}, { kind: 'failed' }],
  ['a page of a proxy', 502, undefined, { kind: 'failed' }],
])('a request that is asked for once more: %s', async (_what, status, body, answer) => {
  const calls: (readonly [string, RequestInit | undefined])[] = [];
  const client = createJourneyClient({
    address: readPageAddress('https://id.example/am/login?realm=/alpha'),
    locale: () => undefined,
    fetch: async (url, init) => {
      calls.push([String(url), init]);
      return new Response(body === undefined ? 'x' : JSON.stringify(body), { status, headers: { 'retry-after': '7' } });
    },
  });
  expect(await client.resend('a1')).toEqual(answer);
  expect(calls[0]?.[0]).toMatch(/\/authenticate\/renotify$/);
  expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"authId":"a1"}', headers: { 'X-Assent-Page': '1' } });
});
