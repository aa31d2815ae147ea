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

const DEFAULT_ATTRIBUTE = 'telephoneNumber';

/**
 * Sends the one-time password to a phone, as AM's own gateway does it: by a mail to the number at the carrier's domain,
 * which the carrier turns into a text message. @see spec: node-census §3
 *
 * It goes out while the node runs (docs/adr/0008).
 */
export const oneTimePasswordSmsSender = defineNode({
  type: 'OneTimePasswordSmsSenderNode',
  title: 'OTP SMS Sender',
  help: 'Sends the one-time password to the user’s phone, by a mail that the carrier turns into a text message.',
  tags: ['otp', 'mfa', 'multi-factor authentication'],

  config: z.object({
    ...mailServerSettings,
    mobilePhoneAttributeName: z.string().default(DEFAULT_ATTRIBUTE).meta({
      title: 'Mobile Phone Number Attribute Name',
      description: 'The attribute of the user that holds the number; it may hold a whole address at the carrier.',
    }),
    mobileCarrierAttributeName: z.string().nullish().meta({
      title: 'Mobile Carrier Attribute Name',
      description: 'The attribute of the user that holds the carrier’s domain.',
    }),
    smsSubject: localized().meta({
      title: 'The subject of the message',
      description: 'By language. {{OTP}} is the password.',
    }),
    smsContent: localized().meta({
      title: 'The content of the message',
      description: 'By language. {{OTP}} is the password; without it, the password follows the text.',
    }),
    ...mailSecuritySettings,
  }),

  outcomes: { outcome: 'Outcome' },
  inputs: [needed(key.oneTimePassword), needed(key.username), optional(key.realm)],
  disturbsOn: ['outcome'],
  uses: [identities, mailer, throttle],
  textFallback: 'first',
  texts: { subject: 'One Time Password', content: 'Your one-time password: {{OTP}}' },
  errors: {
    noIdentity: 'Failed to get identity with provided user name',
    noPhone: 'User phone number not found',
    noPassword: 'One time password not found',
    noGateway: 'Failed to create Sms sender class',
    notSent: 'Failed to send SMS message.',
    noSecretStore: 'There is no secret store to look up "{{label}}" in; the password of the node is used.',
    tooMany: 'Too many messages to one phone: this one was not sent, and the journey goes on as if it had been.',
  },

  async process({ config, state, ports, realm, text, fail, report, goTo }) {
    const name = state.get(key.username);
    const identity = (name === undefined ? undefined : await ports.identities.find(name)) ?? fail('noIdentity');
    const attributeOf = (attribute: string | null | undefined): string | undefined =>
      attribute?.trim() ? identity.attributes[attribute]?.[0] : undefined;
    const number = attributeOf(config.mobilePhoneAttributeName.trim() || DEFAULT_ATTRIBUTE) || fail('noPhone');
    const address = addressOf(number, attributeOf(config.mobileCarrierAttributeName));
    if (config.smsGatewayImplementationClass !== DEFAULT_GATEWAY) fail('noGateway');
    const password = state.get(key.oneTimePassword) ?? fail('noPassword');
    const to = address ?? fail('notSent', {}, 'There is no carrier to send the number to.');
    if (config.secretLabelIdentifier) report('noSecretStore', { label: config.secretLabelIdentifier });

    if (!(await mayMail(ports.throttle, realm.realm, to))) {
      report('tooMany');
      return goTo('outcome', { sent: false });
    }

    const result = await orElse(
      () =>
        ports.mailer.send({
          server: mailServerOf(config),
          from: config.fromEmailAddress,
          to,
          subject: fillIn(text('subject', config.smsSubject), { OTP: password }),
          text: withPassword(text('content', config.smsContent), password),
        }),
      (cause) => fail('notSent', {}, cause),
    );
    if (result.status === 'refused') fail('notSent', {}, result.cause);
    return goTo('outcome', { sent: true });
  },
});

/** The number at its carrier; undefined where nobody says which carrier that is. */
const addressOf = (number: string, carrier: string | undefined): string | undefined => {
  if (number.includes('@')) return number.trim();
  const domain = carrier?.trim().replace(/^@/, '');
  return domain ? `${number.replace(/[\s()./-]/g, '')}@${domain}` : undefined;
};
