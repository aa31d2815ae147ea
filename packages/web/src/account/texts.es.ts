import type { AccountCatalogue } from './texts.en.ts';

/** The account page in Spanish. */
export const accountTextsEs: AccountCatalogue = {
  title: '{screen} – Assent',
  loading: 'Cargando…',
  signedInAs: 'Sesión iniciada como {name}',
  realm: 'En {realm}',
  signOut: 'Cerrar sesión',
  signedOut: 'Ha cerrado la sesión',
  notSignedIn: 'No ha iniciado sesión',
  signIn: 'Iniciar sesión',
  failed: 'El servidor no ha respondido',
  tryAgain: 'Reintentar',
  language: 'Idioma',
};
