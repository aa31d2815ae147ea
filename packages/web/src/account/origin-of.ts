import { browserName } from '../kit/browser/browser-name.ts';
import type { AccountCatalogue } from './texts/texts.en.ts';

/** Where somebody came from, as far as it is known: "Firefox · Windows · 192.0.2.1". */
export const originOf = (
  { userAgent, address }: { readonly userAgent?: string; readonly address?: string },
  texts: AccountCatalogue,
): string => {
  const browser = userAgent === undefined || userAgent === '' ? texts.unknownBrowser : browserName(userAgent);
  return address === undefined ? browser : `${browser} · ${address}`;
};
