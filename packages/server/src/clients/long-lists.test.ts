import { expect, test } from 'vitest';
import { advanced, core, own, providerOf, read } from '../testing/client-documents.ts';

const many = (count: number, of = (at: number) => `s${at}`): readonly string[] =>
  Array.from({ length: count }, (_, at) => of(at));
const found = ({ findings }: Pick<ReturnType<typeof read>, 'findings'>) =>
  findings.map(({ field, problem }) => `${field} ${problem}`);

test('the scopes of a stored client count up to 400, and the finding names the list and the bound (SEC-93)', () => {
  const all = many(10_000);
  for (const scopes of [all, own(all)]) {
    const it = read(core({ scopes, defaultScopes: scopes }));
    expect(it.client.scopes.map(({ name }) => name)).toEqual(many(400));
    expect(it.client.defaultScopes).toEqual(many(400));
    expect(found(it)).toEqual(
      expect.arrayContaining([
        'coreOAuth2ClientConfig.scopes has 10,000 names, and 400 are the most; those behind the bound do not count',
        'coreOAuth2ClientConfig.defaultScopes has 10,000 entries, and 400 are the most; those behind the bound do not count',
      ]),
    );
  }
});

test('a scope of a stored client has up to 50 texts (SEC-93)', () => {
  const { client } = read(core({ scopes: many(4_200, (at) => `s|aa-${String(at).padStart(4, '0')}|1`) }));
  expect(client.scopes).toHaveLength(1);
  expect(Object.keys(client.scopes[0]?.text ?? {})).toHaveLength(50);
});

test('redirect URIs and origins of a stored client count up to 400 (SEC-93)', () => {
  const uris = many(500, (at) => `https://a${at}.example`);
  expect(read(core({ redirectionUris: uris })).client.redirectUris).toEqual(uris.slice(0, 400));
  expect(read(advanced({ javascriptOrigins: uris })).client.origins).toEqual(uris.slice(0, 400));
});

test('scopes and classes of sign-in of a stored provider count up to 400 (SEC-93)', () => {
  const it = providerOf({
    advancedOAuth2Config: { supportedScopes: many(9_500), defaultScopes: many(9_500) },
    advancedOIDCConfig: { loaMapping: Object.fromEntries(many(500).map((acr) => [acr, 'Login'])) },
  });
  expect(it.settings.scopes).toEqual(many(400));
  expect(it.clientDefaults.defaultScopes).toEqual(many(400));
  expect([...it.settings.treeOfAcr.keys()]).toEqual(many(400));
  expect(found(it)).toHaveLength(3);
});

test('a property that makes a client stricter counts wherever it stands in a stored list (SEC-85)', () => {
  const customProperties = [...many(5_000, (at) => `a${at}=b`), 'assent.requiredAcr=strong', 'assent.dpop=required'];
  expect(read(advanced({ customProperties })).client).toMatchObject({ requiredAcr: 'strong', requiresDpop: true });
});
