import type { ScopeCatalogue } from './scopes.en.ts';

/** The scopes that everybody may ask for (OpenID Connect Core §5.4, §11). */
const usual: ReadonlyMap<string, keyof ScopeCatalogue> = new Map([
  ['openid', 'scopeOpenid'],
  ['profile', 'scopeProfile'],
  ['email', 'scopeEmail'],
  ['address', 'scopeAddress'],
  ['phone', 'scopePhone'],
  ['offline_access', 'scopeOffline'],
]);

/** What a scope lets an application do: in the application's own words, else in ours, else by the name of the scope. */
export const scopeWords = (
  { name, text }: { readonly name: string; readonly text?: string },
  say: (id: keyof ScopeCatalogue) => string,
): string => {
  const id = usual.get(name);
  return text ?? (id === undefined ? name : say(id));
};
