import { clock, defineNode, identities, needed, optional, passwordCallback, throttle } from '@assent/engine';
import { sameBytes } from '@assent/push/jose';
import { z } from 'zod';
import { oneTimePassword, oneTimePasswordTimestamp, username } from '../state-keys.ts';
import { ONE_TIME_PASSWORD_POLICY, oneTimePasswordSubject } from './one-time-password/one-time-password-limits.ts';

/** Asks for the one-time password that was sent. @see spec: node-census §3 */
export const oneTimePasswordCollectorDecision = defineNode({
  type: 'OneTimePasswordCollectorDecisionNode',
  title: 'OTP Collector Decision',
  help: 'Asks for the one-time password, and whether it is right and in time.',
  tags: ['otp', 'mfa', 'multi-factor authentication'],

  config: z.object({
    passwordExpiryTime: z.int().min(1).default(5).meta({
      title: 'One Time Password Validity Length',
      description: 'How many minutes the password is good for.',
    }),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [needed(oneTimePassword), optional(oneTimePasswordTimestamp), optional(username)],
  sends: [passwordCallback],
  secondFactor: ['true'],
  proves: ['mailCode', 'smsCode'],
  uses: [clock, identities, throttle],
  texts: { prompt: 'One Time Password' },
  errors: { locked: 'Too many wrong one-time passwords: they are refused for a while, and the journey ends.' },

  async process({ config, state, ports, journey, answered, text, fail, goTo, send }) {
    const given = answered(passwordCallback);
    if (given === undefined || given === '') return send(passwordCallback({ prompt: text('prompt') }));

    const name = state.get(username);
    const identity = name === undefined ? undefined : await ports.identities.find(name);
    const subject = oneTimePasswordSubject(identity?.id, journey.id);
    const guess = { ...identity, userId: identity?.id };
    const { locked } = await ports.throttle.state(subject, guess);
    if (locked) {
      journey.auditRefusal('oneTimePassword', 'locked');
      fail('locked');
    }

    const sentAt = state.get(oneTimePasswordTimestamp);
    const isInTime = sentAt !== undefined && ports.clock.now() < sentAt * 1_000 + config.passwordExpiryTime * 60_000;
    // Also a journey that was begun for one user and goes on for another shows the code of the first.
    const isOfOther = journey.isCodeOfOther(identity, given.trim());
    // A reader of the former mailbox or phone is not the user, so a code that was sent there counts as expired.
    const isOver = !isInTime || (identity !== undefined && journey.isCodeToFormerAddress(identity, given.trim()));
    if (isOver || !isSame(state.get(oneTimePassword), given) || isOfOther) {
      await ports.throttle.hit(subject, ONE_TIME_PASSWORD_POLICY, guess);
      journey.auditRefusal('oneTimePassword');
      // The guess that locks ends the journey, and so does every one until the lock is over.
      if ((await ports.throttle.state(subject, guess)).locked) fail('locked');
      return goTo('false');
    }
    // A password that no node has sent to an address of the user's lets the journey go on, and proves nothing to others.
    const method = identity && journey.proveSentCode(identity, given.trim());
    if (identity !== undefined && journey.isCodeToOwnAddress(identity, given.trim())) journey.bindTo(identity);
    const claim = identity && journey.addressOfSentCode(identity, given.trim());
    if (identity !== undefined && claim !== undefined)
      await ports.identities.proveAddress(identity.username, claim.attribute, claim.address);
    state.remove(oneTimePassword);
    state.remove(oneTimePasswordTimestamp);
    // A caller who typed the address, or changed it by the password alone, would otherwise get new guesses at the codes of the user.
    if (method === undefined) await ports.throttle.demandUnlocked(subject, guess);
    else await ports.throttle.clear(subject, guess);
    return goTo('true');
  },
});

/** Takes as long whichever digit is wrong. Blanks around a password that was copied from a mail are no part of it. */
const isSame = (expected: unknown, given: string): boolean =>
  typeof expected === 'string' && sameBytes(Buffer.from(expected), Buffer.from(given.trim()));
