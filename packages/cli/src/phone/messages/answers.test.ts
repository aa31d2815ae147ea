import { createPublicKey, verify } from 'node:crypto';
import { newEcKeyPair } from '@assent/push/jose';
import { describe, expect, test } from 'vitest';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS, type PersonaName } from '../account/personas.ts';
import { claimsOf, headerOf, pushClaims, pushJwt, VECTOR } from '../testing/wire-fixtures.ts';
import { answerBody, numberFor, refreshBody, registrationBody, relayToken } from './answers.ts';
import { openMessage, type PushRequest } from './push-message.ts';
import { type PushSetupCode, parseSetupCode } from './setup-code.ts';

const parsePush = (...given: Parameters<typeof parseSetupCode>): PushSetupCode => {
  const code = parseSetupCode(...given);
  if (code.kind !== 'push') throw new Error('a code for one-time codes alone');
  return code;
};

const issued = { nowMillis: VECTOR.sentAt + 5000, jti: 'once' };
const accountAs = (persona: PersonaName): PushAccount => ({
  kind: 'push',
  id: '0f6a1c52',
  persona,
  issuer: 'Acme',
  name: 'jane',
  key: VECTOR.key,
  mechanismUid: VECTOR.mechanismUid,
  deviceId: 'fcm-token-EXAMPLE',
  deviceName: 'Pixel of Jane',
  registerUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=register',
  authenticateUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=authenticate',
  userId: 'jane',
  addedAt: 0,
  clockOffsetMillis: 0,
  answered: [],
});
const requestFor = (account: PushAccount, changes?: Record<string, unknown>): PushRequest =>
  openMessage(
    {
      messageId: VECTOR.messageId,
      message:
        changes === undefined ? VECTOR.pushJwt : pushJwt(pushClaims(VECTOR.mechanismUid, VECTOR.sentAt, changes)),
    },
    account,
    issued.nowMillis,
  );

describe('the worked examples come out byte for byte (push-protocol.md §12)', () => {
  test('registration', () => {
    const device = { mechanismUid: VECTOR.mechanismUid, deviceId: 'fcm-token-EXAMPLE', deviceName: 'Pixel of Jane' };
    expect(registrationBody(parsePush(VECTOR.uri, PERSONAS.android4), device, PERSONAS.android4)).toBe(
      JSON.stringify({ messageId: VECTOR.registerMessageId, jwt: VECTOR.registerJwt }),
    );
  });

  test('approval with a number', () => {
    expect(answerBody(requestFor(accountAs('android4')), { kind: 'approve', number: '57' }, issued)).toBe(
      JSON.stringify({ messageId: VECTOR.messageId, jwt: VECTOR.approvalJwt }),
    );
  });

  test('denial', () => {
    expect(answerBody(requestFor(accountAs('android4')), { kind: 'deny', reason: 'not_me' }, issued)).toBe(
      JSON.stringify({ messageId: VECTOR.messageId, jwt: VECTOR.denialJwt }),
    );
  });

  test('token refresh', () => {
    expect(refreshBody(accountAs('android4'), 'fcm-token-EXAMPLE-2', issued)).toBe(
      JSON.stringify({ mechanismUid: VECTOR.mechanismUid, username: 'jane', jwt: VECTOR.refreshJwt }),
    );
  });
});

