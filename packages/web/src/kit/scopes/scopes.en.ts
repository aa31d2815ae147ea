/** What the usual scopes let an application do, in English (OpenID Connect Core §5.4, §11). */
export const scopeTextsEn = {
  scopeOpenid: 'Recognise you when you come back',
  scopeProfile: 'See your name, language and time zone',
  scopeEmail: 'See your email address',
  scopeAddress: 'See your postal address',
  scopePhone: 'See your phone number',
  scopeOffline: 'Keep this access while you are signed out',
} as const;

/** One language of them. */
export type ScopeCatalogue = Readonly<Record<keyof typeof scopeTextsEn, string>>;
