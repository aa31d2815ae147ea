import { canonicalLocale } from '@assent/engine';
import Negotiator from 'negotiator';

/** Longer headers are cut: nobody reads twenty languages. */
const LONGEST_HEADER = 512;

/** What the reader prefers, best first: the `locale` parameter, then `Accept-Language`; unknown tags are left out. */
export const preferredLocales = (parameter: string | undefined, header: string | undefined): readonly string[] => {
  const listed = header
    ? new Negotiator({ headers: { 'accept-language': header.slice(0, LONGEST_HEADER) } }).languages()
    : [];
  return [...(parameter ? [parameter] : []), ...listed].flatMap((tag) =>
    tag === '*' ? [] : (canonicalLocale(tag) ?? []),
  );
};
