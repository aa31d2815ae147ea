import type { AccountCatalogue } from './texts.en.ts';

/** The account page in German. */
export const accountTextsDe: AccountCatalogue = {
  title: '{screen} – Assent',
  loading: 'Wird geladen…',
  signedInAs: 'Angemeldet als {name}',
  realm: 'Bereich: {realm}',
  signOut: 'Abmelden',
  signedOut: 'Sie sind abgemeldet',
  notSignedIn: 'Sie sind nicht angemeldet',
  signIn: 'Anmelden',
  failed: 'Der Server hat nicht geantwortet',
  tryAgain: 'Erneut versuchen',
  language: 'Sprache',
};
