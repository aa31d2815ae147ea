import { SoftwareAuthenticator } from '@assent/factors/testing';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';

const CEREMONY = {
  challenge: Buffer.alloc(32, 7).toString('base64url'),
  origin: 'http://localhost',
  rpId: 'localhost',
};
const EXPECTED = {
  expectedChallenge: CEREMONY.challenge,
  expectedOrigin: CEREMONY.origin,
  expectedRPID: CEREMONY.rpId,
};
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** What the library of passkeys does for one sign-in, with nothing around it. */
export const newAssertion = async (): Promise<() => Promise<void>> => {
  const authenticator = new SoftwareAuthenticator();
  const { answer: made } = authenticator.create(CEREMONY);
  const credential = { id: made.credentialId, rawId: made.credentialId, type: 'public-key' } as const;
  const { registrationInfo } = await verifyRegistrationResponse({
    response: {
      ...credential,
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(made.clientDataJson),
        attestationObject: base64url(made.attestationObject),
      },
    },
    ...EXPECTED,
  });
  if (registrationInfo === undefined) throw new TypeError('The passkey could not be made.');
  const { answer } = authenticator.get({ ...CEREMONY, credentialId: made.credentialId });
  const response = {
    ...credential,
    clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(answer.clientDataJson),
      authenticatorData: base64url(answer.authenticatorData),
      signature: base64url(answer.signature),
    },
  };
  return async () => {
    const { verified } = await verifyAuthenticationResponse({
      response,
      ...EXPECTED,
      credential: { ...registrationInfo.credential, counter: 0 },
    });
    if (!verified) throw new TypeError('The library refused what it has to accept.');
  };
};
