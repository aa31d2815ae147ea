import type { Reader } from '../../clients/texts-for-readers.ts';
import { type Call, header } from '../../http/call.ts';
import { preferredLocales } from '../../http/locales.ts';

/** Who reads the answer to a call, by what the browser says. */
export const readerOf = ({ request, query, realm }: Pick<Call, 'request' | 'query' | 'realm'>): Reader => ({
  languages: preferredLocales(query.locale, header(request, 'accept-language')),
  realm: { locale: realm.locale },
});