describe('our own phone signs with the key of the device (SEC-10)', () => {
  const pair = newEcKeyPair();
  const account: PushAccount = { ...accountAs('assent'), deviceKey: pair.privateKey.export({ format: 'jwk' }) };
  const isSigned = (jwt: unknown): boolean => {
    const [header, payload, signature] = String(jwt).split('.');
    const key = createPublicKey(pair.privateKey);
    return verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature ?? '', 'base64url'),
    );
  };

  test('an answer is ES256 and bound to its time, itself and its message', () => {
    const { jwt } = JSON.parse(
      answerBody(requestFor(account, { x_len: '6' }), { kind: 'approve', number: '483201' }, issued),
    );
    expect(headerOf(jwt)).toEqual({ typ: 'JWT', alg: 'ES256' });
    expect(isSigned(jwt)).toBe(true);
    expect(claimsOf(jwt)).toMatchObject({
      challengeResponse: '483201',
      iat: 1_760_000_305,
      jti: 'once',
      mid: VECTOR.messageId,
    });
  });

  test('a deny says why', () => {
    const { jwt } = JSON.parse(answerBody(requestFor(account), { kind: 'deny', reason: 'not_me' }, issued));
    expect(claimsOf(jwt)).toMatchObject({ deny: true, x_reason: 'not_me' });
  });

  test('the registration carries the public half and not a trace of the private one', () => {
    const body = registrationBody(parsePush(VECTOR.uri, PERSONAS.assent), account, PERSONAS.assent);
    const { jwt } = JSON.parse(body);
    const { x, y } = pair.publicKey.export({ format: 'jwk' });
    expect(headerOf(jwt)).toEqual({ typ: 'JWT', alg: 'HS256' });
    expect(claimsOf(jwt)).toMatchObject({
      deviceType: 'cli',
      communicationType: 'relay',
      x_key: { kty: 'EC', crv: 'P-256', x, y },
    });
    expect(JSON.stringify(claimsOf(jwt))).not.toContain(pair.privateKey.export({ format: 'jwk' }).d);
  });

  test('a refresh and a relay token never fall back to the shared key', () => {
    const url = 'https://id.example.net/am/json/staff/push/relay';
    const token = relayToken(account, url, issued);
    expect(isSigned(token)).toBe(true);
    expect(claimsOf(token)).toEqual({ iat: 1_760_000_305, jti: 'once', mechanismUid: VECTOR.mechanismUid, aud: url });
    expect(headerOf(JSON.parse(refreshBody(account, 'new', issued)).jwt)).toEqual({ typ: 'JWT', alg: 'ES256' });
  });
});

describe('each official phone has its own way', () => {
  const denialOf = (persona: PersonaName, changes?: Record<string, unknown>): Record<string, unknown> =>
    claimsOf(
      JSON.parse(answerBody(requestFor(accountAs(persona), changes), { kind: 'deny', reason: 'other' }, issued)).jwt,
    );

  test('ios4 denies a challenge with a number of null', () => {
    expect(denialOf('ios4')).toHaveProperty('challengeResponse', null);
    expect(denialOf('ios4', { k: 'default' })).not.toHaveProperty('challengeResponse');
  });

  test.each(['android4', 'ping-android', 'ping-ios'] as const)(
    '%s denies without a number and without a reason',
    (persona) => {
      expect(Object.keys(denialOf(persona))).toEqual(['response', 'deny']);
    },
  );

  test('ping-ios names the user in every body, and never as username', () => {
    const account = accountAs('ping-ios');
    expect(JSON.parse(answerBody(requestFor(account), { kind: 'approve', number: '57' }, issued))).toHaveProperty(
      'userId',
      'jane',
    );
    const refresh = JSON.parse(refreshBody(account, 'new', issued));
    expect(refresh).toHaveProperty('userId', 'jane');
    expect(refresh).not.toHaveProperty('username');
  });

  test('ios4 repeats its mechanism in the refresh', () => {
    expect(claimsOf(JSON.parse(refreshBody(accountAs('ios4'), 'new', issued)).jwt)).toHaveProperty(
      'mechanismUid',
      VECTOR.mechanismUid,
    );
    expect(claimsOf(JSON.parse(refreshBody(accountAs('android4'), 'new', issued)).jwt)).not.toHaveProperty(
      'mechanismUid',
    );
  });

  test('a refresh without a known user names none', () => {
    const { userId, ...nameless } = accountAs('android4');
    expect(userId).toBe('jane');
    expect(JSON.parse(refreshBody(nameless, 'new', issued))).not.toHaveProperty('username');
  });
});

describe('the number', () => {
  const typed = requestFor(accountAs('assent'), { x_len: '6' });
  const chosen = requestFor(accountAs('assent'));

  test.each([
    ['48320', /6 digits/],
    ['4832011', /6 digits/],
    ['48320x', /6 digits/],
    ['', /6 digits/],
    [undefined, /needs the number/],
  ])('typed as %j is refused before anything is sent', (number, reason) => {
    expect(() => numberFor(typed, number)).toThrow(reason);
  });

  test('may have blanks and dashes', () => {
    expect(numberFor(typed, ' 483-201 ')).toBe('483201');
  });

  test('must be one of the choices', () => {
    expect(numberFor(chosen, '57')).toBe('57');
    expect(() => numberFor(chosen, '58')).toThrow(/not one of the choices/);
  });

  test('has no place where none was asked for', () => {
    const plain = requestFor(accountAs('assent'), { k: 'default' });
    expect(numberFor(plain, undefined)).toBeUndefined();
    expect(() => numberFor(plain, '57')).toThrow(/no number/);
  });

  test('cannot be given when a challenge came without digits or choices: it can only be denied', () => {
    expect(() => numberFor(requestFor(accountAs('assent'), { n: undefined }), '57')).toThrow(/only be denied/);
  });
});
