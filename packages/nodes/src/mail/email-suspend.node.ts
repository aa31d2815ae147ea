import {
  defineNode,
  type Identities,
  type Identity,
  identities,
  localized,
  optional,
  sendLimits,
  suspendedTextOutputCallback,
  throttle,
} from '@assent/engine';
import { z } from 'zod';
import { linkedAddress, NO_USER, provenAddress } from '../handovers.ts';
import { goOnAsBoundUser, lookUpUser } from '../identity/users/find-user.ts';
import { identityAttribute } from '../identity/users/identity-attribute.ts';
import { objectAttributes, username } from '../state-keys.ts';
import { emailAttribute, emailTemplateName } from './email-settings.ts';
import { mayMail } from './mail-limit.ts';
import { templateMailer } from './template-mailer.ts';
import { addressIn, stillHasAddress, templateObjectOf } from './template-object.ts';

const INFORMATION = 0;
/** Longer text is no address (RFC 5321 §4.5.3.1.3), and a link to it proves none. */
const MAX_ADDRESS_LENGTH = 254;
/** Nothing is mailed to longer text: an address with a name before it is shorter. */
const MAX_RECIPIENT_LENGTH = 1_024;

/**
 * Mails a link, and suspends the journey until somebody follows it. What the browser shows is the same whether there is
 * such a user or not. @see spec: journeys-rest §1.12, §7.19
 */
export const emailSuspend = defineNode({
  type: 'EmailSuspendNode',
  title: 'Email Suspend Node',
  help: 'Mails the user a link, and lets the journey rest until somebody follows it.',
  tags: ['utilities'],
  config: z.object({
    emailTemplateName: emailTemplateName('registration'),
    emailAttribute: emailAttribute(),
    emailSuspendMessage: localized().meta({
      title: 'Email Suspend Message',
      description: 'By language, what the browser shows while the journey rests.',
    }),
    objectLookup: z.boolean().default(false).meta({
      title: 'Object Lookup',
      description: 'Mail to a user of the realm. If not, to the address that was collected.',
    }),
    identityAttribute: identityAttribute(),
    suspendDuration: z.int().min(1).max(43_200).nullish().meta({
      title: 'Suspend Duration',
      description: 'For how many minutes the link is good; without it, as long as the realm says.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },
  inputs: [optional(username), optional(objectAttributes)],
  outputs: [username],
  outputsAt: { outcome: [] },
  dynamicInputs: (config) => [config.identityAttribute],
  sends: [suspendedTextOutputCallback],
  uses: [identities, sendLimits, templateMailer, throttle],
  textFallback: 'realm-then-first',
  texts: {
    message: 'An email has been sent to the address you entered. Click the link in that email to proceed.',
  },
  errors: {
    nobody: 'There is no address to mail the link to: the journey rests, and nobody is told how to go on.',
    gone: 'The user was deleted meanwhile: no link is mailed, and the journey rests.',
    tooMany: 'Too many mails to one address: this one was not sent, and the journey rests as if it had been.',
  },

  async process({ config, realm, journey, resumed, state, ports, text, report, goTo, send }) {
    if (resumed) {
      const link = journey.takeOver(linkedAddress, NO_USER);
      if (link !== undefined) {
        const { attribute, address, userId } = link;
        const user = userId === null ? undefined : await ports.identities.findById(userId);
        if (userId !== null && (user === undefined || !stillHasAddress(user, link))) journey.refuseLink();
        const isAddress = address.length <= MAX_ADDRESS_LENGTH;
        if (user !== undefined && isAddress) await ports.identities.proveAddress(user.username, attribute, address);
        if (isAddress) journey.noteFollowedLink(link);
        if (userId === null && isAddress) journey.handOver(provenAddress, NO_USER, { attribute, address });
      }
      await goOnAsBoundUser({ state, journey, ports });
      return goTo('outcome');
    }

    const attributes = state.compartments();
    const { identity } = config.objectLookup
      ? await lookUpUser(journey, ports.identities, config.identityAttribute, attributes, state.get(username))
      : { identity: undefined };
    const object = config.objectLookup ? identity && templateObjectOf(identity) : state.get(objectAttributes);
    const resumeURI = journey.suspend(config.suspendDuration ?? undefined);
    const shown = send(
      suspendedTextOutputCallback({ message: text('message', config.emailSuspendMessage), messageType: INFORMATION }),
    );

    const found = object && addressIn(object, config.emailAttribute);
    const to = found === undefined || found.length > MAX_RECIPIENT_LENGTH ? undefined : found;
    const owner = identity && { user: identity, addressIn: [config.emailAttribute] };
    const isAllowed = await mayMail({ realm, journey, ports, limits: ports.sendLimits }, to, owner);
    if (to === undefined || !isAllowed) {
      report(to === undefined ? 'nobody' : 'tooMany');
      return shown;
    }
    // The link is an answer of this user, also where another user has the typed value once it is followed.
    if (identity !== undefined) journey.bindTo(identity);
    const id = journey.identifiedUser ?? journey.boundUser;
    const named = { id, name: state.get(username) };
    const user = identity ?? (config.objectLookup ? undefined : await userOfJourney(ports.identities, named));
    if (id !== undefined && user === undefined) {
      report('gone');
      return shown;
    }
    const linkOf = { attribute: config.emailAttribute, address: to };
    const recipient = identity ?? (user && stillHasAddress(user, linkOf) ? user : undefined);
    journey.handOver(linkedAddress, NO_USER, { ...linkOf, userId: recipient?.id ?? null });
    ports.templateMailer.sendLater({
      template: config.emailTemplateName,
      to,
      object: { ...object, resumeURI },
      userId: identity?.id ?? id ?? recipient?.id,
    });
    return shown;
  },
});

/** The user whom the journey is about, or else the user of the name that was collected. */
const userOfJourney = async (
  identities: Pick<Identities, 'find' | 'findById'>,
  { id, name }: { readonly id: string | undefined; readonly name: string | undefined },
): Promise<Identity | undefined> => {
  if (id !== undefined) return identities.findById(id);
  return name === undefined || name === '' ? undefined : identities.find(name);
};
