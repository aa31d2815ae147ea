import { describe, expect, test } from 'vitest';
import { parseClient } from './client-document.ts';
import { boundedList, LANGUAGES, NAMES_WITH_TEXTS, PLAIN_LIST } from './list-bounds.ts';
import { parseProvider } from './provider-document.ts';

const many = (count: number, of = (at: number) => `s${at}`): readonly string[] =>
  Array.from({ length: count }, (_, at) => of(at));
const clientWith = (section: string, name: string, value: unknown) => parseClient({ [section]: { [name]: value } });
const languages = (count: number) => many(count, (at) => `read|aa-${String(at).padStart(3, '0')}|Read`);

describe('a list that is longer than its bound is refused by its name (SEC-93)', () => {
  const CORE = 'coreOAuth2ClientConfig';
  const ADVANCED = 'advancedOAuth2ClientConfig';
  const OPENID = 'coreOpenIDClientConfig';
  test.each([
    ['scopes', CORE, 'scopes', many(401), 'has 401 names, and 400 are the most'],
    ['texts of one scope', CORE, 'scopes', languages(51), 'has 51 texts for read, and 50 are the most'],
    [
      'texts of all scopes',
      CORE,
      'scopes',
      many(2_001, (at) => `s${at % 100}|aa-${String(at).padStart(4, '0')}|Read`),
      'has 2,001 entries, and 2,000 are the most',
    ],
    ['default scopes', CORE, 'defaultScopes', many(401), 'has 401 entries, and 400 are the most'],
    ['redirect URIs', CORE, 'redirectionUris', many(401, (at) => `https://a.example/${at}`), 'has 401 entries'],
    ['origins', ADVANCED, 'javascriptOrigins', many(401, (at) => `https://a${at}.example`), 'has 401 entries'],
    ['properties', ADVANCED, 'customProperties', many(401, (at) => `a${at}=b`), 'has 401 entries'],
    ['languages of the name', ADVANCED, 'name', many(51, (at) => `a${at}|App`), 'has 51 entries, and 50 are the most'],
    ['languages of the other name', CORE, 'clientName', many(51), 'has 51 entries, and 50 are the most'],
    ['languages of the description', ADVANCED, 'descriptions', many(51), 'has 51 entries, and 50 are the most'],
    ['addresses after a logout', OPENID, 'postLogoutRedirectUri', many(401), 'has 401 entries'],
    ['claims', OPENID, 'claims', many(401), 'has 401 names'],
  ])('%s of a client', (_, section, name, list, problem) => {
    for (const value of [list, { inherited: false, value: list }]) {
      const refused = clientWith(section, name, value);
      expect(refused).toHaveProperty('reason', expect.stringContaining(`${section}.${name} ${problem}`));
      expect(refused).toHaveProperty('reason', expect.stringMatching(/\. Remove some of them\.$/));
      expect(refused).toHaveProperty('detail', { attribute: `${section}.${name}` });
    }
    expect(clientWith(section, name, list.slice(0, -1))).toHaveProperty('document');
  });

  test.each([
    ['advancedOAuth2Config', 'supportedScopes', many(401)],
    ['advancedOAuth2Config', 'defaultScopes', many(401)],
    ['coreOIDCConfig', 'supportedClaims', many(401)],
    ['advancedOIDCConfig', 'loaMapping', Object.fromEntries(many(401).map((acr) => [acr, 'Login']))],
  ])('%s.%s of the provider', (section, name, list) => {
    expect(parseProvider({ [section]: { [name]: list } })).toMatchObject({
      reason: expect.stringContaining(`${section}.${name} has 401`),
      detail: { attribute: `${section}.${name}` },
    });
  });

  test('an import keeps such a list, since it counts up to its bound', () => {
    const body = { coreOAuth2ClientConfig: { scopes: many(10_000) } };
    expect(parseClient(body, { keepsLongLists: true })).toEqual({ document: body });
  });
});

describe('of a list the first entries count, up to its bound', () => {
  test('a short list is kept as it is', () => {
    for (const bound of [PLAIN_LIST, LANGUAGES, NAMES_WITH_TEXTS]) {
      expect(boundedList(many(50), bound)).toEqual({ kept: many(50) });
    }
  });

  test('400 scopes with 5 texts each are kept, in their order', () => {
    const list = many(2_000, (at) => `s${at % 400}|l${at}|Read`);
    expect(boundedList(list, NAMES_WITH_TEXTS)).toEqual({ kept: list });
  });

  test('a name behind the bound stays out however often it comes, and later texts of the first names are kept', () => {
    const { kept } = boundedList([...many(402), 's401|Late', 's0|de|Lesen'], NAMES_WITH_TEXTS);
    expect(kept).toEqual([...many(400), 's0|de|Lesen']);
  });

  test('texts of one name behind the bound stay out, and those of other names are kept', () => {
    const { kept } = boundedList([...languages(60), 'write'], NAMES_WITH_TEXTS);
    expect(kept).toEqual([...languages(50), 'write']);
  });
});
