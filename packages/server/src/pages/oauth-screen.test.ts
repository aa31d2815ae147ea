import type { OAuthPage } from '@assent/oidc';
import type { OAuthScreen } from '@assent/wire';
import { describe, expect, test } from 'vitest';
import { oauthPageSamples } from '../testing/oauth-page-samples.ts';
import { oauthScreen } from './oauth-screen.ts';

type Consent = Extract<OAuthPage, { readonly kind: 'consent' }>;
type ConsentScreen = Extract<OAuthScreen, { readonly kind: 'consent' }>;

const reader = { languages: ['en'], realm: { locale: 'en' } };
const screenOf = (more: Partial<Consent>, languages: readonly string[] = ['en'], locale = 'en') =>
  oauthScreen({ ...oauthPageSamples.consent, ...more }, { languages, realm: { locale } }) as ConsentScreen;
const appOf = (more: Partial<Consent['client']>, ...place: readonly [languages?: readonly string[], locale?: string]) =>
  screenOf({ client: { ...oauthPageSamples.consent.client, ...more } }, ...place).app;

describe('a text of an application', () => {
  const name = { '': 'Planner', en: 'English', de: 'Deutsch', 'pt-BR': 'Brasil' };
  test.each([
    ['in the language of the reader', name, ['de-CH', 'en'], 'Deutsch'],
    ['in one that our pages do not speak', name, ['pt-BR'], 'Brasil'],
    ['for everybody', name, ['ja'], 'Planner'],
    ['in that of the realm where none is for everybody', { de: 'Deutsch', fr: 'Français' }, ['ja'], 'Français'],
    ['in any where nothing else is left', { es: 'Español' }, ['ja'], 'Español'],
    ['by its id where it has no name', {}, ['ja'], 'planner'],
  ])('is shown %s', (_what, texts, languages, shown) => {
    expect(appOf({ name: texts }, languages, 'fr').name).toBe(shown);
  });

  test.each([
    ['blanks', ' \t\n '],
    ['characters that nobody sees', '\u200b\u2060\ufeff'],
    ['controls alone', '\u202e\u2066\u0007'],
  ])('of %s is none', (_what, text) => {
    const app = appOf({ name: { '': text }, description: { '': text } });
    expect(app.name).toBe('planner');
    expect(app).not.toHaveProperty('description');
    expect(screenOf({ scopes: [{ name: 'x', text: { '': text } }] }).scopes).toEqual([{ name: 'x' }]);
  });

  test('is one line in which nothing turns round, and ends before it pushes the buttons away', () => {
    const hostile = `\u202eevil\u2066\n\r\u2028\u0000${'x'.repeat(10_000)}`;
    const screen = screenOf({
      client: { id: hostile, name: {}, description: { '': hostile } },
      username: hostile,
      scopes: [{ name: hostile }, { name: 'a', text: { '': hostile } }],
    });
    const texts = [
      screen.app.name,
      screen.app.description ?? '',
      screen.username,
      ...screen.scopes.flatMap(({ name: scope, text }) => [scope, text ?? '']),
    ];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
    for (const text of texts) expect(text).not.toMatch(/[\u0000-\u001f\u2028\u202a-\u202e\u2066-\u2069]/);
    expect(texts.map(({ length }) => length).every((length) => length <= 301)).toBe(true);
    expect(screen.app.name).toMatch(/^evil x+…$/);
  });

  test('is not cut in the middle of a character', () => {
    expect(appOf({ name: { '': `${'a'.repeat(79)}😀😀` } }).name).toBe(`${'a'.repeat(79)}…`);
  });
});

describe('what an application says that it looks like', () => {
  test('is shown where it is a picture by the rules for that of a realm, with its size', () => {
    const { logoUri } = oauthPageSamples.consent.client;
    expect(appOf({}).logo).toEqual({ src: logoUri, width: 96, height: 32 });
  });

  test.each([
    'https://tracker.example/logo.png',
    'javascript:alert(1)',
    'data:image/svg+xml;base64,PHN2Zy8+',
    'data:text/html;base64,PHNjcmlwdD4=',
    'data:image/png;base64,PHNjcmlwdD4=',
    `data:image/png;base64,iVBORw0KGgoAAAAN" onerror="alert(1)`,
    `data:image/png;base64,iVBORw0KGgo${'A'.repeat(60_000)}`,
    '',
  ])('is not shown where it is %.60s', (logoUri) => {
    expect(appOf({ logoUri })).not.toHaveProperty('logo');
  });

  test.each([
    ['https://planner.example/a b', 'https://planner.example/a%20b'],
    ['http://planner.example/', 'http://planner.example/'],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['//planner.example/x', undefined],
    ['', undefined],
  ])('leads from %s to %s', (uri, href) => {
    expect(appOf({ policyUri: uri, termsUri: uri })).toMatchObject(
      href === undefined ? {} : { policyUri: href, termsUri: href },
    );
    expect('policyUri' in appOf({ policyUri: uri })).toBe(href !== undefined);
  });
});

test.each([
  ['https://planner.example:8443', 'planner.example:8443'],
  ['https://xn--80ak6aa92e.com', 'xn--80ak6aa92e.com'],
  ['com.example.app:', undefined],
])('an answer that leads to %s is said to lead to %s', (formTarget, host) => {
  expect(screenOf({ formTarget }).host).toBe(host);
});

test('what a form brings back goes through as it is', () => {
  const fields = { state: ' \u202e<x>\n', csrf: 'c' };
  expect(screenOf({ fields }).fields).toEqual(fields);
  const post = { kind: 'formPost', action: 'app.planner:/cb', fields } as const;
  expect(oauthScreen(post, reader)).toEqual({ ...post, host: 'app.planner:' });
});

test.each(Object.entries(oauthPageSamples))('the page %s has a screen of its kind', (_name, page: OAuthPage) => {
  expect(oauthScreen(page, reader).kind).toBe(page.kind);
});
