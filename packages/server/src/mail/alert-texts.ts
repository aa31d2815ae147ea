import type { NoticeLanguage } from './notice-texts.ts';

/** What those who look after a realm read about an account under attack (SEC-26). */
interface AlertTexts {
  readonly subject: string;
  /** `{user}` is the name to sign in by, `{realm}` the path of the realm, `{time}` is UTC. */
  readonly about: string;
  readonly notMe: string;
  readonly tooLate: string;
  readonly paused: string;
  readonly whatToDo: string;
}

export const alertTexts: Readonly<Record<NoticeLanguage, AlertTexts>> = {
  en: {
    subject: 'Somebody may be attacking an account',
    about: 'Account {user}, realm {realm}, {time}:',
    notMe:
      'The user said on their phone that a sign-in request was not theirs. Whoever asked may know the password. Requests from browsers that we do not know are paused.',
    tooLate:
      'The user denied a sign-in on their phone after it had gone through. Look at the sessions of the account now. Requests from browsers that we do not know are paused.',
    paused: 'The user has paused requests to their phones for an hour.',
    whatToDo: 'Ask the user, set a new password, and end the sessions that are not theirs.',
  },
  de: {
    subject: 'Ein Konto wird möglicherweise angegriffen',
    about: 'Konto {user}, Realm {realm}, {time}:',
    notMe:
      'Auf dem Smartphone wurde gesagt, dass eine Anmeldeanfrage von jemand anderem kam. Wer sie gestellt hat, kennt vielleicht das Passwort. Anfragen aus unbekannten Browsern sind ausgesetzt.',
    tooLate:
      'Auf dem Smartphone wurde eine Anmeldung abgelehnt, als sie schon durch war. Sehen Sie jetzt die Sitzungen des Kontos an. Anfragen aus unbekannten Browsern sind ausgesetzt.',
    paused: 'Anfragen an die Smartphones dieses Kontos wurden für eine Stunde ausgesetzt.',
    whatToDo: 'Fragen Sie nach, setzen Sie ein neues Passwort und beenden Sie fremde Sitzungen.',
  },
  fr: {
    subject: 'Un compte est peut-être attaqué',
    about: 'Compte {user}, domaine {realm}, {time}\u00a0:',
    notMe:
      'Sur son téléphone, l’utilisateur a indiqué qu’une demande de connexion ne venait pas de lui. La personne qui l’a faite connaît peut-être le mot de passe. Les demandes de navigateurs inconnus sont suspendues.',
    tooLate:
      'Sur son téléphone, l’utilisateur a refusé une connexion qui avait déjà abouti. Examinez maintenant les sessions du compte. Les demandes de navigateurs inconnus sont suspendues.',
    paused: 'L’utilisateur a suspendu pour une heure les demandes à ses téléphones.',
    whatToDo:
      'Contactez l’utilisateur, définissez un nouveau mot de passe et fermez les sessions qui ne sont pas les siennes.',
  },
  es: {
    subject: 'Puede que alguien esté atacando una cuenta',
    about: 'Cuenta {user}, dominio {realm}, {time}:',
    notMe:
      'El usuario indicó en su teléfono que una solicitud de inicio de sesión no era suya. Quien la hizo quizá conozca la contraseña. Las solicitudes de navegadores desconocidos están en pausa.',
    tooLate:
      'El usuario rechazó en su teléfono un inicio de sesión que ya se había completado. Revise ahora las sesiones de la cuenta. Las solicitudes de navegadores desconocidos están en pausa.',
    paused: 'El usuario ha puesto en pausa durante una hora las solicitudes a sus teléfonos.',
    whatToDo: 'Pregunte al usuario, establezca una contraseña nueva y cierre las sesiones que no sean suyas.',
  },
  ja: {
    subject: 'アカウントが攻撃を受けている可能性があります',
    about: 'アカウント {user}、レルム {realm}、{time}:',
    notMe:
      'サインインのリクエストに心当たりがないと、ユーザーがスマートフォンで回答しました。リクエストした人物はパスワードを知っている可能性があります。見覚えのないブラウザーからのリクエストは停止しています。',
    tooLate:
      'すでに完了したサインインを、ユーザーがスマートフォンで拒否しました。すぐにこのアカウントのセッションを確認してください。見覚えのないブラウザーからのリクエストは停止しています。',
    paused: 'ユーザーがスマートフォンへのリクエストを 1 時間停止しました。',
    whatToDo: 'ユーザーに確認し、新しいパスワードを設定して、本人のものではないセッションを終了してください。',
  },
  ar: {
    subject: 'قد يكون أحد الحسابات عرضة لهجوم',
    about: 'الحساب {user}، النطاق {realm}، {time}:',
    notMe:
      'أفاد المستخدم على هاتفه بأن طلب تسجيل دخول لم يكن منه. قد يعرف صاحب الطلب كلمة المرور. أُوقفت مؤقتًا الطلبات من المتصفحات غير المعروفة.',
    tooLate:
      'رفض المستخدم على هاتفه تسجيل دخول كان قد اكتمل. راجع جلسات الحساب الآن. أُوقفت مؤقتًا الطلبات من المتصفحات غير المعروفة.',
    paused: 'أوقف المستخدم الطلبات إلى هواتفه لمدة ساعة.',
    whatToDo: 'اسأل المستخدم، وعيّن كلمة مرور جديدة، وأنهِ الجلسات التي ليست له.',
  },
};
