import { canonicalLocale } from '@assent/engine';
import Negotiator from 'negotiator';

/** Longer headers are cut: nobody reads twenty languages. */
const MAX_HEADER_LENGTH = 512;

/** Browsers send the same few headers again and again; a flood of others only empties what is remembered. */
const MAX_REMEMBERED = 256;
const remembered = new Map<string, readonly string[]>();

/**
 * What the reader prefers, best first: the `locale` parameter, then `Accept-Language`; unknown tags are left out. The same
 * wishes give the same array, by which a choice of texts can be remembered.
 */
export const preferredLocales = (parameter: string | undefined, header: string | undefined): readonly string[] => {
  const wish = parameter?.slice(0, MAX_HEADER_LENGTH) ?? '';
  const listed = header?.slice(0, MAX_HEADER_LENGTH) ?? '';
  const key = `${wish}\n${listed}`;
  let locales = remembered.get(key);
  if (locales === undefined) {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    locales = Object.freeze(negotiated(wish, listed));
    remembered.set(key, locales);
  }
  return locales;
};

const negotiated = (parameter: string, header: string): string[] => {
  const listed = header === '' ? [] : new Negotiator({ headers: { 'accept-language': header } }).languages();
  return [...(parameter === '' ? [] : [parameter]), ...listed].flatMap((tag) =>
    tag === '*' ? [] : (canonicalLocale(tag) ?? []),
  );
};
