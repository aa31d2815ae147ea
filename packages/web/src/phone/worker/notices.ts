import { isLanguage, type Language } from '../../kit/language/language.ts';

/** What a notification says: no user, no number, no place, since it is read on a locked screen (SEC-28). */
export interface NoticeWords {
  readonly title: string;
  readonly body: string;
  /** For what was pushed here and is no genuine request: browsers show something in any case. */
  readonly nothing: string;
  /** For a request that needs no answer any more: it takes the place of its notification. */
  readonly withdrawn: string;
}

const words: Readonly<Record<Language, NoticeWords>> = {
  en: {
    title: 'Sign-in request',
    body: 'Open Assent to check it',
    nothing: 'Nothing to approve',
    withdrawn: 'No longer needed',
  },
  de: {
    title: 'Anmeldeanfrage',
    body: 'In Assent öffnen und prüfen',
    nothing: 'Nichts zu bestätigen',
    withdrawn: 'Nicht mehr nötig',
  },
  fr: {
    title: 'Demande de connexion',
    body: 'Ouvrez Assent pour la vérifier',
    nothing: 'Rien à approuver',
    withdrawn: 'Plus nécessaire',
  },
  es: {
    title: 'Solicitud de inicio de sesión',
    body: 'Abre Assent para revisarla',
    nothing: 'Nada que aprobar',
    withdrawn: 'Ya no hace falta',
  },
  ja: {
    title: 'サインインの確認',
    body: 'Assent を開いて確認してください',
    nothing: '承認するものはありません',
    withdrawn: 'もう必要ありません',
  },
  ar: {
    title: 'طلب تسجيل دخول',
    body: 'افتح Assent للتحقق منه',
    nothing: 'لا يوجد ما يحتاج إلى موافقة',
    withdrawn: 'لم يعد مطلوبًا',
  },
};

/** The words in the language that was chosen on the page. */
export const noticeWords = (language: string): NoticeWords => words[isLanguage(language) ? language : 'en'];
