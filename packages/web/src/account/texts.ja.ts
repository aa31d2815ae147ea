import type { AccountCatalogue } from './texts.en.ts';

/** The account page in Japanese. */
export const accountTextsJa: AccountCatalogue = {
  title: '{screen} – Assent',
  loading: '読み込んでいます…',
  signedInAs: '{name} としてサインインしています',
  realm: '領域: {realm}',
  signOut: 'サインアウト',
  signedOut: 'サインアウトしました',
  notSignedIn: 'サインインしていません',
  signIn: 'サインイン',
  failed: 'サーバーから応答がありませんでした',
  tryAgain: '再試行',
  language: '言語',
};
