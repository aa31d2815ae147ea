/** Every text of the account page that is ours, in English. */
export const accountTextsEn = {
  title: '{screen} – Assent',
  loading: 'Loading…',
  signedInAs: 'Signed in as {name}',
  realm: 'In {realm}',
  signOut: 'Sign out',
  signedOut: 'You are signed out',
  notSignedIn: 'You are not signed in',
  signIn: 'Sign in',
  failed: 'The server did not answer',
  tryAgain: 'Try again',
  language: 'Language',
} as const;

/** One language of the account page. */
export type AccountCatalogue = Readonly<Record<keyof typeof accountTextsEn, string>>;
