/** Of what happens to an account its user gets a mail (SEC-13; spec: oidc §5.2), by the event of the audit trail. */
export const NOTICED_EVENTS = [
  'DEVICE_ADD',
  'DEVICE_RENAME',
  'DEVICE_REMOVE',
  'DEVICE_CHANNEL_DEAD',
  'RECOVERY_CREATED',
  'RECOVERY_USED',
  'OPTOUT_SET',
  'MFA_RESET',
  'FACTOR_DISABLED',
  'PASSKEY_COUNTER',
  'TOKEN_REUSE',
  'PUSH_ALERT',
  'PUSH_PAUSED',
  'USER_ADDRESS_SET',
  'USER_PASSWORD_SET',
] as const;

export type NoticedEvent = (typeof NOTICED_EVENTS)[number];

export interface NoticeTexts {
  readonly subject: string;
  /** `{user}` is the name to sign in by, `{time}` is UTC. */
  readonly about: string;
  /** In its place where the address is not proven: the reader may be another person, and the name is text of the user. */
  readonly aboutUnproven: string;
  /** `{url}` leads to the account page. */
  readonly notYou: string;
  readonly happened: Readonly<Record<NoticedEvent, string>>;
}

export const NOTICE_LANGUAGES = ['en', 'de', 'fr', 'es', 'ja', 'ar'] as const;
export type NoticeLanguage = (typeof NOTICE_LANGUAGES)[number];

/** The first of these tags that we have texts for. */
export const languageOf = (tags: readonly (string | undefined)[]): NoticeLanguage =>
  tags.flatMap((tag) => NOTICE_LANGUAGES.find((it) => it === tag?.slice(0, 2)) ?? [])[0] ?? 'en';

