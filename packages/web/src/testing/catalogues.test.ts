import { describe, expect, test } from 'vitest';
import { loadAccountCatalogue } from '../account/texts/catalogues.ts';
import { accountTextsEn } from '../account/texts/texts.en.ts';
import { isLanguage, languages } from '../kit/language/language.ts';
import { loadCatalogue } from '../login/texts/catalogues.ts';
import { textsEn } from '../login/texts/texts.en.ts';
import { allOAuthTexts } from '../oauth/texts/all-texts.ts';
import { oauthTextsEn } from '../oauth/texts/texts.en.ts';
import { loadPhoneCatalogue } from '../phone/texts/catalogues.ts';
import { phoneTextsEn } from '../phone/texts/texts.en.ts';
import { pseudoText } from './pseudo-texts.ts';

const english: Readonly<Record<string, string>> = {
  ...textsEn,
  ...prefixed('account', accountTextsEn),
  ...prefixed('phone', phoneTextsEn),
  ...prefixed('oauth', oauthTextsEn),
};
const others = Object.keys(languages).filter((tag) => tag !== 'en');

function prefixed(page: string, texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([id, text]) => [`${page}.${id}`, text]));
}

const textsOf = async (tag: string): Promise<Readonly<Record<string, string>>> => {
  if (!isLanguage(tag)) throw new Error(`${tag} is no language of ours`);
  return {
    ...(await loadCatalogue(tag)),
    ...prefixed('account', await loadAccountCatalogue(tag)),
    ...prefixed('phone', await loadPhoneCatalogue(tag)),
    ...prefixed('oauth', allOAuthTexts[tag]),
  };
};

/** Texts that may stand as they are in English, and why. */
const sameAsEnglish: Readonly<Record<string, readonly string[]>> = {
  'account.kindPasskey': ['de'], // the German word is the English one
  titleScreen: others, // names and a dash, no words
  'account.title': others, // a name, a dash and the brand
  'phone.title': others,
  'oauth.titleScreen': others,
  'phone.codeLeft': ['de', 'fr', 'es'], // the sign of the second is the same
  'phone.settingsRing': ['fr'], // the French word is the English one
  error: ['es'], // the Spanish word is the English one
  titleError: ['es'],
  'oauth.titleError': ['es'],
};

const placeholders = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

// ux.md §7.3 A11
describe.each(others)('in %s', (tag) => {
  test('there is every text of English and no other', async () => {
    expect(Object.keys(await textsOf(tag))).toEqual(Object.keys(english));
  });

  test('every text says something, and asks for the values that the English one asks for', async () => {
    for (const [id, text] of Object.entries(await textsOf(tag))) {
      expect(text.trim(), id).not.toBe('');
      expect(placeholders(text), id).toEqual(placeholders(english[id] ?? ''));
    }
  });

  test('no text was left in English', async () => {
    const texts = await textsOf(tag);
    const same = Object.keys(texts).filter((id) => texts[id] === english[id]);
    expect(same).toEqual(Object.keys(english).filter((id) => sameAsEnglish[id]?.includes(tag)));
  });

  test('digits are ASCII, and no sentence shouts (ux.md §1.2, §2.5)', async () => {
    expect(Object.values(await textsOf(tag)).filter((text) => /[!！¡]|(?![0-9])\p{Nd}/u.test(text))).toEqual([]);
  });
});

test('the pseudo-language keeps the names of values and is 40 % longer', () => {
  expect(pseudoText('Signed in as {name}')).toBe('[Šígñéd íñ áš {name}~~~~~~~~]');
});
