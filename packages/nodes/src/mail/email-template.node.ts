import { defineNode, identities, optional, sendLimits, throttle } from '@assent/engine';
import { z } from 'zod';
import { lookUpUser } from '../identity/users/find-user.ts';
import { identityAttribute } from '../identity/users/identity-attribute.ts';
import { username } from '../state-keys.ts';
import { emailAttribute, emailTemplateName } from './email-settings.ts';
import { mayMail } from './mail-limit.ts';
import { templateMailer } from './template-mailer.ts';
import { addressIn, templateObjectOf } from './template-object.ts';

/** Mails the user what a template says. @see spec: node-census §1 */
export const emailTemplateNode = defineNode({
  type: 'EmailTemplateNode',
  title: 'Email Template Node',
  help: 'Mails the user what a template of the realm says, and goes on without waiting for it.',
  tags: ['utilities'],
  config: z.object({
    emailTemplateName: emailTemplateName('welcome'),
    emailAttribute: emailAttribute(),
    identityAttribute: identityAttribute(),
  }),
  outcomes: { EMAIL_SENT: 'Email Sent', EMAIL_NOT_SENT: 'Email Not Sent' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  disturbsOn: ['EMAIL_SENT'],
  uses: [identities, sendLimits, templateMailer, throttle],
  errors: {
    tooMany: 'Too many mails to one address: this one was not sent, and the journey goes on as if it had been.',
  },

  async process({ config, realm, journey, state, ports, report, goTo }) {
    const { identity } = await lookUpUser(
      journey,
      ports.identities,
      config.identityAttribute,
      state.compartments(),
      state.get(username),
    );
    const object = identity && templateObjectOf(identity);
    const to = object && addressIn(object, config.emailAttribute);
    const owner = identity && { user: identity, addressIn: [config.emailAttribute] };
    const isAllowed = await mayMail({ realm, journey, ports, limits: ports.sendLimits }, to, owner);
    if (identity === undefined || object === undefined || to === undefined) return goTo('EMAIL_NOT_SENT');
    if (!isAllowed) {
      report('tooMany');
      return goTo('EMAIL_SENT', { mailed: false });
    }
    const template = config.emailTemplateName;
    journey.audit('MAIL', { template });
    ports.templateMailer.sendLater({ template, to, object, userId: identity.id });
    return goTo('EMAIL_SENT', { mailed: true });
  },
});
