import { expect, test } from 'vitest';
import { type AuthenticationRequest, authenticationMetadata, requestOptionsJson } from './authentication-options.ts';
import { creationOptionsJson, type RegistrationRequest, registrationMetadata } from './registration-options.ts';

const ids = [
  { id: 'Af4', transports: ['internal'] },
  { id: 'gH8A', transports: [] },
];

const registration: RegistrationRequest = {
  challenge: '-_8B',
  relyingParty: { id: 'example.com', name: 'Example "Inc"' },
  user: { handle: 'aGFuZGxl', name: 'demo', displayName: 'Demo User' },
  algorithms: [-7, -257],
  timeoutMillis: 60_000,
  attestation: 'none',
  selection: { userVerification: 'preferred', attachment: 'platform', isResident: true },
  excluded: ids,
  extensions: { credProps: true },
};

const authentication: AuthenticationRequest = {
  challenge: '-_8B',
  relyingPartyId: 'example.com',
  timeoutMillis: 60_000,
  userVerification: 'required',
  allowed: ids,
  extensions: {},
};

test('data of a registration has the members of AM in their order and spelling (A11)', () => {
  expect(JSON.stringify(registrationMetadata(registration), null, 1)).toBe(
    JSON.stringify(
      {
        _action: 'webauthn_registration',
        challenge: '+/8B',
        attestationPreference: 'none',
        userName: 'demo',
        userId: 'aGFuZGxl',
        relyingPartyName: 'Example "Inc"',
        authenticatorSelection:
          '{"userVerification":"preferred","authenticatorAttachment":"platform","residentKey":"required","requireResidentKey":true}',
        _authenticatorSelection: {
          userVerification: 'preferred',
          authenticatorAttachment: 'platform',
          residentKey: 'required',
          requireResidentKey: true,
        },
        pubKeyCredParams: '[ { "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 } ]',
        _pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        timeout: '60000',
        excludeCredentials:
          '{ "type": "public-key", "id": new Int8Array([1, -2]).buffer },{ "type": "public-key", "id": new Int8Array([-128, 127, 0]).buffer }',
        _excludeCredentials: [
          { type: 'public-key', id: [1, -2] },
          { type: 'public-key', id: [-128, 127, 0] },
        ],
        displayName: 'Demo User',
        relyingPartyId: 'id: "example.com",',
        _relyingPartyId: 'example.com',
        extensions: { credProps: true },
        _type: 'WebAuthn',
        supportsJsonResponse: true,
      },
      null,
      1,
    ),
  );
});

test('data of an authentication has the members of AM in their order and spelling (A11)', () => {
  expect(JSON.stringify(authenticationMetadata(authentication), null, 1)).toBe(
    JSON.stringify(
      {
        _action: 'webauthn_authentication',
        challenge: '+/8B',
        allowCredentials:
          'allowCredentials: [{ "type": "public-key", "id": new Int8Array([1, -2]).buffer },{ "type": "public-key", "id": new Int8Array([-128, 127, 0]).buffer }]',
        _allowCredentials: [
          { type: 'public-key', id: [1, -2] },
          { type: 'public-key', id: [-128, 127, 0] },
        ],
        timeout: '60000',
        userVerification: 'required',
        relyingPartyId: 'rpId: "example.com",',
        _relyingPartyId: 'example.com',
        extensions: {},
        _type: 'WebAuthn',
        supportsJsonResponse: true,
      },
      null,
      1,
    ),
  );
});

test('nobody is named where the authenticator names the user, and version 2.0 says how passkeys are offered', () => {
  const data = authenticationMetadata({ ...authentication, allowed: [], mediation: 'conditional' });
  expect(data).toMatchObject({ allowCredentials: '', _allowCredentials: [] });
  expect(Object.entries(data).at(-1)).toEqual(['mediation', 'conditional']);
});

test('a user without a display name is shown by name, and an authenticator that need not keep the user is told so', () => {
  const { user, selection } = registration;
  const plain: RegistrationRequest = {
    ...registration,
    user: { handle: user.handle, name: user.name },
    selection: { userVerification: selection.userVerification, isResident: false },
    excluded: [],
  };
  expect(registrationMetadata(plain)).toMatchObject({
    displayName: 'demo',
    authenticatorSelection: '{"userVerification":"preferred","residentKey":"discouraged"}',
    excludeCredentials: '',
    _excludeCredentials: [],
  });
});

test('the standard forms have binary values in base64url, and the bytes of the handle are those of its text', () => {
  expect(creationOptionsJson(registration)).toEqual({
    rp: { id: 'example.com', name: 'Example "Inc"' },
    user: { id: 'YUdGdVpHeGw', name: 'demo', displayName: 'Demo User' },
    challenge: '-_8B',
    pubKeyCredParams: [
      { type: 'public-key', alg: -7 },
      { type: 'public-key', alg: -257 },
    ],
    timeout: 60_000,
    excludeCredentials: [
      { id: 'Af4', type: 'public-key', transports: ['internal'] },
      { id: 'gH8A', type: 'public-key' },
    ],
    authenticatorSelection: {
      userVerification: 'preferred',
      authenticatorAttachment: 'platform',
      residentKey: 'required',
      requireResidentKey: true,
    },
    attestation: 'none',
    extensions: { credProps: true },
  });
  expect(requestOptionsJson(authentication)).toEqual({
    challenge: '-_8B',
    timeout: 60_000,
    rpId: 'example.com',
    allowCredentials: [
      { id: 'Af4', type: 'public-key', transports: ['internal'] },
      { id: 'gH8A', type: 'public-key' },
    ],
    userVerification: 'required',
    extensions: {},
  });
});
