import { defineNode, identities, localized, needed, optional, sendLimitsNow, throttle } from '@assent/engine';
import { z } from 'zod';
import { mailer } from '../mail/mailer.ts';
import * as key from '../state-keys.ts';
import {
  DEFAULT_GATEWAY,
  mailOneTimePassword,
  mailSecuritySettings,
  mailServerSettings,
  oneTimePasswordMailErrors,
} from './one-time-password/one-time-password-mail.ts';

const DEFAULT_ATTRIBUTE = 'telephoneNumber';

/**
 * Sends the one-time password to a phone, as AM's own gateway does it: by a mail to the number at the carrier's domain,
 * which the carrier turns into a text message. @see spec: node-census §3
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
  answeredBy: { methods: ['smsCode'], at: () => ({ outcome: ['smsCode'] }) },
  uses: [identities, mailer, sendLimitsNow, throttle],
  textFallback: 'first',
  texts: { subject: 'One Time Password', content: 'Your One Time Password: {{OTP}}' },
  errors: {
    noIdentity: 'Failed to get identity with provided user name',
    noPhone: 'User phone number not found',
    ...oneTimePasswordMailErrors,
    notSent: 'Failed to send SMS message.',
    tooMany: 'Too many messages to one phone: this one was not sent, and the journey goes on as if it had been.',
  },

  async process({ config, state, ports, realm, journey, text, fail, report, goTo }) {
    const name = state.get(key.username);
    const identity = (name === undefined ? undefined : await ports.identities.find(name)) ?? fail('noIdentity');
    const phoneAttribute = config.mobilePhoneAttributeName.trim() || DEFAULT_ATTRIBUTE;
    const carrierAttribute = config.mobileCarrierAttributeName ?? '';
    const attributeOf = (attribute: string): string | undefined =>
      attribute.trim() === '' ? undefined : identity.attributes[attribute]?.[0];
    const number = attributeOf(phoneAttribute) || fail('noPhone');
    const address = addressOf(number, attributeOf(carrierAttribute));
    if (config.smsGatewayImplementationClass !== DEFAULT_GATEWAY) fail('noGateway');
    const password = state.get(key.oneTimePassword) ?? fail('noPassword');
    const to = address ?? fail('notSent', {}, 'There is no carrier to send the number to.');
    const addressIn = [phoneAttribute, carrierAttribute];
    const sent = await mailOneTimePassword(
      { config, realm, journey, ports, fail, report },
      {
        to,
        owner: { user: identity, addressIn },
        password,
        subject: text('subject', config.smsSubject),
        content: text('content', config.smsContent),
      },
    );
    if (sent) journey.noteSentCode(identity, { method: 'smsCode', code: password, addressIn, value: number, to });
    return goTo('outcome', { sent });
  },
});

/** The number at its carrier; undefined where nobody says which carrier that is. */
const addressOf = (number: string, carrier: string | undefined): string | undefined => {
  if (number.includes('@')) return number.trim();
  const domain = carrier?.trim().replace(/^@/, '');
  return domain ? `${number.replace(/[\s()./-]/g, '')}@${domain}` : undefined;
};
