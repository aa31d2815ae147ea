import type { ShippedNode } from './shipped-journey.ts';

/** Makes a passkey that knows its user, on a device that has none of the user yet. */
export const newPasskey = (
  displayName: string,
  { success, otherwise }: { readonly success: string; readonly otherwise: string },
  config: ShippedNode['config'] = {},
): ShippedNode => ({
  type: 'WebAuthnRegistrationNode',
  displayName,
  config: {
    relyingPartyName: 'Assent',
    asScript: false,
    requiresResidentKey: true,
    excludeCredentials: true,
    userVerificationRequirement: 'PREFERRED',
    generateRecoveryCodes: true,
    timeout: 180,
    ...config,
  },
  to: { success, unsupported: otherwise, failure: otherwise, error: otherwise },
});

/** Offers a passkey, from the node `offer` on; whatever becomes of it, the sign-in goes on (spec: webauthn §10.1). */
export const passkeyOffered = (goOn: string): Readonly<Record<string, ShippedNode>> => ({
  offer: {
    type: 'PasskeyOfferNode',
    displayName: 'Passkey Offer',
    to: { add: 'offeredPasskey', quiet: 'quietPasskey', skip: goOn },
  },
  offeredPasskey: newPasskey('New passkey', { success: 'showPasskeyCodes', otherwise: goOn }),
  showPasskeyCodes: {
    type: 'RecoveryCodeDisplayNode',
    displayName: 'Recovery codes of the passkey',
    to: { outcome: goOn },
  },
  quietPasskey: newPasskey(
    'New passkey without asking',
    { success: goOn, otherwise: goOn },
    { conditionalCreate: true, generateRecoveryCodes: false },
  ),
});
