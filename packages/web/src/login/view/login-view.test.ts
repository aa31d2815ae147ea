import { readFileSync } from 'node:fs';
import type { LoginVisit, PageCall } from '@assent/wire';
import { describe, expect, test } from 'vitest';
import { readPageData } from '../page-data.ts';
import { createLoginView } from './login-view.tsx';

const template = readFileSync(new URL('../../../login.html', import.meta.url), 'utf8');
const view = createLoginView(template);

interface Given {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
const field = (type: string, prompt: string) => ({
  type,
  output: [{ name: 'prompt', value: prompt }],
  input: [{ name: 'IDToken1', value: '' }],
});
const credentials = {
  authId: 'a1',
  callbacks: [field('NameCallback', 'User <b>Name</b>'), field('PasswordCallback', 'Password')],
};

/** Draws the page for a server that answers so, or not at all. */
const draw = async (
  answers: readonly (Given | undefined)[],
  { query = '', ...more }: Partial<LoginVisit> & { readonly query?: string } = {},
) => {
  const calls: PageCall[] = [];
  const { status, html } = await view.draw({
    href: `https://id.example.com/am/login${query}`,
    cookies: '',
    languages: ['en'],
    hasPhone: true,
    nonce: 'bm9uY2U=',
    lookOf: () => ({}),
    call: async (call) => {
      calls.push(call);
      const given = answers[calls.length - 1];
      return given && { status: given.status ?? 200, headers: given.headers ?? {}, body: JSON.stringify(given.body) };
    },
    ...more,
  });
  const data = /<script type="application\/json" id="page-data">([^<]*)<\/script>/.exec(html)?.[1] ?? '';
  return { status, html, calls, data: readPageData(data) };
};
const headingOf = (html: string): string | undefined => /<h1[^>]*>(.*?)<\/h1>/.exec(html)?.[1];

test('draws the first step, and hands it to the script, which need not ask again', async () => {
  const { status, html, data, calls } = await draw([{ body: credentials }]);
  expect(status).toBe(200);
  expect(calls).toEqual([{ url: 'https://id.example.com/am/json/realms/root/authenticate', body: '{}' }]);
  expect(headingOf(html)).toBe('Sign in');
  expect(html).toContain('<title>Sign in – Assent</title>');
  expect(html).toMatch(/<label for="([^"]+)" dir="auto">User &lt;b>Name&lt;\/b><\/label><input id="\1"/);
  expect(html).toContain('method="post"');
  expect(html).not.toMatch(/ style=| on\w+=/);
  expect(data.drawn?.state).toMatchObject({ kind: 'step', first: true, step: { authId: 'a1' } });
  expect(data.realm).toEqual({ name: 'Assent', phone: 'https://id.example.com/am/phone/' });
});

test('asks for what the address asks for, in the realm that it names', async () => {
  const { calls } = await draw([{ body: credentials }], {
    query: '?realm=/alpha/b&service=PushLogin&goto=https%3A%2F%2Fx.example%2F&ForceAuth=true&locale=de&evil=1',
  });
  const url = new URL(calls[0]?.url ?? '');
  expect(url.pathname).toBe('/am/json/realms/root/realms/alpha/realms/b/authenticate');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    authIndexType: 'service',
    authIndexValue: 'PushLogin',
    goto: 'https://x.example/',
    ForceAuth: 'true',
    locale: 'de',
  });
});

