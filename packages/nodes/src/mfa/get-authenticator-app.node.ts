import { confirmationCallback, defineNode, localized, textOutputCallback } from '@assent/engine';
import { z } from 'zod';
import { getAppScriptOf } from './scripts/get-app-script.ts';

const APPLE_LINK = 'https://apps.apple.com/app/pingid/id891247102';
const GOOGLE_LINK = 'https://play.google.com/store/apps/details?id=prod.com.pingidentity.pingid';

/** Shows where to get an app. @see spec: nodes-mfa §4.2 */
export const getAuthenticatorApp = defineNode({
  type: 'GetAuthenticatorAppNode',
  title: 'Get Authenticator App',
  help: 'Shows where to get an authenticator app.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    message: localized().meta({
      title: 'Get App Authenticator Message',
      description: 'What the user reads, by language. {{appleLink}} and {{googleLink}} become links.',
    }),
    continueLabel: localized().meta({ title: 'Continue Label', description: 'The button, by language.' }),
    appleLink: z.string().default(APPLE_LINK).meta({
      title: 'Apple App Store URL',
      description: 'Where the app is for Apple devices.',
    }),
    googleLink: z.string().default(GOOGLE_LINK).meta({
      title: 'Google Play URL',
      description: 'Where the app is for Android devices.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  sends: [confirmationCallback, textOutputCallback],
  textFallback: 'first',
  texts: {
    message: 'Get an authenticator app from the {{appleLink}} or the {{googleLink}}, then continue.',
    continueLabel: 'Continue',
    appleStore: 'Apple App Store',
    googlePlay: 'Google Play Store',
  },

  process({ config, answered, text, goTo, send }) {
    if (answered(confirmationCallback) !== undefined) return goTo('outcome');
    const message = getAppScriptOf(config, text('message', config.message), {
      appleLink: config.appleLink.trim() || APPLE_LINK,
      googleLink: config.googleLink.trim() || GOOGLE_LINK,
      appleLabel: text('appleStore'),
      googleLabel: text('googlePlay'),
    });
    return send(
      textOutputCallback({ message, messageType: 4 }),
      confirmationCallback({ options: [text('continueLabel', config.continueLabel)] }),
    );
  },
});
