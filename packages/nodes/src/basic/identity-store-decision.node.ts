import {
  accounts,
  clock,
  confirmationCallback,
  defineNode,
  foldUsername,
  identities,
  needed,
  type PasswordRule,
  parseGeneralizedTime,
  passwordCallback,
  passwordPolicy,
  passwords,
  textOutputCallback,
} from '@assent/engine';
import { z } from 'zod';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { password, universalId, username } from '../state-keys.ts';
import { countOf, PASSWORD_TEXTS } from './password-policies.ts';

/** Attributes of the user by which a directory says that a password has run out, or was set by somebody else. */
const EXPIRY_ATTRIBUTE = 'passwordExpirationTime';
const RESET_ATTRIBUTE = 'pwdReset';

const INFORMATION = 0;
const ERROR = 2;
const SUBMIT = 0;
const CANCEL = 1;

/** Checks user name and password, and lets a password be changed that was reset. @see spec: journeys-rest §7.6 */
export const identityStoreDecision = defineNode({
  type: 'IdentityStoreDecisionNode',
  title: 'Identity Store Decision',
  help: 'Checks the user name and password that the journey has collected, and tells a locked account from a wrong password.',
  tags: ['basic authn', 'basic authentication'],

  config: z.object({
    minimumPasswordLength: z.int().min(0).default(8).meta({
      title: 'Minimum Password Length',
      description: 'Shorter new passwords are refused here; 0 leaves it to the rules of the realm for all passwords.',
    }),
    useUniversalIdForUsername: z.boolean().default(false).meta({
      title: 'Username as Universal Identifier',
      description: 'Go on with the user name as it is stored, however it was typed.',
    }),
    mixedCaseForPasswordChangeMessages: z.boolean().default(false).meta({
      title: 'Use mixed case for password change messages',
      description: 'Off: messages about a change of password are in capitals.',
    }),
  }),

  outcomes: { TRUE: 'True', FALSE: 'False', LOCKED: 'Locked', CANCELLED: 'Cancelled', EXPIRED: 'Expired' },
  inputs: [needed(username), needed(password)],
  outputs: [username, universalId, password],
  outputsAt: { FALSE: [], LOCKED: [], CANCELLED: [], EXPIRED: [] },
  sends: [textOutputCallback, passwordCallback, confirmationCallback],
  proves: ['password'],
  provesAt: () => ({ TRUE: ['password'] }),
  uses: [accounts, clock, identities, passwordPolicy, passwords],
  texts: {
    authenticationFailed: 'Login failure',
    accountLocked: 'User Locked Out.',
    reset: 'Your password was reset. Choose a new one.',
    ...PASSWORD_TEXTS,
    mismatch: 'The new passwords are not the same.',
    invalid: 'The old password is not right.',
    same: 'The new password has to differ from the old one.',
    isName: 'The password must not be the user name.',
    refused: 'This password cannot be used here. Choose another one.',
    oldPassword: 'Old Password',
    newPassword: 'New Password',
    confirmPassword: 'Confirm Password',
    submit: 'SUBMIT',
    cancel: 'CANCEL',
  },

  async process({ config, state, ports, journey, answers, answered, text, goTo, send }) {
    const typed = state.get(username) ?? '';
    const least = Math.max(config.minimumPasswordLength, ports.passwordPolicy.minLength);
    const askForNew = (id: PasswordRule | 'reset' | 'mismatch' | 'invalid' | 'same' | 'isName' | 'refused') => {
      const said = text(id, {}, { count: id === 'tooLong' ? countOf(id, least) : String(least) });
      const message = config.mixedCaseForPasswordChangeMessages ? said : said.toUpperCase();
      return send(
        textOutputCallback({ message, messageType: id === 'reset' ? INFORMATION : ERROR }),
        passwordCallback({ prompt: text('oldPassword') }),
        passwordCallback({ prompt: text('newPassword') }),
        passwordCallback({ prompt: text('confirmPassword') }),
        confirmationCallback({ options: [text('submit'), text('cancel')], defaultOption: CANCEL }),
      );
    };

    const pressed = answered(confirmationCallback);
    if (pressed !== undefined && pressed !== SUBMIT) return goTo('CANCELLED');
    const [, old = '', next = '', again = ''] = answers.map((answer) => String(answer[''] ?? ''));
    if (pressed === SUBMIT) {
      if ([...next].length < least) return askForNew('tooShort');
      if (foldUsername(next) === foldUsername(typed)) return askForNew('isName');
      const owner = (await ports.identities.find(typed)) ?? { username: typed };
      const [broken] = await ports.passwordPolicy.brokenRules(next, owner);
      if (broken !== undefined) return askForNew(broken);
      if (next !== again) return askForNew('mismatch');
      if (next === old) return askForNew('same');
    }

    const given = pressed === SUBMIT ? old : (state.get(password) ?? '');
    const verdict = await ports.passwords.verify(typed, given);
    const isLocked = () => {
      journey.setLockoutMessage(text('accountLocked'));
      journey.setErrorMessage(text('accountLocked'));
      return goTo('LOCKED');
    };
    if (verdict.status === 'locked') return isLocked();
    if (verdict.status === 'expired') return goTo('EXPIRED');
    if (verdict.status === 'wrong' || given.trim() === '') {
      if (pressed === SUBMIT) return askForNew('invalid');
      journey.setErrorMessage(text('authenticationFailed'));
      return goTo('FALSE');
    }
    const identity = (await ports.identities.find(verdict.identity.username)) ?? verdict.identity;
    if (!identity.active) return isLocked();
    const expiresAt = parseGeneralizedTime(identity.attributes[EXPIRY_ATTRIBUTE]?.[0] ?? '');
    if (expiresAt !== undefined && expiresAt <= ports.clock.now()) return goTo('EXPIRED');
    if (pressed === SUBMIT) {
      if ((await ports.accounts.setPassword(identity.username, next, old)) === 'refused') return askForNew('refused');
      await ports.identities.setAttributes(identity.username, { [RESET_ATTRIBUTE]: [] });
      state.set(password, next);
      journey.audit('USER_PASSWORD_SET');
    } else if (verdict.status === 'mustChange' || identity.attributes[RESET_ATTRIBUTE]?.[0]?.toLowerCase() === 'true') {
      return askForNew('reset');
    }

    if (config.useUniversalIdForUsername) state.set(username, identity.username);
    journey.identify(identity);
    journey.prove(identity, 'password');
    state.set(universalId, universalIdOf(identity));
    return goTo('TRUE');
  },
});
