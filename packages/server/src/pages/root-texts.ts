import type { PageLanguage } from './page-languages.ts';

/** What the page at the root of the host says. */
export interface RootTexts {
  readonly title: string;
  readonly about: string;
  readonly login: string;
  readonly account: string;
  readonly phone: string;
  readonly discovery: string;
  /** `{folder}` and `{command}` are where operators find more. */
  readonly docs: string;
}

export const rootTexts: Readonly<Record<PageLanguage, RootTexts>> = {
  en: {
    title: 'Login server',
    about: 'You have reached a login server. What would you like to do?',
    login: 'Sign in',
    account: 'Manage your account, devices and sessions',
    phone: 'Approve requests in this browser, as a phone',
    discovery: 'For developers: the OpenID Connect configuration',
    docs: 'For administrators: the guides are in the folder {folder} of the installation, and {command} lists the commands.',
  },
  de: {
    title: 'Anmeldeserver',
    about: 'Sie haben einen Anmeldeserver erreicht. Was möchten Sie tun?',
    login: 'Anmelden',
    account: 'Konto, Geräte und Sitzungen verwalten',
    phone: 'Anfragen in diesem Browser bestätigen, wie auf einem Telefon',
    discovery: 'Für Entwickler: die Konfiguration von OpenID Connect',
    docs: 'Für Administratoren: Die Anleitungen liegen im Ordner {folder} der Installation, und {command} nennt die Befehle.',
  },
  fr: {
    title: 'Serveur de connexion',
    about: 'Vous êtes sur un serveur de connexion. Que souhaitez-vous faire\u00a0?',
    login: 'Se connecter',
    account: 'Gérer votre compte, vos appareils et vos sessions',
    phone: 'Approuver les demandes dans ce navigateur, comme sur un téléphone',
    discovery: 'Pour les développeurs\u00a0: la configuration OpenID Connect',
    docs: 'Pour les administrateurs\u00a0: les guides sont dans le dossier {folder} de l’installation, et {command} liste les commandes.',
  },
  es: {
    title: 'Servidor de inicio de sesión',
    about: 'Ha llegado a un servidor de inicio de sesión. ¿Qué desea hacer?',
    login: 'Iniciar sesión',
    account: 'Gestionar su cuenta, sus dispositivos y sus sesiones',
    phone: 'Aprobar solicitudes en este navegador, como en un teléfono',
    discovery: 'Para desarrolladores: la configuración de OpenID Connect',
    docs: 'Para administradores: las guías están en la carpeta {folder} de la instalación, y {command} muestra los comandos.',
  },
  ja: {
    title: 'ログインサーバー',
    about: 'これはログインサーバーです。何をしますか。',
    login: 'サインイン',
    account: 'アカウント、デバイス、セッションを管理する',
    phone: 'このブラウザーをスマートフォンとして使い、リクエストを承認する',
    discovery: '開発者向け: OpenID Connect の設定',
    docs: '管理者向け: ガイドはインストール先の {folder} フォルダーにあります。コマンドの一覧は {command} で表示されます。',
  },
  ar: {
    title: 'خادم تسجيل الدخول',
    about: 'لقد وصلت إلى خادم تسجيل الدخول. ماذا تريد أن تفعل؟',
    login: 'تسجيل الدخول',
    account: 'إدارة حسابك وأجهزتك وجلساتك',
    phone: 'الموافقة على الطلبات في هذا المتصفح كما في الهاتف',
    discovery: 'للمطورين: إعدادات OpenID Connect',
    docs: 'للمسؤولين: توجد الأدلة في المجلد {folder} ضمن التثبيت، ويعرض {command} قائمة الأوامر.',
  },
};