describe('the language', () => {
  const inLanguage = async (more: Parameters<typeof draw>[1]) => {
    const { html, data, calls } = await draw([{ body: credentials }], more);
    const locale = new URL(calls[0]?.url ?? '').searchParams.get('locale');
    return { html: /<html lang="(\w+)"/.exec(html)?.[1], data: data.language, button: data.texts.continue, locale };
  };
  const cookies = 'a=b; assent-locale=fr';
  const languages = ['es-MX', 'de'];
  const lookOf = () => ({ locale: 'ja' });

  test.each([
    ['of the address', { query: '?locale=ar', cookies, languages, lookOf }, 'ar', 'ar'],
    ['that was chosen before', { cookies, languages, lookOf }, 'fr', 'fr'],
    ['of the browser, which tells the server itself', { languages, lookOf }, 'es', null],
    ['of the realm', { languages: ['eo'], lookOf }, 'ja', null],
    ['that is ours', { languages: ['eo'], lookOf: () => ({ locale: 'eo' }) }, 'en', null],
    ['that is ours, while the server is told of a wish that it may know', { query: '?locale=eo' }, 'en', 'eo'],
  ])('is the one %s', async (_which, more, language, locale) => {
    expect(await inLanguage(more)).toMatchObject({ html: language, data: language, locale });
  });

  test('of one visit is not that of another, however they come', async () => {
    const drawn = await Promise.all(['de', 'ja', 'en'].map((it) => inLanguage({ languages: [it] })));
    expect(drawn.map(({ button }) => button)).toEqual(['Weiter', '続ける', 'Continue']);
  });
});

describe('how the realm looks', () => {
  test('is there at the first paint: name, colour and logo with its room', async () => {
    const logo = { src: 'login/logo?realm=%2F&v=1', width: 400, height: 100 };
    const { html, data } = await draw([{ body: credentials }], {
      lookOf: () => ({ name: 'A & <i>B</i>', colour: '#4b2e83', logo }),
    });
    expect(html).toContain('<title>Sign in – A &amp; &lt;i>B&lt;/i></title>');
    expect(html).toContain('<style nonce="bm9uY2U=">:root { --a-accent: #4b2e83;');
    expect(html).toContain('src="login/logo?realm=%2F&amp;v=1" width="128" height="32"');
    expect(data.realm.name).toBe('A & <i>B</i>');
  });

  test('is asked for the realm of the address', async () => {
    const asked: string[] = [];
    const lookOf = (realm: string) => {
      asked.push(realm);
      return {};
    };
    await draw([{ body: credentials }], { query: '?realm=alpha/', lookOf });
    expect(asked).toEqual(['/alpha']);
  });
});

describe('draws no step, and leaves the asking to the script,', () => {
  test('where a start would change something', async () => {
    const { status, html, data } = await draw([undefined]);
    expect(status).toBe(200);
    expect(html).not.toContain('<form');
    expect(data.drawn).toBeUndefined();
  });

  test('where a tab of this browser goes on with a journey', async () => {
    const { calls, data } = await draw([], { cookies: 'assent-under-way=1' });
    expect(calls).toEqual([]);
    expect(data.drawn).toBeUndefined();
  });
});

test.each([
  ['no journey', { status: 400, body: { message: 'No Configuration found' } }, 404, 'This sign-in page does not exist'],
  ['no such realm', { status: 400, body: { message: 'Invalid realm, /x' } }, 404, 'This sign-in page does not exist'],
  ['a fault', { status: 500, body: {} }, 500, 'Something went wrong on our side'],
])('%s is said in the HTML, by its status too', async (_what, answer, status, heading) => {
  const drawn = await draw([{ ...answer, headers: { 'x-transaction-id': 'tx-7' } }]);
  expect(drawn.status).toBe(status);
  expect(headingOf(drawn.html)).toBe(heading);
  expect(drawn.html).toContain(`<title>Error: ${heading} – Assent</title>`);
  expect(drawn.html.includes('tx-7')).toBe(status === 500);
});

test('a server that is too busy says when it will try again', async () => {
  const { status, html, data } = await draw([{ status: 503, body: {}, headers: { 'retry-after': '8' } }]);
  expect(status).toBe(503);
  expect(html).toContain('Very busy. Trying again in 8 s.');
  expect(data.drawn?.connection).toEqual({ kind: 'busy', for: 8_000 });
});

test('who is signed in is greeted by name', async () => {
  const { html, data } = await draw([{ body: { tokenId: '', successUrl: '/am/console' } }, { body: { id: 'An<n>' } }]);
  expect(headingOf(html)).toBe('Signed in as <bdi>An&lt;n></bdi>');
  expect(html).toContain('<title>Signed in as An&lt;n> – Assent</title>');
  expect(html).toContain('href="https://id.example.com/am/console"');
  expect(data.drawn?.state).toMatchObject({ kind: 'signed-in', name: 'An<n>' });
});