/** How a mail says when something was. */
export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What the mails say, in all our languages. */
export const noticeTexts: Readonly<Record<NoticeLanguage, NoticeTexts>> = {
  en: {
    subject: 'Your account has changed',
    about: 'Account {user}, {time}:',
    aboutUnproven: 'An account with this email address, {time}:',
    notYou: 'Was this not you? Sign in at {url}, sign out others, and remove what you do not know.',
    happened: {
      DEVICE_ADD: 'A device was added.',
      DEVICE_RENAME: 'A device was renamed.',
      DEVICE_REMOVE: 'A device was removed.',
      DEVICE_CHANNEL_DEAD: 'A phone can no longer be reached. Open its app once, and requests arrive there again.',
      RECOVERY_CREATED: 'New recovery codes were made.',
      RECOVERY_USED: 'A recovery code was used.',
      OPTOUT_SET: 'Whether a phone is asked for at sign-in was changed.',
      MFA_RESET: 'All devices of a kind were removed.',
      PASSKEY_COUNTER:
        'A passkey was used as if there were a copy of it. If you do not know why, remove it and add a new one.',
      FACTOR_DISABLED:
        'Somebody guessed wrong a hundred times in a row. Browsers and addresses that you have not used before are refused until you choose a new password. Yours go on.',
      TOKEN_REUSE: 'Somebody used an old key of an app. We signed the app out; the account page says which.',
      PUSH_ALERT:
        'A request to your phone was reported as not yours. Whoever asked may know your password: change it. Requests from browsers that we do not know are paused.',
      PUSH_PAUSED: 'Requests to your phones were paused for an hour.',
      USER_ADDRESS_SET:
        'Your email address or phone number was changed. For seven days, codes that are sent there may not be enough to confirm that it is you.',
      USER_PASSWORD_SET: 'Your password was changed.',
    },
  },
  de: {
    subject: 'Ihr Konto wurde geändert',
    about: 'Konto {user}, {time}:',
    aboutUnproven: 'Ein Konto mit dieser E-Mail-Adresse, {time}:',
    notYou:
      'Waren Sie das nicht? Melden Sie sich an unter {url}, melden Sie andere ab und entfernen Sie, was Sie nicht kennen.',
    happened: {
      DEVICE_ADD: 'Ein Gerät wurde hinzugefügt.',
      DEVICE_RENAME: 'Ein Gerät wurde umbenannt.',
      DEVICE_REMOVE: 'Ein Gerät wurde entfernt.',
      DEVICE_CHANNEL_DEAD:
        'Ein Smartphone ist nicht mehr erreichbar. Öffnen Sie dort einmal die App, dann kommen Anfragen wieder an.',
      RECOVERY_CREATED: 'Neue Wiederherstellungscodes wurden erstellt.',
      RECOVERY_USED: 'Ein Wiederherstellungscode wurde benutzt.',
      OPTOUT_SET: 'Ob bei der Anmeldung nach einem Smartphone gefragt wird, wurde geändert.',
      MFA_RESET: 'Alle Geräte einer Art wurden entfernt.',
      PASSKEY_COUNTER:
        'Ein Passkey wurde benutzt, als gäbe es eine Kopie davon. Wenn Sie nicht wissen, warum, entfernen Sie ihn und fügen Sie einen neuen hinzu.',
      FACTOR_DISABLED:
        'Jemand hat hundertmal hintereinander falsch geraten. Browser und Adressen, die Sie noch nicht benutzt haben, werden abgewiesen, bis Sie ein neues Passwort wählen. Ihre funktionieren weiter.',
      TOKEN_REUSE:
        'Jemand hat einen alten Schlüssel einer App benutzt. Wir haben die App abgemeldet; welche es war, sagt die Kontoseite.',
      PUSH_ALERT:
        'Eine Anfrage an Ihr Smartphone wurde als fremd gemeldet. Wer sie gestellt hat, kennt vielleicht Ihr Passwort: Ändern Sie es. Anfragen aus unbekannten Browsern sind ausgesetzt.',
      PUSH_PAUSED: 'Anfragen an Ihre Smartphones wurden für eine Stunde ausgesetzt.',
      USER_ADDRESS_SET:
        'Ihre E-Mail-Adresse oder Telefonnummer wurde geändert. Sieben Tage lang reichen Codes, die dorthin gehen, vielleicht nicht als Bestätigung aus.',
      USER_PASSWORD_SET: 'Ihr Passwort wurde geändert.',
    },
  },
  fr: {
    subject: 'Votre compte a été modifié',
    about: 'Compte {user}, {time}\u00a0:',
    aboutUnproven: 'Un compte avec cette adresse e-mail, {time}\u00a0:',
    notYou:
      'Ce n’était pas vous\u00a0? Connectez-vous sur {url}, déconnectez les autres et supprimez ce que vous ne connaissez pas.',
    happened: {
      DEVICE_ADD: 'Un appareil a été ajouté.',
      DEVICE_RENAME: 'Un appareil a été renommé.',
      DEVICE_REMOVE: 'Un appareil a été supprimé.',
      DEVICE_CHANNEL_DEAD:
        'Un téléphone n’est plus joignable. Ouvrez-y l’appli une fois, et les demandes y arriveront de nouveau.',
      RECOVERY_CREATED: 'De nouveaux codes de récupération ont été créés.',
      RECOVERY_USED: 'Un code de récupération a été utilisé.',
      OPTOUT_SET: 'L’usage d’un téléphone à la connexion a été modifié.',
      MFA_RESET: 'Tous les appareils d’un type ont été supprimés.',
      PASSKEY_COUNTER:
        'Une clé d’accès a été utilisée comme s’il en existait une copie. Si vous ne savez pas pourquoi, supprimez-la et ajoutez-en une nouvelle.',
      FACTOR_DISABLED:
        'Quelqu’un s’est trompé cent fois de suite. Les navigateurs et adresses que vous n’avez pas encore utilisés sont refusés jusqu’à ce que vous choisissiez un nouveau mot de passe. Les vôtres fonctionnent toujours.',
      TOKEN_REUSE:
        'Quelqu’un a utilisé une ancienne clé d’une appli. Nous avons déconnecté l’appli\u00a0; la page du compte dit laquelle.',
      PUSH_ALERT:
        'Une demande à votre téléphone a été signalée comme n’étant pas de vous. La personne qui l’a faite connaît peut-être votre mot de passe\u00a0: changez-le. Les demandes de navigateurs inconnus sont suspendues.',
      PUSH_PAUSED: 'Les demandes à vos téléphones ont été suspendues pour une heure.',
      USER_ADDRESS_SET:
        'Votre adresse e-mail ou votre numéro de téléphone a été modifié. Pendant sept jours, les codes qui y sont envoyés peuvent ne pas suffire à confirmer que c’est bien vous.',
      USER_PASSWORD_SET: 'Votre mot de passe a été modifié.',
    },
  },
  es: {
    subject: 'Su cuenta ha cambiado',
    about: 'Cuenta {user}, {time}:',
    aboutUnproven: 'Una cuenta con esta dirección de correo electrónico, {time}:',
    notYou: '¿No fue usted? Inicie sesión en {url}, cierre las demás sesiones y quite lo que no conozca.',
    happened: {
      DEVICE_ADD: 'Se añadió un dispositivo.',
      DEVICE_RENAME: 'Se cambió el nombre de un dispositivo.',
      DEVICE_REMOVE: 'Se quitó un dispositivo.',
      DEVICE_CHANNEL_DEAD:
        'Ya no se puede contactar con un teléfono. Abra allí la aplicación una vez y las solicitudes volverán a llegar.',
      RECOVERY_CREATED: 'Se crearon códigos de recuperación nuevos.',
      RECOVERY_USED: 'Se usó un código de recuperación.',
      OPTOUT_SET: 'Se cambió si se pide un teléfono al iniciar sesión.',
      MFA_RESET: 'Se quitaron todos los dispositivos de un tipo.',
      PASSKEY_COUNTER:
        'Se usó una clave de acceso como si hubiera una copia de ella. Si no sabe por qué, quítela y añada una nueva.',
      FACTOR_DISABLED:
        'Alguien se equivocó cien veces seguidas. Se rechazan los navegadores y direcciones que usted no haya usado antes hasta que elija una contraseña nueva. Los suyos siguen funcionando.',
      TOKEN_REUSE:
        'Alguien usó una clave antigua de una aplicación. Hemos cerrado su sesión; la página de la cuenta dice cuál es.',
      PUSH_ALERT:
        'Se indicó que una solicitud a su teléfono no era suya. Quien la hizo quizá conozca su contraseña: cámbiela. Las solicitudes de navegadores desconocidos están en pausa.',
      PUSH_PAUSED: 'Las solicitudes a sus teléfonos se pusieron en pausa durante una hora.',
      USER_ADDRESS_SET:
        'Se cambió su dirección de correo o su número de teléfono. Durante siete días, los códigos que se envíen allí quizá no basten para confirmar que es usted.',
      USER_PASSWORD_SET: 'Se cambió su contraseña.',
    },
  },
  ja: {
    subject: 'アカウントが変更されました',
    about: 'アカウント {user}、{time}:',
    aboutUnproven: 'このメールアドレスのアカウント、{time}:',
    notYou:
      '心当たりがない場合は、{url} でサインインし、ほかをサインアウトして、見覚えのないデバイスを削除してください。',
    happened: {
      DEVICE_ADD: 'デバイスが追加されました。',
      DEVICE_RENAME: 'デバイスの名前が変更されました。',
      DEVICE_REMOVE: 'デバイスが削除されました。',
      DEVICE_CHANNEL_DEAD:
        'スマートフォンに通知が届かなくなりました。そのスマートフォンでアプリを一度開くと、また届くようになります。',
      RECOVERY_CREATED: '新しいリカバリーコードが作成されました。',
      RECOVERY_USED: 'リカバリーコードが使われました。',
      OPTOUT_SET: 'サインインでスマートフォンを使うかどうかが変更されました。',
      MFA_RESET: '同じ種類のデバイスがすべて削除されました。',
      PASSKEY_COUNTER:
        'パスキーが、複製があるかのように使われました。心当たりがない場合は、そのパスキーを削除し、新しいものを追加してください。',
      FACTOR_DISABLED:
        '誰かが100回続けて間違えました。新しいパスワードを設定するまで、これまで使ったことのないブラウザーやアドレスからはサインインできません。お使いのものは引き続き使えます。',
      TOKEN_REUSE:
        'アプリの古いキーが誰かに使われました。そのアプリをサインアウトしました。どのアプリかはアカウントページで確認できます。',
      PUSH_ALERT:
        'スマートフォンへのリクエストに心当たりがないと報告されました。リクエストした人物はパスワードを知っている可能性があります。パスワードを変更してください。見覚えのないブラウザーからのリクエストは停止しています。',
      PUSH_PAUSED: 'スマートフォンへのリクエストが 1 時間停止されました。',
      USER_ADDRESS_SET:
        'メールアドレスまたは電話番号が変更されました。7 日間は、そこに送られるコードだけではご本人の確認に足りないことがあります。',
      USER_PASSWORD_SET: 'パスワードが変更されました。',
    },
  },
  ar: {
    subject: 'تغيّر حسابك',
    about: 'الحساب {user}، {time}:',
    aboutUnproven: 'حساب بعنوان البريد الإلكتروني هذا، {time}:',
    notYou: 'ألم تكن أنت؟ سجّل الدخول على {url}، وسجّل خروج الأخرى، وأزل ما لا تعرفه.',
    happened: {
      DEVICE_ADD: 'أضيف جهاز.',
      DEVICE_RENAME: 'أعيدت تسمية جهاز.',
      DEVICE_REMOVE: 'أُزيل جهاز.',
      DEVICE_CHANNEL_DEAD:
        'لم يعد الوصول إلى أحد الهواتف ممكنًا. افتح التطبيق عليه مرة واحدة لتصل الطلبات إليه من جديد.',
      RECOVERY_CREATED: 'أُنشئت رموز استرداد جديدة.',
      RECOVERY_USED: 'استُخدم رمز استرداد.',
      OPTOUT_SET: 'تغيّر طلب الهاتف عند تسجيل الدخول.',
      MFA_RESET: 'أُزيلت كل الأجهزة من نوع واحد.',
      PASSKEY_COUNTER: 'استُخدم مفتاح مرور كما لو كانت له نسخة أخرى. إن لم تعرف السبب فأزله وأضف مفتاحًا جديدًا.',
      FACTOR_DISABLED:
        'أخطأ أحدهم مئة مرة متتالية. لن تُقبل المتصفحات والعناوين التي لم تستخدمها من قبل حتى تختار كلمة مرور جديدة. أما ما تستخدمه فيظل يعمل.',
      TOKEN_REUSE: 'استخدم أحدهم مفتاحًا قديمًا لأحد التطبيقات. سجّلنا خروج التطبيق، وتذكر صفحة الحساب أيّها هو.',
      PUSH_ALERT:
        'أُبلغ بأن طلبًا إلى هاتفك لم يكن منك. قد يعرف صاحب الطلب كلمة مرورك: غيّرها. أُوقفت مؤقتًا الطلبات من المتصفحات غير المعروفة.',
      PUSH_PAUSED: 'أُوقفت الطلبات إلى هواتفك لمدة ساعة.',
      USER_ADDRESS_SET:
        'تغيّر عنوان بريدك الإلكتروني أو رقم هاتفك. لمدة سبعة أيام قد لا تكفي الرموز المرسلة إليه لتأكيد أنك صاحب الحساب.',
      USER_PASSWORD_SET: 'تغيّرت كلمة مرورك.',
    },
  },
};
