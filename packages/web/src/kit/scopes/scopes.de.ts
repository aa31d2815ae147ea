import type { ScopeCatalogue } from './scopes.en.ts';

/** What the usual scopes let an application do, in German. */
export const scopeTextsDe: ScopeCatalogue = {
  scopeOpenid: 'Sie beim nächsten Mal wiedererkennen',
  scopeProfile: 'Ihren Namen, Ihre Sprache und Ihre Zeitzone sehen',
  scopeEmail: 'Ihre E-Mail-Adresse sehen',
  scopeAddress: 'Ihre Postanschrift sehen',
  scopePhone: 'Ihre Telefonnummer sehen',
  scopeOffline: 'Diesen Zugriff behalten, während Sie abgemeldet sind',
};
