import type { AccountCatalogue } from './texts.en.ts';

/** The account page in Arabic (modern standard). */
export const accountTextsAr: AccountCatalogue = {
  title: '{screen} – Assent',
  loading: 'جارٍ التحميل…',
  signedInAs: 'تم تسجيل الدخول باسم {name}',
  realm: 'في {realm}',
  signOut: 'تسجيل الخروج',
  signedOut: 'تم تسجيل خروجك',
  notSignedIn: 'لم يتم تسجيل دخولك',
  signIn: 'تسجيل الدخول',
  failed: 'لم يستجب الخادم',
  tryAgain: 'إعادة المحاولة',
  language: 'اللغة',
};
