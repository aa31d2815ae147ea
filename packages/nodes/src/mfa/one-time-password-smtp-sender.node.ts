import { defineNode, identities, localized, needed, optional, sendLimitsNow, throttle } from '@assent/engine';
import { z } from 'zod';
import { mailer } from '../mail/mailer.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import {
  DEFAULT_GATEWAY,
  mailOneTimePassword,
  mailSecuritySettings,
  mailServerSettings,
  oneTimePasswordMailErrors,
} from './one-time-password/one-time-password-mail.ts';

const DEFAULT_ATTRIBUTE = 'mail';

/** Mails the one-time password. @see spec: node-census §3 */
export const oneTimePasswordSmtpSender = defineNode({
  type: 'OneTimePasswordSmtpSenderNode',
  title: 'OTP Email Sender',
  help: 'Mails the one-time password to the user.',
  tags: ['otp', 'mfa', 'multi-factor authentication'],

  config: z.object({
    ...mailServerSettings,
    emailAttribute: z.string().default(DEFAULT_ATTRIBUTE).meta({
      title: 'Email Attribute Name',
      description: 'The attribute of the user that holds the address.',
    }),
    emailSubject: localized().meta({
      title: 'The subject of the email',
      description: 'By language. {{OTP}} is the password.',
    }),
    emailContent: localized().meta({
      title: 'The content of the email',
      description: 'By language. {{OTP}} is the password; without it, the password follows the text.',
    }),
    ...mailSecuritySettings,
  }),

  outcomes: { outcome: 'Outcome' },
  inputs: [
    needed(key.oneTimePassword),
    optional(key.emailAddress),
    optional(key.objectAttributes),
    optional(key.username),
    optional(key.realm),
  ],
  outputs: [key.emailAddress],
  disturbsOn: ['outcome'],
  answeredBy: { methods: ['mailCode'], at: () => ({ outcome: ['mailCode'] }) },
  uses: [identities, mailer, sendLimitsNow, throttle],
  textFallback: 'first',
  texts: { subject: 'One Time Password', content: 'Your One Time Password: {{OTP}}' },
  errors: {
    noIdentity: 'Failed to get identity with provided user name',
    notRead: 'Failed to find email with provided attribute. Please contact the system administrator.',
    noAddress: 'Failed to find an email address for the specified user.',
    ...oneTimePasswordMailErrors,
    notSent: 'An error occurred while sending the One Time Password. Please contact the system administrator.',
    tooMany: 'Too many mails to one address: this one was not sent, and the journey goes on as if it had been.',
  },

  async process({ config, state, ports, realm, journey, text, fail, report, goTo }) {
    const attribute = config.emailAttribute.trim() === '' ? DEFAULT_ATTRIBUTE : config.emailAttribute;
    const name = state.get(key.username);
    const identity = await onStoreFailure(
      async () => (name === undefined ? undefined : ports.identities.find(name)),
      (cause) => fail('notRead', {}, cause),
    );
    const inState = state.get(key.emailAddress);
    // This node has put the address of the user there, and the journey may be about another user by now.
    const isOfOther = inState !== undefined && journey.isAddressOfOther(identity, 'mailCode', inState);
    const collected = isOfOther ? undefined : (inState ?? firstText(state.get(key.objectAttributes)?.[attribute]));
    const own = identity?.attributes[attribute] ?? [];
    if (collected === undefined && identity === undefined) fail('noIdentity');
    const to = collected ?? own[0] ?? fail('noAddress');
    if (config.smsGatewayImplementationClass !== DEFAULT_GATEWAY) fail('noGateway');
    const password = state.get(key.oneTimePassword) ?? fail('noPassword');
    // Reading a collected address does not prove the user whom the journey names.
    const addressIn = own.includes(to) ? [attribute] : [];
    const owner = identity && { user: identity, addressIn };
    const mailed = await mailOneTimePassword(
      { config, realm, journey, ports, fail, report },
      {
        to,
        owner,
        password,
        subject: text('subject', config.emailSubject),
        content: text('content', config.emailContent),
      },
    );
    if (mailed) {
      journey.noteSentCode(identity, { method: 'mailCode', code: password, addressIn, value: to, to });
      if (collected === undefined) state.set(key.emailAddress, to);
    }
    return goTo('outcome', { mailed });
  },
});

const firstText = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
};
