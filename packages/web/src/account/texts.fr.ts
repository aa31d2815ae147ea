import type { AccountCatalogue } from './texts.en.ts';

/** The account page in French. */
export const accountTextsFr: AccountCatalogue = {
  title: '{screen} – Assent',
  loading: 'Chargement…',
  signedInAs: 'Connecté en tant que {name}',
  realm: 'Dans {realm}',
  signOut: 'Se déconnecter',
  signedOut: 'Vous êtes déconnecté',
  notSignedIn: 'Vous n’êtes pas connecté',
  signIn: 'Se connecter',
  failed: 'Le serveur n’a pas répondu',
  tryAgain: 'Réessayer',
  language: 'Langue',
};
