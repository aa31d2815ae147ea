import { expect, test } from 'vitest';
import { readPageAddress } from '../address/page-address.ts';
import { createJourneyClient } from './journey-client.ts';

const recorded = (
  href: string,
  answer: () => Promise<Response> = async () => Response.json({ authId: 'a', callbacks: [] }),
  capabilities: readonly string[] = [],
) => {
  const calls: { url: string; init: RequestInit }[] = [];
  const address = readPageAddress(href);
  let locale = address.start.get('locale') ?? undefined;
  const client = createJourneyClient({
    address,
    locale: () => locale,
    capabilities: () => capabilities,
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
    capabilities: () => [],
    fetch: async (url, init) => {
      calls.push([String(url), init]);
      return new Response(body === undefined ? 'x' : JSON.stringify(body), { status, headers: { 'retry-after': '7' } });
    },
  });
  expect(await client.resend('a1')).toEqual(answer);
  expect(calls[0]?.[0]).toMatch(/\/authenticate\/renotify$/);
  expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"authId":"a1"}', headers: { 'X-Assent-Page': '1' } });
});

test('calls say what the browser can do, and that a page of ours calls', async () => {
  const { client, calls } = recorded('https://x.example/am/login', undefined, ['conditionalCreate']);
  await client.start();
  const plain = recorded('https://x.example/am/login');
  await plain.client.start();
  const headers = [...calls, ...plain.calls].map(({ init }) => new Headers(init.headers).get('x-assent-page'));
  expect(headers).toEqual(['1, conditionalCreate', '1']);
});
