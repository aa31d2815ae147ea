import type { SetupCodeProblem } from '@assent/push/protocol';
import { PhoneError } from '../account/phone-error.ts';

/** What the parameters of a setup code are to a person. */
const MEANINGS: Readonly<Record<string, string>> = {
  m: 'its message id',
  s: 'its key',
  secret: 'its key',
  c: 'its challenge',
  r: 'its address',
  a: 'its address',
  image: 'its logo',
  issuer: 'its issuer',
  l: 'its cookie',
  uid: 'its user id',
  d: 'its user id',
  pid: 'its device id',
};

const isNoCode = ({ reason }: SetupCodeProblem): boolean => reason === 'other-scheme' || reason === 'not-complete';

/** The refusal of a setup code, in a sentence for a person. */
export const setupCodeRefusal = (problem: SetupCodeProblem): PhoneError =>
  isNoCode(problem)
    ? new PhoneError(
        'NOT_A_SETUP_CODE',
        sentenceOf(problem),
        'copy the whole code, which starts with pushauth://, mfauth:// or otpauth://, and put it in quotes',
      )
    : new PhoneError('SETUP_CODE_REFUSED', sentenceOf(problem), 'get a new setup code on the page where you sign in');

function sentenceOf(problem: SetupCodeProblem): string {
  switch (problem.reason) {
    case 'missing':
      return `This setup code lacks ${MEANINGS[problem.parameter]} ("${problem.parameter}").`;
    case 'unreadable':
      return `This setup code is damaged: ${MEANINGS[problem.parameter]} ("${problem.parameter}") cannot be read.`;
    case 'not-a-number':
      return `This setup code is damaged: "${problem.parameter}" is no number.`;
    case 'twice':
      return `This setup code says "${problem.parameter.slice(0, 20)}" twice.`;
    case 'key-length':
      return `The key of this setup code has ${problem.bytes} bytes, and at least 32 are needed.`;
    case 'challenge-length':
      return `The challenge of this setup code has ${problem.bytes} bytes instead of 32.`;
    case 'two-servers':
      return `This setup code names two servers, ${problem.hosts.join(' and ')}.`;
    case 'other-action':
      return `The address ("${problem.parameter}") in this setup code does not say _action=${problem.action}.`;
    default:
      return SENTENCES[problem.reason];
  }
}

type PlainReason = Exclude<
  SetupCodeProblem['reason'],
  | 'missing'
  | 'unreadable'
  | 'not-a-number'
  | 'twice'
  | 'key-length'
  | 'challenge-length'
  | 'two-servers'
  | 'other-action'
>;

const SENTENCES: Readonly<Record<PlainReason, string>> = {
  'other-scheme': 'This is not a setup code.',
  'not-complete': 'This is not a setup code.',
  'too-long': 'This setup code is too long.',
  'stray-character': 'This setup code holds characters that do not belong there. It may have been cut or wrapped.',
  'percent-escape': 'This setup code is damaged: a percent sign is not followed by two digits.',
  version: 'This setup code has a version that this kind of phone does not know.',
  'no-account': 'This setup code does not say which account it is for.',
  'message-id': 'The message id of this setup code is not usable.',
  'no-issuer': 'This setup code lacks the issuer ("issuer") without which this kind of phone refuses it.',
  'two-issuers': 'This setup code names two different issuers.',
  'no-cookie': 'This setup code lacks the cookie ("l") without which this kind of phone refuses it.',
  'not-https': 'This setup code leads to an address that is not protected by https.',
  'not-a-plain-address': 'The address in this setup code is not a plain one.',
  'two-endpoints': 'The two addresses of this setup code do not belong together.',
  digits: 'This setup code asks for codes of neither 6 nor 8 digits.',
  period: 'This setup code asks for codes that are good for no time.',
  hash: 'This setup code asks for a kind of code that this phone does not know.',
};
