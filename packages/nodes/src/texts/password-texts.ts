import type { PASSWORD_TEXTS } from '../basic/password-policies.ts';

type PasswordTexts = Readonly<Record<keyof typeof PASSWORD_TEXTS, string>>;

/** The nodes that set passwords, each of which says what is wrong with one. */
const NODES = ['CreateObjectNode', 'CreatePasswordNode', 'IdentityStoreDecisionNode', 'PatchObjectNode'];

/** What the rules for new passwords are called, by language; English stands in `PASSWORD_TEXTS`. */
const passwordTexts: Readonly<Record<string, PasswordTexts>> = {
  ar: {
    tooShort: 'تحتاج كلمة المرور إلى {{count}} من الأحرف على الأقل.',
    tooLong: 'يُسمح في كلمة المرور بعدد {{count}} من الأحرف على الأكثر.',
    unreadable: 'تحتوي كلمة المرور على حرف لا يمكن قراءته. اكتبها من جديد.',
    common: 'يستخدم كثيرون كلمة المرور هذه، فمن السهل تخمينها. اختر كلمة أخرى.',
    pattern: 'كلمة المرور مكررة أو تتبع ترتيب لوحة المفاتيح. اختر كلمة أخرى.',
    personal: 'لا تكاد كلمة المرور تزيد على اسمك أو اسم هذه الخدمة. اختر كلمة أخرى.',
  },
  de: {
    tooShort: 'Das Passwort braucht mindestens {{count}} Zeichen.',
    tooLong: 'Das Passwort darf höchstens {{count}} Zeichen haben.',
    unreadable: 'Das Passwort enthält ein Zeichen, das nicht lesbar ist. Geben Sie es neu ein.',
    common: 'Dieses Passwort verwenden viele, es ist also leicht zu erraten. Wählen Sie ein anderes.',
    pattern: 'Das Passwort wiederholt sich oder folgt der Tastatur. Wählen Sie ein anderes.',
    personal: 'Das Passwort besteht fast nur aus Ihrem Namen oder dem Namen dieses Dienstes. Wählen Sie ein anderes.',
  },
  es: {
    tooShort: 'La contraseña necesita al menos {{count}} caracteres.',
    tooLong: 'La contraseña puede tener {{count}} caracteres como máximo.',
    unreadable: 'La contraseña contiene un carácter que no se puede leer. Escríbala de nuevo.',
    common: 'Mucha gente usa esta contraseña, así que es fácil de adivinar. Elija otra.',
    pattern: 'La contraseña se repite o sigue el teclado. Elija otra.',
    personal: 'La contraseña es poco más que su nombre o el de este servicio. Elija otra.',
  },
  fr: {
    tooShort: 'Le mot de passe doit avoir au moins {{count}} caractères.',
    tooLong: 'Le mot de passe peut avoir {{count}} caractères au plus.',
    unreadable: 'Le mot de passe contient un caractère illisible. Saisissez-le de nouveau.',
    common: 'Beaucoup de gens utilisent ce mot de passe : il est facile à deviner. Choisissez-en un autre.',
    pattern: 'Le mot de passe se répète ou suit le clavier. Choisissez-en un autre.',
    personal: 'Le mot de passe est presque seulement votre nom ou celui de ce service. Choisissez-en un autre.',
  },
  ja: {
    tooShort: 'パスワードは {{count}} 文字以上にしてください。',
    tooLong: 'パスワードは {{count}} 文字以内にしてください。',
    unreadable: 'パスワードに読み取れない文字が含まれています。入力し直してください。',
    common: 'このパスワードは多くの人が使っていて、推測されやすくなっています。別のものを選んでください。',
    pattern: 'パスワードが繰り返しかキーボードの並びになっています。別のものを選んでください。',
    personal: 'パスワードのほとんどがあなたの名前かこのサービスの名前です。別のものを選んでください。',
  },
};

/** The texts of a language with those of the rules for passwords, once for each node that tells them; sorted. */
export const withPasswordTexts = (
  tag: string,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const rules = NODES.flatMap((node) =>
    Object.entries(passwordTexts[tag] ?? {}).map(([rule, text]) => [`${node}.${rule}`, text] as const),
  );
  return Object.fromEntries([...Object.entries(texts), ...rules].sort(([one], [other]) => (one < other ? -1 : 1)));
};
