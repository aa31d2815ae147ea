import type { ScopeCatalogue } from './scopes.en.ts';

/** What the usual scopes let an application do, in Arabic. */
export const scopeTextsAr: ScopeCatalogue = {
  scopeOpenid: 'التعرّف إليك عند عودتك',
  scopeProfile: 'رؤية اسمك ولغتك ومنطقتك الزمنية',
  scopeEmail: 'رؤية عنوان بريدك الإلكتروني',
  scopeAddress: 'رؤية عنوانك البريدي',
  scopePhone: 'رؤية رقم هاتفك',
  scopeOffline: 'الاحتفاظ بهذا الوصول بعد تسجيل خروجك',
};
