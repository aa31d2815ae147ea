import { TextCatalogue } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { nodeCatalogue } from '../catalogue.ts';
import { nodeTexts } from './node-texts.ts';

const english: ReadonlyMap<string, string> = new Map(
  [...nodeCatalogue.values()].flatMap(({ type, texts }) =>
    Object.entries(texts).map(([id, text]) => [`${type}.${id}`, text] as const),
  ),
);

/** Texts that are rightly the same in English, by language and key. */
const SAME_AS_ENGLISH: ReadonlyMap<string, string> = new Map([
  ...[...nodeTexts.keys()].flatMap((tag): [string, string][] => [
    [`${tag} GetAuthenticatorAppNode.appleStore`, 'the name of a shop'],
    [`${tag} GetAuthenticatorAppNode.googlePlay`, 'the name of a shop'],
  ]),
  ['es MessageNode.no', 'the Spanish word is the same'],
  ['fr AttributeCollectorNode.description', 'the French word is the same'],
]);

const placeholders = (text: string): readonly string[] => (text.match(/\{\{?\w+\}?\}/g) ?? []).toSorted();

test('the languages are those of the login pages beside English', () => {
  expect([...nodeTexts.keys()]).toEqual(['ar', 'de', 'es', 'fr', 'ja']);
});

describe.each([...nodeTexts])('the texts in %s', (tag, texts) => {
  const translated = Object.entries(texts);

  test('have exactly the keys of the catalogue, sorted', () => {
    expect(Object.keys(texts)).toEqual([...english.keys()].toSorted());
  });

  test('are none of them empty or padded', () => {
    expect(translated.filter(([, text]) => text === '' || text !== text.trim())).toEqual([]);
  });

  test('are translated, but for those that have a reason not to be', () => {
    const same = translated.filter(([key, text]) => text === english.get(key)).map(([key]) => `${tag} ${key}`);
    expect(same).toEqual([...SAME_AS_ENGLISH.keys()].filter((entry) => entry.startsWith(`${tag} `)).toSorted());
  });

  test.each(translated)('%s has the placeholders of the English text', (key, text) => {
    expect(placeholders(text)).toEqual(placeholders(english.get(key) ?? ''));
    expect(text.replaceAll(/\{\{?\w+\}?\}/g, '')).not.toMatch(/[{}]/);
  });

  test('hold no control characters and no signs that turn a line around', () => {
    expect(translated.filter(([, text]) => /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text))).toEqual([]);
  });

  // The message of the app stores goes out as HTML, which its text must not open or end.
  test('hold no markup', () => {
    expect(translated.filter(([, text]) => /[<>&"'`\\]/.test(text))).toEqual([]);
  });

  test('do not shout and name no other login server', () => {
    expect(translated.filter(([, text]) => /[!！¡]|\b(ping\w*|forgerock|openam)\b/i.test(text))).toEqual([]);
  });

  // Clients take any step with these English words for the page that shows the codes (spec: journeys-rest §4.2).
  test('hold the words by which clients know the page of the codes nowhere else', () => {
    const mistaken = translated.filter(([key, text]) => /recovery\s+codes/i.test(text) && !isOfCodePage(key));
    expect(mistaken).toEqual([]);
  });
});

const isOfCodePage = (key: string): boolean => key.startsWith('RecoveryCodeDisplayNode.');

describe('a reader', () => {
  const catalogue = new TextCatalogue(nodeTexts);
  const prompt = (...preferred: string[]): string => {
    const definition = nodeCatalogue.get('UsernameCollectorNode');
    if (definition === undefined) throw new TypeError('The catalogue has no Username Collector.');
    return catalogue.text(definition, 'prompt', preferred);
  };

  test.each([
    ['nl', 'User Name'],
    ['zz', 'User Name'],
    ['en-GB', 'User Name'],
    ['de-AT', 'Benutzername'],
    ['fr-CA', 'Nom d’utilisateur'],
    ['es-MX', 'Nombre de usuario'],
    ['ja-JP', 'ユーザー名'],
    ['ar-EG', 'اسم المستخدم'],
  ])('of %s is asked for the "%s"', (tag, expected) => {
    expect(prompt(tag)).toBe(expected);
  });

  test('of English first and German second is spoken to in English', () => {
    expect(prompt('en', 'de')).toBe('User Name');
  });

  test('of a language that we lack is spoken to in the next one', () => {
    expect(prompt('nl', 'de')).toBe('Benutzername');
  });
});
