import { readFileSync } from 'node:fs';
import type { OAuthScreen, OAuthVisit } from '@assent/wire';
import { describe, expect, test } from 'vitest';
import { languages } from '../../kit/language/language.ts';
import { allOAuthTexts } from '../texts/all-texts.ts';
import { createOAuthView } from './oauth-view.tsx';

/** The build puts the style sheet into the page. */
const template = readFileSync(new URL('../../../oauth.html', import.meta.url), 'utf8').replace(
  '</head>',
  '<style nonce=""></style></head>',
);
const view = createOAuthView(template);

const ATTACK = `"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'`;
const app = { name: 'Planner', description: 'Plans weeks.' };
const consent: OAuthScreen = {
  kind: 'consent',
  app,
  username: 'demo',
  scopes: [{ name: 'openid' }, { name: 'reports', text: 'Read reports' }, { name: 'other' }],
  fields: { client_id: 'planner', csrf: 'proof' },
  host: 'planner.example',
};
const screens: Readonly<Record<OAuthScreen['kind'], OAuthScreen>> = {
  consent,
  formPost: { kind: 'formPost', action: 'https://planner.example/cb', host: 'planner.example', fields: { code: 'c' } },
  error: { kind: 'error', code: 'invalid_request', description: 'No.' },
  signOut: { kind: 'signOut', fields: { csrf: 'proof' } },
  signedOut: { kind: 'signedOut' },
  deviceCode: { kind: 'deviceCode' },
  deviceConsent: {
    kind: 'deviceConsent',
    app,
    username: 'demo',
    scopes: [{ name: 'email' }],
    userCode: 'WDJB-MJHT',
    fields: { user_code: 'WDJB-MJHT', csrf: 'proof' },
  },
  deviceDone: { kind: 'deviceDone', isApproved: true },
};

const render = (screen: OAuthScreen, more: Partial<OAuthVisit> = {}) =>
  view.render({
    context: 'https://id.example.com/am/',
    realm: '/alpha',
    appearance: {},
    cookies: '',
    languages: ['en'],
    nonce: 'bm9uY2U=',
    reference: 'ref-1',
    screenIn: () => screen,
    ...more,
  });
const headingOf = (html: string): string | undefined => /<h1[^>]*>(.*?)<\/h1>/.exec(html)?.[1]?.replace(/<[^>]*>/g, '');
/** Names and values of a form, by what it holds. */
const inputsOf = (html: string): readonly string[] =>
  [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
    ([, name, value]) => `${name}=${value}`,
  );

