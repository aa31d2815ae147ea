import { expect, test } from 'vitest';
import { nodeCatalogue } from '../catalogue.ts';

/** Labels that AM has, letter by letter: clients and their tests look for them (design.md §3.3 "texts"). */
const OF_AM: Readonly<Record<string, string>> = {
  'AttributeCollectorNode.address2': 'Address 2',
  'AttributeCollectorNode.city': 'City',
  'AttributeCollectorNode.cn': 'Common Name',
  'AttributeCollectorNode.country': 'Country',
  'AttributeCollectorNode.description': 'Description',
  'AttributeCollectorNode.givenName': 'First Name',
  'AttributeCollectorNode.mail': 'Email Address',
  'AttributeCollectorNode.postalAddress': 'Address 1',
  'AttributeCollectorNode.postalCode': 'Postal Code',
  'AttributeCollectorNode.sn': 'Last Name',
  'AttributeCollectorNode.stateProvince': 'State/Province',
  'AttributeCollectorNode.telephoneNumber': 'Telephone Number',
  'AttributeCollectorNode.userName': 'Username',
  'CombinedMultiFactorRegistrationNode.exit': 'Cancel',
  'ConsentNode.message': 'Privacy & Consent.',
  'CreatePasswordNode.confirm': 'Confirm password',
  'CreatePasswordNode.password': 'Create a password',
  'DeviceBindingNode.deviceName': 'Device Name',
  'DeviceBindingNode.subtitle': 'Cryptography device binding',
  'DeviceBindingNode.title': 'Authentication required',
  'DeviceSigningVerifierNode.subtitle': 'Cryptography device binding',
  'DeviceSigningVerifierNode.title': 'Authentication required',
  'GetAuthenticatorAppNode.appleStore': 'Apple App Store',
  'GetAuthenticatorAppNode.continueLabel': 'Continue',
  'GetAuthenticatorAppNode.googlePlay': 'Google Play Store',
  'IdentityStoreDecisionNode.accountLocked': 'User Locked Out.',
  'IdentityStoreDecisionNode.authenticationFailed': 'Login failure',
  'IdentityStoreDecisionNode.cancel': 'CANCEL',
  'IdentityStoreDecisionNode.confirmPassword': 'Confirm Password',
  'IdentityStoreDecisionNode.newPassword': 'New Password',
  'IdentityStoreDecisionNode.oldPassword': 'Old Password',
  'IdentityStoreDecisionNode.submit': 'SUBMIT',
  'KbaCreateNode.message': 'Select a security question.',
  'MessageNode.message': 'Default message',
  'MessageNode.no': 'No',
  'MessageNode.yes': 'Yes',
  'MultiFactorRegistrationOptionsNode.getAppLabel': 'Get the App',
  'MultiFactorRegistrationOptionsNode.optOutLabel': 'Opt-out',
  'MultiFactorRegistrationOptionsNode.registerDeviceLabel': 'Register Device',
  'MultiFactorRegistrationOptionsNode.skipStepLabel': 'Skip this step',
  'OathRegistrationNode.nextButtonLabel': 'Next',
  'OathTokenVerifierNode.message': 'Enter verification code',
  'OathTokenVerifierNode.recoveryCodes': 'Use recovery code',
  'OathTokenVerifierNode.submit': 'Submit',
  'OneTimePasswordCollectorDecisionNode.prompt': 'One Time Password',
  'OneTimePasswordSmsSenderNode.content': 'Your One Time Password: {{OTP}}',
  'OneTimePasswordSmsSenderNode.subject': 'One Time Password',
  'OneTimePasswordSmtpSenderNode.content': 'Your One Time Password: {{OTP}}',
  'OneTimePasswordSmtpSenderNode.subject': 'One Time Password',
  'PasswordCollectorNode.prompt': 'Password',
  'PollingWaitNode.exit': 'Cancel',
  'PollingWaitNode.waiting': 'Waiting for response...',
  'PushRegistrationNode.exit': 'Cancel',
  'PushWaitNode.exit': 'Cancel',
  'RecoveryCodeCollectorDecisionNode.recoveryCode': 'Recovery Code',
  'RecoveryCodeDisplayNode.recoveryCodeTitle': 'Your Recovery Codes',
  'UsernameCollectorNode.prompt': 'User Name',
  'WebAuthnAuthenticationNode.passkey': 'Use a passkey',
  'WebAuthnAuthenticationNode.recoveryCode': 'Use Recovery Code',
  'WebAuthnAuthenticationNode.waiting': 'Waiting for local device...',
  'WebAuthnRegistrationNode.waiting': 'Waiting for local device...',
  'ValidatedPasswordNode.prompt': 'Password',
  'ValidatedUsernameNode.checked': 'Username',
  'ValidatedUsernameNode.prompt': 'User Name',
};

/** Short texts that AM does not have: it shows something else there, or nothing. */
const OURS: Readonly<Record<string, string>> = {
  'CombinedMultiFactorRegistrationNode.tapped': 'AM has no sentence there',
  'CombinedMultiFactorRegistrationNode.typed': 'AM has no sentence there',
  'DebugNode.step': 'AM opens a window by a script there',
  'PasskeyOfferNode.addLabel': 'AM offers no passkey',
  'PasskeyOfferNode.neverLabel': 'AM offers no passkey',
  'PasskeyOfferNode.notNowLabel': 'AM offers no passkey',
  'PushRegistrationNode.tapped': 'AM has no sentence there',
  'PushRegistrationNode.typed': 'AM has no sentence there',
  'PushWaitNode.tapped': 'AM says a sentence there',
  'PushWaitNode.typed': 'AM says a sentence there',
  'PushWaitNode.waiting': 'the words are decided: they say where to look (spec: nodes-mfa §3)',
};

const words = (text: string): number =>
  text
    .replaceAll(/\{\{?\w+\}?\}/g, ' ')
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;

const labels = [...nodeCatalogue.values()].flatMap(({ type, texts }) =>
  Object.entries(texts)
    .filter(([, text]) => words(text) <= 4)
    .map(([id, text]) => [`${type}.${id}`, text] as const),
);

test('every text of up to four words is the one of AM, or is known to be ours (B8)', () => {
  const known = Object.fromEntries(labels.filter(([key]) => !Object.hasOwn(OURS, key)).toSorted());
  expect(known).toEqual(OF_AM);
});

test('nothing is called ours that is gone, or has grown to a sentence (B8)', () => {
  const keys = new Set<string>(labels.map(([key]) => key));
  expect(Object.keys(OURS).filter((key) => !keys.has(key))).toEqual([]);
});
