import type { LocalizedText, ScopeText } from '@assent/oidc';

const LOCALE = /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/;

const tagOf = (locale: string): string => locale.replaceAll('_', '-');

/** AM's lists of `text` or `locale|text`. */
export const localizedTexts = (entries: readonly string[]): LocalizedText =>
  Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf('|');
      const locale = entry.slice(0, Math.max(0, at));
      return LOCALE.test(locale) ? [tagOf(locale), entry.slice(at + 1)] : ['', entry];
    }),
  );

/** AM's lists of `name`, `name|text` or `name|locale|text`; a scope that comes twice has the texts of both. */
export const scopeTexts = (entries: readonly string[]): readonly ScopeText[] => {
  const scopes = new Map<string, Record<string, string>>();
  for (const entry of entries) {
    const [name = '', ...rest] = entry.split('|');
    const [first = '', ...others] = rest;
    const isLocalized = others.length > 0 && LOCALE.test(first);
    const text = isLocalized ? others.join('|') : rest.join('|');
    const locale = isLocalized ? tagOf(first) : '';
    if (name === '') continue;
    const texts = scopes.get(name) ?? {};
    if (text !== '') texts[locale] = text;
    scopes.set(name, texts);
  }
  return [...scopes].map(([name, texts]) => (Object.keys(texts).length === 0 ? { name } : { name, text: texts }));
};

/** The same scopes, with the texts of others for those that have none. */
export const withTextsOf = (others: readonly ScopeText[], scopes: readonly ScopeText[]): readonly ScopeText[] => {
  const known = new Map(others.map((scope) => [scope.name, scope]));
  return scopes.map((scope) => (scope.text === undefined ? (known.get(scope.name) ?? scope) : scope));
};
