import { canonicalLocale } from '@assent/engine';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';

/** Longer headers are cut: nobody reads twenty languages. */
const MAX_HEADER_LENGTH = 512;

/** Browsers send the same few headers again and again. */
const cache = new LRUCache<string, readonly string[]>({ max: 256 });

/**
 * What the reader prefers, best first: the `locale` parameter, then `Accept-Language`; unknown tags are left out. The same
 * preferences give the same array, by which a choice of texts can be remembered.
 */
export const preferredLocales = (parameter: string | undefined, header: string | undefined): readonly string[] => {
  const chosen = parameter?.slice(0, MAX_HEADER_LENGTH) ?? '';
  const listed = header?.slice(0, MAX_HEADER_LENGTH) ?? '';
  const key = `${chosen}\n${listed}`;
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const locales = Object.freeze(negotiated(chosen, listed));
  cache.set(key, locales);
  return locales;
};

const negotiated = (parameter: string, header: string): string[] => {
  const listed = header === '' ? [] : new Negotiator({ headers: { 'accept-language': header } }).languages();
  return [...(parameter === '' ? [] : [parameter]), ...listed].flatMap((tag) =>
    tag === '*' ? [] : (canonicalLocale(tag) ?? []),
  );
};
