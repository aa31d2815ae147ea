import type { ScopeCatalogue } from './scopes.en.ts';

/** What the usual scopes let an application do, in Japanese. */
export const scopeTextsJa: ScopeCatalogue = {
  scopeOpenid: '次回もあなたを識別する',
  scopeProfile: '名前、言語、タイムゾーンを見る',
  scopeEmail: 'メールアドレスを見る',
  scopeAddress: '住所を見る',
  scopePhone: '電話番号を見る',
  scopeOffline: 'サインアウト中もこのアクセスを保持する',
};
