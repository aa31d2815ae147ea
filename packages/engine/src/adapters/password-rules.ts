/** What a new password can break; whether one that is there already keeps them is not asked (SEC-55). */
export type PasswordRule = 'tooShort' | 'tooLong' | 'unreadable' | 'common' | 'pattern' | 'personal';

/** Characters, as people count them. Nothing is cut off: a longer one is refused. */
export const MAX_PASSWORD_LENGTH = 1_024;
/** Whether a text is longer than any password can be: whoever has chosen one of signs that take two UTF-16 units each signs in with it. */
export const isTooLongPassword = (text: string): boolean =>
  text.length > 2 * MAX_PASSWORD_LENGTH ||
  (text.length > MAX_PASSWORD_LENGTH && [...text].length > MAX_PASSWORD_LENGTH);
/** Beside a second factor; where the password is alone a realm asks for 15 (NIST SP 800-63B-4 §3.1.1.2). */
export const MIN_PASSWORD_LENGTH = 8;

/** What of a realm and its user a password is compared with. */
export interface PasswordSurroundings {
  readonly minLength: number;
  /** Names of the user, of the realm and of the service. */
  readonly words: readonly string[];
}

/** One spelling of a password however it was typed, by which it is compared with others; it is hashed in its own case. */
const foldPassword = (password: string): string => password.normalize('NFKC').toLowerCase().trim();

/** Rows of keyboards and of the alphabet, each as a ring: who has come to the end goes on at the beginning. */
const ROWS = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
];
/** Longer ones are no pattern that a person types without thinking. */
const MAX_PERIOD = 32;

const reversed = (text: string): string => [...text].reverse().join('');

/** Whether it is a shorter text again and again, or goes along a row. */
const isPattern = (folded: string): boolean => {
  const longest = Math.min(MAX_PERIOD, Math.floor(folded.length / 2));
  for (let period = 1; period <= longest; period += 1) {
    if (folded.startsWith(folded.slice(period))) return true;
  }
  return ROWS.some((row) => {
    const ring = row.repeat(Math.ceil(folded.length / row.length) + 1);
    return ring.includes(folded) || reversed(ring).includes(folded);
  });
};

/** A shorter word stands in too many passwords by chance. */
const MIN_WORD = 4;
/** Of letters and digits that are left beside names: fewer are tried in no time by whoever knows the user. */
const MIN_BESIDE_NAMES = 6;

const isPersonal = (folded: string, words: readonly string[]): boolean => {
  const known = [...new Set(words.map(foldPassword))]
    .filter((word) => word.length >= MIN_WORD)
    .sort((one, other) => other.length - one.length);
  // A mark stands where a word was, so that what was around it makes no other word.
  const rest = known.reduce((text, word) => text.replaceAll(word, '\0'), folded);
  if (rest === folded) return false;
  const left = rest.replaceAll(/[^\p{L}\p{N}]/gu, '');
  return [...left].length < MIN_BESIDE_NAMES || isPattern(left);
};

/**
 * The rules that a new password breaks, in the order in which they are told; `isCommon` is asked about the folded text of one that is well
 * formed and not too long. The whole password is compared, and no word in it but names (NIST SP 800-63B-4 §3.1.1.2); what it is made of is
 * nobody's concern.
 */
export const brokenPasswordRules = (
  password: string,
  { minLength, words }: PasswordSurroundings,
  isCommon: (folded: string) => boolean,
): readonly PasswordRule[] => {
  // An unpaired surrogate has no bytes of its own: two passwords that differ in it alone would be one.
  if (/\p{Cs}/u.test(password)) return ['unreadable'];
  if (isTooLongPassword(password)) return ['tooLong'];
  const normal = password.normalize('NFKC');
  const folded = foldPassword(password);
  // A sign that unfolds to several letters is one keystroke, and two signs that make one letter are one letter.
  const isShort = Math.min([...password].length, [...normal].length) < minLength;
  // What else is wrong with it is no help: it has to be another one anyway.
  if (isShort) return ['tooShort'];
  return [
    ...(isCommon(folded) ? (['common'] as const) : []),
    ...(isPattern(folded) ? (['pattern'] as const) : []),
    ...(isPersonal(folded, words) ? (['personal'] as const) : []),
  ];
};
