import { scopeTextsEn } from '../../kit/scopes/scopes.en.ts';

/** Every text of the provider's pages that is ours, in English. Ids are stable; the other languages have the same ids. */
export const oauthTextsEn = {
  titleScreen: '{screen} – {realm}',
  titleError: 'Error: {screen} – {realm}',
  language: 'Language',
  apply: 'Change language',
  newTab: '(opens in a new tab)',
  continue: 'Continue',

  consent: 'Allow {app}?',
  consentLead: '{app} asks for access to your account.',
  appSays: 'What the app says of itself:',
  signedInAs: 'You are signed in as {name}.',
  scopes: 'It will be able to:',
  ...scopeTextsEn,
  goesTo: 'Whatever you choose, you then go on to {host}.',
  policy: 'Privacy policy',
  terms: 'Terms of use',
  remember: 'Do not ask me again for this app',
  allow: 'Allow',
  deny: 'Deny',

  formPost: 'One moment',
  formPostLead: 'You are on your way to {host}.',

  errorRequest: 'This request cannot be completed',
  errorRequestText:
    'Go back to the app and begin again. If that does not help, tell whoever runs the app what stands below.',
  errorApp: 'This app is not known here',
  errorAppText: 'Nothing was sent to it. Tell whoever runs the app what stands below.',
  errorRedirect: 'This link leads to an unknown place',
  errorRedirectText:
    'It would have sent you to an address that does not belong to the app, so we stopped. Tell whoever runs the app what stands below.',
  errorFault: 'Something went wrong on our side',
  errorFaultText: 'Go back to the app and try again in a moment.',
  errorBusy: 'Very busy right now',
  errorBusyText: 'Wait a moment, then reload this page.',
  errorSignOut: 'You are not signed in here',
  errorSignOutText: 'So there is nothing to sign out of. You can close this page.',
  errorReference: 'Reference: {id}',

  signOut: 'Sign out of {realm}?',
  signOutText: 'An app or a link asks for this. Apps that you use by this sign-in may ask you to sign in again.',
  signOutDo: 'Sign out',
  signOutStay: 'Stay signed in',
  signedOut: 'You are signed out',
  signedOutText: 'You can close this page.',
  signInAgain: 'Sign in again',

  deviceCode: 'Connect a device',
  deviceCodeLead: 'Type the code that your device shows.',
  deviceCodeField: 'Code',
  deviceCodeHint: 'Capital letters, spaces and hyphens do not matter.',
  deviceCodeUnknown: 'That code does not work. Check your device: its code may have run out.',
  deviceCodeTooMany: 'Too many codes were tried. Wait a minute, then try again.',
  deviceConsent: 'Is this your device?',
  deviceConsentLead: 'A device asks to use {app} with your account.',
  deviceConsentCode: 'Go on only if you have it in front of you, and it shows this code:',
  deviceConsentNo: 'No, deny it',
  deviceConsentYes: 'Yes, allow it',
  deviceDone: 'Your device is connected',
  deviceDoneText: 'Go on at your device. You can close this page.',
  deviceDenied: 'The device was not connected',
  deviceDeniedText: 'It gets no access to your account. You can close this page.',
} as const;

/** The name of a text of the provider's pages. */
export type OAuthTextId = keyof typeof oauthTextsEn;

/** One language of the provider's pages. */
export type OAuthCatalogue = Readonly<Record<OAuthTextId, string>>;
