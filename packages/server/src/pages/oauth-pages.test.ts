import type { RealmSettings } from '@assent/engine';
import type { OAuthPage } from '@assent/oidc';
import type { OAuthScreen, OAuthVisit } from '@assent/wire';
import { expect, test } from 'vitest';
import { oauthPageSamples } from '../testing/oauth-page-samples.ts';
import { OAuthPages, type OAuthPageVisit } from './oauth-pages.ts';

const realm = { realm: '/alpha', locale: 'fr' } as RealmSettings;

const render = (page: OAuthPage, more: Partial<OAuthPageVisit> = {}) => {
  const told: { visit?: OAuthVisit; screen?: OAuthScreen } = {};
  const pages = new OAuthPages({
    publicUrl: 'https://id.example.com/am',
    appearances: { of: () => ({ name: 'Acme' }) },
    view: {
      render: (visit) => {
        told.visit = visit;
        told.screen = visit.screenIn('de');
        return { html: 'rendered', cookies: visit.chosen === undefined ? [] : ['assent-locale=de'] };
      },
    },
  });
  const answer = pages.render(page, { realm, headers: {}, transactionId: 't-1', ...more });
  return { ...answer, ...told, policy: String(answer.headers['content-security-policy']) };
};
const formActionOf = (policy: string): string | undefined => /form-action ([^;]*)/.exec(policy)?.[1];

test('tells the view who looks, and gets the texts in the language that it chose', () => {
  const { visit, screen } = render(oauthPageSamples.consent, {
    headers: { cookie: 'a=b', 'accept-language': 'pt, de;q=0.5' },
    locale: 'ja',
    language: 'de',
  });
  expect(visit).toMatchObject({
    context: 'https://id.example.com/am/',
    realm: '/alpha',
    appearance: { name: 'Acme' },
    cookies: 'a=b',
    languages: ['pt', 'de'],
    chosen: 'de',
    locale: 'ja',
    reference: 't-1',
  });
  expect(screen).toMatchObject({ app: { description: 'Plant die Woche Ihres Teams.' } });
});

test.each(Object.entries(oauthPageSamples))(
  'nobody keeps, frames or is told of the page %s',
  (_name, page: OAuthPage) => {
    const { headers, policy } = render(page);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-transaction-id': 't-1',
    });
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("img-src 'self' data:;");
    expect(policy).not.toMatch(/unsafe|script-src[^;]*nonce/);
    // A popup keeps its opener on every page that it may come to.
    expect(headers).not.toHaveProperty('cross-origin-opener-policy');
  },
);

test('allows the style sheets of this answer, and of no other', () => {
  const [one, other] = [render(oauthPageSamples.consent), render(oauthPageSamples.consent)];
  expect(one.policy).toContain(`style-src 'self' 'nonce-${one.visit?.nonce}';`);
  expect(one.visit?.nonce).not.toBe(other.visit?.nonce);
});

test('an answer by a form may lead to the application, and every other page nowhere else', () => {
  for (const page of Object.values(oauthPageSamples)) {
    const leadsOn = page.kind === 'consent' || page.kind === 'formPost';
    expect(formActionOf(render(page).policy)).toBe(leadsOn ? "'self' https:" : "'self'");
  }
});

test('a language that was chosen on a page is kept, and is no part of the request', () => {
  const pages = new OAuthPages({} as never);
  expect(pages.readForm({ client_id: 'a', press: 'language', language: 'de' })).toEqual({
    language: 'de',
    parameters: { client_id: 'a' },
  });
  // Without our button it is a parameter of somebody else.
  const other = { client_id: 'a', language: 'de' };
  expect(pages.readForm(other)).toEqual({ language: undefined, parameters: other });
  expect(render(oauthPageSamples.consent, { language: 'de' }).headers['set-cookie']).toEqual(['assent-locale=de']);
  expect(render(oauthPageSamples.consent).headers).not.toHaveProperty('set-cookie');
});

test('nothing of the fields is in a header', () => {
  for (const page of Object.values(oauthPageSamples)) {
    expect(JSON.stringify(render(page).headers)).not.toMatch(/secret|st4te|c0de/);
  }
});
