import type { FailureReason } from '@assent/engine';
import { type PageLanguage, pageLanguageOf } from './page-languages.ts';

/** What our pages say of a failure by its reason: the server words it, so that no page loads texts that it seldom shows. */
const texts: Readonly<Record<FailureReason, Readonly<Record<PageLanguage, string>>>> = {
  'device-limit': {
    en: 'You already have as many devices of this kind as are allowed. Remove one on your account page, then try again.',
    de: 'Sie haben bereits so viele Geräte dieser Art, wie erlaubt sind. Entfernen Sie eines auf Ihrer Kontoseite und versuchen Sie es dann erneut.',
    fr: 'Vous avez déjà autant d’appareils de ce type que permis. Supprimez-en un sur la page de votre compte, puis réessayez.',
    es: 'Ya tiene tantos dispositivos de este tipo como se permiten. Quite uno en la página de su cuenta y vuelva a intentarlo.',
    ja: 'この種類のデバイスは、すでに上限まで登録されています。アカウントページで 1 つ削除してから、もう一度お試しください。',
    ar: 'لديك بالفعل العدد المسموح به من الأجهزة من هذا النوع. أزِل جهازًا من صفحة حسابك، ثم حاول مرة أخرى.',
  },
};

export const failureText = (reason: FailureReason, locales: readonly string[]): string =>
  texts[reason][pageLanguageOf(locales)];