describe.each(Object.values(screens))('the page $kind', (screen) => {
  test.each(Object.keys(languages) as (keyof typeof languages)[])('is in %s, all of it', (language) => {
    const { html } = render(screen, { locale: language });
    expect(html).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
    if (language !== 'en') expect(headingOf(html)).not.toBe(headingOf(render(screen).html));
    const english = Object.values(allOAuthTexts.en).filter((text) => text.length > 12 && !text.includes('{'));
    const [, body = ''] = html.split('<body>');
    expect(english.filter((text) => language !== 'en' && body.includes(text))).toEqual([]);
  });

  test('has nothing that a policy would refuse, and no script but where its form is to send itself', () => {
    const { html } = render(screen);
    expect(html).not.toMatch(/ style=|\son\w+=/);
    expect(html.match(/<script/g) ?? []).toHaveLength(screen.kind === 'formPost' ? 1 : 0);
    expect(html.match(/<style[^>]*>/g)).toEqual(['<style nonce="bm9uY2U=">']);
  });

  test('names what it loads by the folder of all pages, since its own address is further down', () => {
    expect(render(screen).html).not.toMatch(/(?:src|href)="(?!\/am\/|https:|data:)/);
  });
});

describe('a consent', () => {
  test('says who asks for what, from whom, and where the answer leads', () => {
    const { html } = render(consent);
    expect(headingOf(html)).toBe('Allow Planner?');
    for (const text of ['Plans weeks.', 'demo', 'Recognise you when you come back', 'Read reports', 'other'])
      expect(html).toContain(`>${text}<`);
    expect(html).toContain('planner.example');
  });

  test('sends a decision by its buttons, with the fields that it was given', () => {
    const [, form = ''] = /<form class[^>]*>(.*?)<\/form>/.exec(render(consent).html) ?? [];
    expect(form.match(/<button[^>]*>/g)).toEqual([
      expect.stringContaining('name="decision" value="allow"'),
      expect.stringContaining('name="decision" value="deny"'),
    ]);
    expect(form).toContain('type="checkbox" name="save_consent" value="on"');
    expect(inputsOf(form)).toEqual(['client_id=planner', 'csrf=proof']);
  });

  test('sends nothing twice that its controls send, whatever the request had in it', () => {
    const fields = { decision: 'allow', save_consent: 'on', press: 'x', language: 'de', state: 's' };
    expect(new Set(inputsOf(render({ ...consent, fields }).html))).toEqual(new Set(['state=s']));
  });

  test('is asked for in another language without a proof, so that nothing is decided by it', () => {
    const [, form = ''] = /<form id="language"[^>]*>(.*?)<\/form>/.exec(render(consent).html) ?? [];
    expect(inputsOf(form)).toEqual(['client_id=planner']);
  });

  test('is nothing but text where an application has other plans (OIDC-09)', () => {
    const hostile: OAuthScreen = {
      ...consent,
      app: { name: ATTACK, description: ATTACK, policyUri: `https://x.example/${encodeURI(ATTACK)}` },
      username: ATTACK,
      scopes: [{ name: ATTACK, text: ATTACK }],
      fields: { [ATTACK]: ATTACK },
      host: ATTACK,
    };
    const { html } = render(hostile, { appearance: { name: ATTACK }, reference: ATTACK });
    // Whatever could end an attribute or begin an element is written as an entity, in the title as in the page.
    expect(html).not.toMatch(/<script|<img|="">/);
    const tags = (page: string) => [...page.matchAll(/<[/a-z][^\s>]*/g)].map(([tag]) => tag);
    const plain = render({
      ...consent,
      app: { ...app, policyUri: 'https://x.example/' },
      scopes: [{ name: 'x' }],
      fields: { a: 'b' },
    });
    expect(tags(html)).toEqual(tags(plain.html));
  });

  test('without scopes asks for no list of them', () => {
    expect(render({ ...consent, scopes: [] }).html).not.toContain('<ul');
  });
});

describe('the language', () => {
  const in_ = (more: Partial<OAuthVisit>) => {
    const { html, cookies } = render(consent, more);
    return { language: /<html lang="(\w+)"/.exec(html)?.[1], cookies };
  };
  const cookies = 'assent-locale=fr';

  test.each([
    ['what was chosen on the page', { chosen: 'ja', locale: 'de', cookies }, 'ja'],
    ['what the request asks for', { chosen: 'xx', locale: 'de', cookies }, 'de'],
    ['what was chosen before', { locale: 'pt', cookies, languages: ['es'] }, 'fr'],
    ['what the browser prefers', { languages: ['es-MX'], appearance: { locale: 'ar' } }, 'es'],
    ['what the realm speaks', { languages: ['pt'], appearance: { locale: 'ar' } }, 'ar'],
  ] as const)('is %s', (_what, more, language) => {
    expect(in_(more).language).toBe(language);
  });

  test('is remembered once it was chosen on the page, and only one of ours', () => {
    expect(in_({ chosen: 'ja' }).cookies).toEqual([expect.stringMatching(/^assent-locale=ja; Path=\/am;.*Secure$/)]);
    expect(in_({ chosen: '"; x=y' }).cookies).toEqual([]);
    expect(in_({ locale: 'ja' }).cookies).toEqual([]);
  });

  test('is that in which the page asks for the texts of others', () => {
    const asked: string[] = [];
    const screenIn = (language: string) => {
      asked.push(language);
      return consent;
    };
    render(consent, { locale: 'de-CH', screenIn });
    expect(asked).toEqual(['de']);
  });

  test('can be chosen only where the page can be had again', () => {
    const chosen = Object.values(screens).filter((screen) => render(screen).html.includes('<select'));
    expect(chosen.map(({ kind }) => kind)).toEqual(['consent', 'signOut', 'deviceCode', 'deviceConsent']);
  });
});

test('an answer by a form is sent to where it belongs, and to nowhere by a link', () => {
  const { html } = render({ ...screens.formPost, fields: { code: 'c"1', submit: 'x' } } as OAuthScreen);
  expect(html).toContain('<form class="k-actions" method="post" action="https://planner.example/cb">');
  expect(inputsOf(html)).toEqual(['code=c&quot;1', 'submit=x']);
  expect(html).toContain('>Continue</button>');
  expect(html).not.toContain('<a ');
});

test.each([
  ['invalid_client', 'This app is not known here'],
  ['redirect_uri_mismatch', 'This link leads to an unknown place'],
  ['server_error', 'Something went wrong on our side'],
  ['temporarily_unavailable', 'Very busy right now'],
  ['bad_request', 'You are not signed in here'],
  ['of_tomorrow', 'This request cannot be completed'],
])('the error %s says so in plain words, with what an operator needs', (code, heading) => {
  const { html } = render({ kind: 'error', code, description: 'For operators.' });
  expect(headingOf(html)).toBe(heading);
  expect(html).toContain(`<title>Error: ${heading} – alpha</title>`);
  for (const text of [code, 'For operators.', 'ref-1']) expect(html).toContain(text);
});

test.each([
  ['unknown', 'That code does not work.'],
  ['tooMany', 'Too many codes were tried.'],
] as const)('a code that is refused (%s) is said at its field, and stays in it', (problem, words) => {
  const { html } = render({ kind: 'deviceCode', problem, userCode: 'wdjb mjht' });
  expect(html).toContain(words);
  expect(html).toContain('value="wdjb mjht"');
  expect(html).toMatch(/aria-invalid="true" aria-describedby="user-code-error user-code-hint"/);
  expect(html).toContain('<title>Error: Connect a device');
});

test('a device is told by its code before it gets anything', () => {
  const { html } = render(screens.deviceConsent);
  expect(headingOf(html)).toBe('Is this your device?');
  expect(html).toMatch(/<p class="k-number[^>]*>WDJB-MJHT<\/p>/);
});

test('who is asked to sign out can stay, and who is out can come back to the same realm', () => {
  expect(render(screens.signOut).html).toContain('<a class="k-btn" href="/am/account">');
  expect(render(screens.signedOut).html).toContain('href="/am/login?realm=%2Falpha"');
  const { html } = render(screens.signedOut, { context: 'https://id.example.com/' });
  expect(html).toContain('href="/login?realm=%2Falpha"');
});

test('the realm is shown by its name, its logo and its colour', () => {
  const { html } = render(consent, {
    appearance: { name: 'Acme', logo: { src: 'login/logo?v=1', width: 96, height: 32 }, colour: '#c0ffee' },
  });
  expect(html).toContain('src="/am/login/logo?v=1"');
  expect(html).toContain('<title>Allow Planner? – Acme</title>');
  expect(html.match(/<style[^>]*>/g)).toHaveLength(2);
});

test.each(['<!--theme-->', '<style nonce="">', '<!--screen-->', '<html lang="en" dir="ltr">', '<title>Assent</title>'])(
  'a built page without %s is refused, and so is one that has it twice',
  (mark) => {
    expect(() => createOAuthView(template.replace(mark, ''))).toThrow(`has ${mark} 0 times`);
    expect(() => createOAuthView(template + mark)).toThrow(`has ${mark} 2 times`);
  },
);

test('a built page without its script is refused', () => {
  expect(() => createOAuthView(template.replace(/<script.*<\/script>/, ''))).toThrow('once');
});
