import {
  clock,
  confirmationCallback,
  defineNode,
  type Identity,
  identities,
  localized,
  NOT_PRESSED,
  optional,
  textOutputCallback,
} from '@assent/engine';
import { passkeys, skipSettings } from '@assent/factors';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { hasUsedFactor } from './registration/factor-names.ts';
import { isOfferDue, OFFER_ATTRIBUTE, rememberOffer } from './webauthn/offer-memory.ts';

/** A passkey is not offered where the journey ends sooner than it takes to read the offer and to make one. */
const MIN_LEFT_MILLIS = 120_000;
/** Our page goes on by itself so long before the journey ends: whoever went away is signed in all the same. */
const GO_ON_MILLIS = 60_000;
/** Browsers keep no longer time than this in 32 bits, and take one for none: a journey may live for a month. */
const MAX_GO_ON_MILLIS = 2 ** 31 - 1;

/** What a browser has to be able to do. */
const CAPABILITY = { offer: 'userVerifyingPlatformAuthenticator', quiet: 'conditionalCreate' } as const;

const ANSWERS = ['add', 'notNow', 'never'] as const;

/** Offers a passkey to somebody who has just shown another factor, once a month at the most. @see spec: webauthn §10.1 "Upgrade prompt"; docs/adr/0125 */
export const passkeyOffer = defineNode({
  type: 'PasskeyOfferNode',
  title: 'Passkey Offer',
  help: 'Offers a passkey to a user who has none and has just shown another factor; everybody else passes unseen.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    title: localized().meta({ title: 'Title', description: 'What the page says above the message, by language.' }),
    message: localized().meta({ title: 'Message', description: 'Why a passkey is worth having, by language.' }),
    addLabel: localized().meta({ title: 'Add a passkey', description: 'The button, by language.' }),
    notNowLabel: localized().meta({
      title: 'Not now',
      description: 'The button, by language; the user is asked again after 30 days.',
    }),
    neverLabel: localized().meta({
      title: 'Do not ask again',
      description: 'The button, by language; the user is never asked again.',
    }),
  }),

  outcomes: { add: 'Add', quiet: 'Add Without Asking', skip: 'Skip' },
  inputs: [optional(username)],
  sends: [confirmationCallback, textOutputCallback],
  secondFactor: [],
  uses: [clock, identities, passkeys, skipSettings],
  texts: {
    title: 'Sign in faster next time',
    message:
      'With a passkey you sign in by your finger, your face or the PIN of this device, in place of password and phone.',
    addLabel: 'Add a passkey',
    notNowLabel: 'Not now',
    neverLabel: 'Do not ask again',
  },
  errors: {
    notRead: 'Nothing was offered, since the store could not be read.',
    notKept: 'The answer to the offer of a passkey was not stored. The user is asked again at the next sign-in.',
  },

  async process({ config, state, ports, realm, request, journey, answered, text, report, goTo, send }) {
    const name = state.get(username);
    const now = ports.clock.now();
    const mode = realm.passkeyUpgrade;
    const find = async (): Promise<Identity | undefined> =>
      name === undefined ? undefined : await ports.identities.find(name);

    const dueUser = async (): Promise<Identity | undefined> => {
      if (mode === 'off' || journey.expiresAt - now < MIN_LEFT_MILLIS) return undefined;
      if (request.pageCan?.(CAPABILITY[mode]) !== true) return undefined;
      if (ports.passkeys.relyingParty({ origins: [] }) === undefined) return undefined;
      const user = await find();
      if (user === undefined || !hasUsedFactor(journey.nodeTypesOf(user))) return undefined;
      if (!isOfferDue(user.attributes[OFFER_ATTRIBUTE], now)) return undefined;
      if ((await ports.passkeys.ofUser(user.id)).length > 0) return undefined;
      return (await ports.skipSettings.read(user, 'webauthn')) === 'SKIPPABLE' ? undefined : user;
    };
    const remember = (user: Identity, answer: 'notNow' | 'never'): Promise<void> =>
      onStoreFailure(
        () => ports.identities.update(user.username, OFFER_ATTRIBUTE, rememberOffer(answer, now)),
        // A user who has no room for it, say.
        (cause) => report('notKept', {}, cause),
      );

    // A user who has signed in is not kept out by an offer: what fails about it is reported.
    const index = answered(confirmationCallback);
    if (index === undefined) {
      const user = await onStoreFailure(dueUser, (cause) => report('notRead', {}, cause));
      if (user === undefined) return goTo('skip');
      if (mode === 'quiet') {
        // Not at every sign-in: a browser that makes none may take seconds to say so.
        await remember(user, 'notNow');
        return goTo('quiet');
      }
      return send(textOutputCallback({ message: text('message', config.message), messageType: 0 }), {
        ...confirmationCallback({
          prompt: text('title', config.title),
          options: [
            text('addLabel', config.addLabel),
            text('notNowLabel', config.notNowLabel),
            text('neverLabel', config.neverLabel),
          ],
          // What goes back as it came has chosen nothing.
          selected: NOT_PRESSED,
        }),
        forPages: {
          webauthn: {
            kind: 'offer',
            options: { goOnIn: Math.min(journey.expiresAt - now - GO_ON_MILLIS, MAX_GO_ON_MILLIS) },
          },
        },
      });
    }
    const answer = ANSWERS[index];
    if (answer === 'add') return goTo('add', { answer });
    const user = answer && (await find());
    if (answer === undefined || user === undefined) return goTo('skip');
    await remember(user, answer);
    return goTo('skip', { answer });
  },
});
