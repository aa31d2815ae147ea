import { defineNode, fillIn, identities, localized, needed, optional, throttle } from '@assent/engine';
import { z } from 'zod';
import { mayMail } from '../mail/mail-limit.ts';
import { mailer } from '../mail/mailer.ts';
import * as key from '../state-keys.ts';
import { orElse } from '../store-trouble.ts';
import {
  DEFAULT_GATEWAY,
  mailSecuritySettings,
  mailServerOf,
  mailServerSettings,
  withPassword,
} from './one-time-password-mail.ts';

const DEFAULT_ATTRIBUTE = 'mail';

/**
 * Mails the one-time password. @see spec: node-census §3
 *
 * The mail goes out while the node runs, ahead of the commit: a server that refuses it must end the journey in error, so
 * the node cannot go on before it knows. A mail whose commit then fails is harmless, since the password in it is in no
 * state and opens nothing; and the port sends a mail once, however often the submit runs.
 */
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
  uses: [identities, mailer, throttle],
  textFallback: 'first',
  texts: { subject: 'One Time Password', content: 'Your one-time password: {{OTP}}' },
  errors: {
    noIdentity: 'Failed to get identity with provided user name',
    notRead: 'Failed to find email with provided attribute. Please contact the system administrator.',
    noAddress: 'Failed to find an email address for the specified user.',
    noPassword: 'One time password not found',
    noGateway: 'Failed to create Sms sender class',
    notSent: 'An error occurred while sending the One Time Password. Please contact the system administrator.',
    noSecretStore: 'There is no secret store to look up "{{label}}" in; the password of the node is used.',
    tooMany: 'Too many mails to one address: this one was not sent, and the journey goes on as if it had been.',
  },

  async process({ config, state, ports, realm, text, fail, report, goTo }) {
    const attribute = config.emailAttribute.trim() === '' ? DEFAULT_ATTRIBUTE : config.emailAttribute;
    const collected = state.get(key.emailAddress) ?? firstText(state.get(key.objectAttributes)?.[attribute]);
    let to = collected;
    if (to === undefined) {
      const name = state.get(key.username);
      const found = await orElse(
        async () => (name === undefined ? undefined : ports.identities.find(name)),
        (cause) => fail('notRead', {}, cause),
      );
      const identity = found ?? fail('noIdentity');
      to = identity.attributes[attribute]?.[0] ?? fail('noAddress');
      state.set(key.emailAddress, to);
    }
    if (config.smsGatewayImplementationClass !== DEFAULT_GATEWAY) fail('noGateway');
    const password = state.get(key.oneTimePassword) ?? fail('noPassword');
    if (config.secretLabelIdentifier) report('noSecretStore', { label: config.secretLabelIdentifier });

    if (!(await mayMail(ports.throttle, realm.realm, to))) {
      report('tooMany');
      return goTo('outcome', { mailed: false });
    }

    const result = await orElse(
      () =>
        ports.mailer.send({
          server: mailServerOf(config),
          from: config.fromEmailAddress,
          to,
          subject: fillIn(text('subject', config.emailSubject), { OTP: password }),
          text: withPassword(text('content', config.emailContent), password),
        }),
      (cause) => fail('notSent', {}, cause),
    );
    if (result.status === 'refused') fail('notSent', {}, result.cause);
    return goTo('outcome', { mailed: true });
  },
});

const firstText = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
};
