import { createECDH, createHmac, createSign } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  authenticationClaims,
  decodeBase64,
  encodeBase64,
  parseAuthenticationClaims,
  parsePushClaims,
  parseRefreshClaims,
  parseRegistrationClaims,
  pushClaims,
  registrationClaims,
} from '../protocol/index.ts';
import {
  answerChallenge,
  checkEcPublicKey,
  newEcKeyPair,
  openEs256,
  openHs256,
  sameBytes,
  signEs256,
  signHs256,
} from './index.ts';

// spec/push-protocol.md §12
const K = Buffer.from('vuUj5LiGHko89joabTsc1FWX8vcN8IIrc+KFRkCNe5k=', 'base64');
const HEADER = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9';
const MECHANISM = '0f6a1c52-7f0e-4b0b-9f2d-5d8f5b1c7e21';
const c1 = Buffer.from('fPpwe+VqEbfjH61FSC5gfSK9LF5sM1kXetvAa+Geb2c=', 'base64');
const c2 = Buffer.from('SNUBZie5WqrqvLuivVH+M1mEUoXpRJL2M5Ua1N6lBB8=', 'base64');
const answer1 = 'P/InVkw5+b4Y2LXwR4gZqt6cTLG+moIf8nlWKaJhWxw=';
const answer2 = '2FU9qxwy9WIxfOC0oAuOj6rXmx5WsGqthGwicgDjSak=';
const registerJwt =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJkZXZpY2VJZCI6ImZjbS10b2tlbi1FWEFNUExFIiwiZGV2aWNlTmFtZSI6IlBpeGVsIG9mIEphbmUiLCJkZXZpY2VUeXBlIjoiYW5kcm9pZCIsImNvbW11bmljYXRpb25UeXBlIjoiZ2NtIiwibWVjaGFuaXNtVWlkIjoiMGY2YTFjNTItN2YwZS00YjBiLTlmMmQtNWQ4ZjViMWM3ZTIxIiwicmVzcG9uc2UiOiJQL0luVmt3NStiNFkyTFh3UjRnWnF0NmNUTEcrbW9JZjhubFdLYUpoV3h3PSJ9.G2LdHK5xOX-gsZ_yj8H6xrYvcBwwnw8Zi0lDQRlJEiI';
const pushJwt =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJ1IjoiMGY2YTFjNTItN2YwZS00YjBiLTlmMmQtNWQ4ZjViMWM3ZTIxIiwibCI6ImJHSTlibTlrWlRjPSIsImMiOiJTTlVCWmllNVdxcnF2THVpdlZIK00xbUVVb1hwUkpMMk01VWExTjZsQkI4PSIsIm0iOiJMb2dpbiBhdHRlbXB0IGZyb20gamFuZSBhdCBBY21lIiwiayI6ImNoYWxsZW5nZSIsImkiOiIxNzYwMDAwMzAwMDAwIiwidCI6IjEyMCIsImQiOiJqYW5lIiwicCI6Int9IiwieCI6IntcInJlbW90ZUlwXCI6XCIxOTguNTEuMTAwLjdcIn0iLCJuIjoiMjQsNTcsODEifQ.SFI-aPMVucEDhxWM6rtZElf6hZ8ddD1B6L92yoevldg';
const approvalJwt =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJyZXNwb25zZSI6IjJGVTlxeHd5OVdJeGZPQzBvQXVPajZyWG14NVdzR3F0aEd3aWNnRGpTYWs9IiwiY2hhbGxlbmdlUmVzcG9uc2UiOiI1NyJ9.3qxC08sTHV04l5tge6I1YHW9HsIy7h3PLznlfvCRlWs';
const denialJwt =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJyZXNwb25zZSI6IjJGVTlxeHd5OVdJeGZPQzBvQXVPajZyWG14NVdzR3F0aEd3aWNnRGpTYWs9IiwiZGVueSI6dHJ1ZX0.19oPoM_XfCQk-GcmP4nx9QD8V3Wg9b3laexhio6MLjw';
const refreshJwt =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJkZXZpY2VJZCI6ImZjbS10b2tlbi1FWEFNUExFLTIiLCJkZXZpY2VOYW1lIjoiUGl4ZWwgb2YgSmFuZSIsImRldmljZVR5cGUiOiJhbmRyb2lkIiwiY29tbXVuaWNhdGlvblR5cGUiOiJnY20ifQ.Id-YweKNhponHO06JPdfIgldjo9kYeS_RRh6eKkura4';

const NOW = 1_760_000_300_000;
const at = { now: NOW };
const b64u = (text: string | Buffer) => Buffer.from(text).toString('base64url');
const mac = (input: string, key: Buffer | string = K, hash = 'sha256') =>
  createHmac(hash, key).update(input).digest('base64url');
/** Signed well whatever header and payload say: what fails then fails for what it says. */
const forged = (header: string, payload: string | Buffer, key?: Buffer | string, hash?: string) => {
  const input = `${b64u(header)}.${b64u(payload)}`;
  return `${input}.${mac(input, key, hash)}`;
};
const GOOD = '{"typ":"JWT","alg":"HS256"}';
const payload = JSON.stringify({ response: answer2 });
const opened = (jwt: string) => openHs256(jwt, K, at);
const claimsOf = (jwt: string) => {
  const result = opened(jwt);
  if (!result.ok) throw new Error(result.reason);
  return result.claims;
};

test('answers the challenges of the worked examples', () => {
  expect(answerChallenge(K, c1).toString('base64')).toBe(answer1);
  expect(answerChallenge(K, c2).toString('base64')).toBe(answer2);
});

test.each([0, 31, 33, 64])('refuses a challenge of %d bytes, which could be a signing input', (length) => {
  expect(() => answerChallenge(K, new Uint8Array(length))).toThrow(RangeError);
});

test('an answer over the base64 text of the challenge is another answer (A015)', () => {
  expect(() => answerChallenge(K, Buffer.from(c2.toString('base64')))).toThrow(RangeError);
  expect(sameBytes(answerChallenge(K, c1), answerChallenge(K, c2))).toBe(false);
});

test('no flipped bit goes unseen (A016)', () => {
  const right = answerChallenge(K, c2);
  for (let bit = 0; bit < 256; bit += 1) {
    const wrong = Buffer.from(right);
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(sameBytes(right, wrong)).toBe(false);
  }
  expect(sameBytes(right, right.subarray(0, 31))).toBe(false);
  expect(sameBytes(right, decodeBase64(answer2) ?? new Uint8Array())).toBe(true);
});

test('signs every JWT of the worked examples, byte for byte', () => {
  const device = { deviceName: 'Pixel of Jane', deviceType: 'android', communicationType: 'gcm' } as const;
  const register = registrationClaims({
    deviceId: 'fcm-token-EXAMPLE',
    ...device,
    mechanismUid: MECHANISM,
    response: answer1,
  });
  expect(signHs256(register, K)).toBe(registerJwt);
  const push = pushClaims({
    mechanismUid: MECHANISM,
    challenge: c2,
    loadBalancerCookie: 'lb=node7',
    text: 'Login attempt from jane at Acme',
    pushType: 'CHALLENGE',
    createdAt: 1760000300000,
    messageTimeout: 120_000,
    userId: 'jane',
    context: { remoteIp: '198.51.100.7' },
    choices: [24, 57, 81],
  });
  expect(signHs256(push, K)).toBe(pushJwt);
  expect(signHs256(authenticationClaims({ response: answer2, number: '57' }), K)).toBe(approvalJwt);
  expect(signHs256(authenticationClaims({ response: answer2, deny: true }), K)).toBe(denialJwt);
  expect(signHs256({ deviceId: 'fcm-token-EXAMPLE-2', ...device }, K)).toBe(refreshJwt);
});

test('opens and reads every JWT of the worked examples', () => {
  const device = { deviceName: 'Pixel of Jane', deviceType: 'android', communicationType: 'gcm' };
  expect(parseRegistrationClaims(claimsOf(registerJwt), ['gcm'])).toEqual({
    ok: true,
    value: {
      deny: false,
      response: decodeBase64(answer1),
      mechanismUid: MECHANISM,
      deviceId: 'fcm-token-EXAMPLE',
      ...device,
    },
  });
  expect(parsePushClaims(claimsOf(pushJwt))).toMatchObject({
    ok: true,
    value: { choices: [24, 57, 81], userId: 'jane' },
  });
  expect(parseAuthenticationClaims(claimsOf(approvalJwt))).toEqual({
    ok: true,
    value: { response: decodeBase64(answer2), deny: false, number: 57 },
  });
  expect(parseAuthenticationClaims(claimsOf(denialJwt))).toMatchObject({ ok: true, value: { deny: true } });
  expect(parseRefreshClaims(claimsOf(refreshJwt), ['gcm'])).toEqual({
    ok: true,
    value: { deviceId: 'fcm-token-EXAMPLE-2', ...device },
  });
});

test('a JWT of one action is none of another (SEC-32, A034, A035, A055)', () => {
  expect(parseAuthenticationClaims(claimsOf(pushJwt)).ok).toBe(false);
  expect(parseAuthenticationClaims(claimsOf(registerJwt)).ok).toBe(false);
  expect(parseAuthenticationClaims(claimsOf(refreshJwt)).ok).toBe(false);
  expect(parseRegistrationClaims(claimsOf(approvalJwt), ['gcm']).ok).toBe(false);
  expect(parseRegistrationClaims(claimsOf(refreshJwt), ['gcm']).ok).toBe(false);
  expect(parseRefreshClaims(claimsOf(registerJwt), ['gcm']).ok).toBe(false);
  expect(parseRefreshClaims(claimsOf(denialJwt), ['gcm']).ok).toBe(false);
});

test.each([
  ['A002', `${b64u('{"alg":"none"}')}.${b64u(payload)}.`],
  ['A003', `${b64u('{"alg":"None"}')}.${b64u(payload)}`],
  ['A003', `${b64u('{"typ":"JWT","alg":"nOnE"}')}.${b64u(payload)}.`],
  ['A004', forged(GOOD, payload, Buffer.alloc(32, 7))],
  ['A005', forged(GOOD, payload, '')],
  ['A005', forged(GOOD, payload, K.toString('base64'))],
  ['A005', forged(GOOD, payload, K.toString('hex'))],
  ['A006', forged('{"typ":"JWT","alg":"HS384"}', payload, K, 'sha384')],
  ['A006', forged('{"typ":"JWT","alg":"HS512"}', payload, K, 'sha512')],
  ['A006', forged('{"typ":"JWT","alg":"RS256"}', payload)],
  ['A006', forged('{"typ":"JWT","alg":"ES256"}', payload)],
  ['A007', forged('{"typ":"JWT","alg":"HS256","kid":"../../dev/null"}', payload)],
  ['A007', forged(`{"typ":"JWT","alg":"HS256","kid":"${'x'.repeat(3000)}"}`, payload)],
  ['A008', forged('{"alg":"HS256","jku":"https://evil.example/"}', payload)],
  ['A008', forged('{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}', payload)],
  ['A009', forged('{"alg":"HS256","crit":["b64"],"b64":false}', payload)],
  ['A009', forged('{"alg":"HS256","zip":"DEF"}', payload)],
  ['A010', `${b64u('{"alg":"dir","enc":"A256GCM"}')}..AAAA.AAAA.AAAA`],
  ['A010', JSON.stringify({ protected: HEADER, payload: b64u(payload), signature: mac(`${HEADER}.${b64u(payload)}`) })],
  ['A010', forged('{"alg":"HS256","cty":"JWT"}', approvalJwt)],
  ['duplicate alg', forged('{"alg":"none","alg":"HS256"}', payload)],
  ['alg list', forged('{"alg":["HS256"]}', payload)],
  ['typ', forged('{"alg":"HS256","typ":"JWE"}', payload)],
])('refuses %s: %s (SEC-33)', (_, jwt) => {
  expect(opened(jwt).ok).toBe(false);
});

const [head = '', body = '', signature = ''] = approvalJwt.split('.');
test.each([
  '',
  '.',
  '..',
  '...',
  head,
  `${head}.${body}`,
  `${approvalJwt}.`,
  `${approvalJwt}.x`,
  `${head}..${signature}`,
  `.${body}.${signature}`,
  ` ${approvalJwt}`,
  `${approvalJwt}\n`,
  `${head}.${body}\n.${signature}`,
  `${head}.${body}=.${signature}`,
  `${head}.${body}.${signature}=`,
  `${head}.${body}.${signature.replaceAll('_', '/')}/`,
  `${head}.${body}.${signature.slice(0, -1)}`,
  `${head}.${body}.${signature}AAAA`,
  'x'.repeat(1024 * 1024),
])('refuses what is not one compact JWS: %.60j (A011)', (jwt) => {
  expect(opened(jwt).ok).toBe(false);
});

test('a JWT over 8 KiB is refused before anything is computed, one of 8 KiB is not (SEC-33)', () => {
  const filled = (length: number) => signHs256({ fill: 'x'.repeat(length) }, K);
  const fits = filled(6072);
  expect(fits.length).toBeGreaterThan(8180);
  expect(fits.length).toBeLessThanOrEqual(8192);
  expect(opened(fits).ok).toBe(true);
  expect(opened(filled(6090)).ok).toBe(false);
});

test('a second spelling of the same signature is refused: repeats are recognised by their bytes', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signature.slice(-1));
  const respelled = `${head}.${body}.${signature.slice(0, -1)}${alphabet[last ^ 1]}`;
  expect(Buffer.from(respelled.split('.')[2] ?? '', 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
  expect(opened(respelled).ok).toBe(false);
});

test('nothing of a JWT can change without being refused (SEC-33, SEC-78)', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: approvalJwt.length - 1 }),
      fc.constantFrom('A', 'b', '9', '-', '_', '.'),
      (place, other) => {
        fc.pre(approvalJwt[place] !== other);
        expect(opened(approvalJwt.slice(0, place) + other + approvalJwt.slice(place + 1)).ok).toBe(false);
      },
    ),
  );
});

test.each(['[]', 'null', '"x"', '1', '', '{"response":"a","response":"b"}', '{"__proto__":{"response":"a"}}', '{}x'])(
  'refuses the payload %s under a good signature (A012)',
  (text) => {
    expect(opened(forged(GOOD, text)).ok).toBe(false);
  },
);

test('refuses a payload that is not UTF-8 (A012)', () => {
  expect(opened(forged(GOOD, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).ok).toBe(false);
});

test.each(['{"typ":"JWT","alg":"HS256"}', '{"alg":"HS256","typ":"JWT"}', '{"alg":"HS256"}', '{ "alg": "HS256" }'])(
  'accepts the header %s',
  (header) => {
    expect(opened(forged(header, payload))).toEqual({ ok: true, claims: { response: answer2 } });
  },
);

const seconds = NOW / 1000;
test.each([
  { exp: seconds },
  { exp: seconds - 1 },
  { exp: 'never' },
  { exp: null },
  { nbf: seconds + 1 },
  { iat: seconds - 301 },
  { iat: seconds + 301 },
  { iat: String(seconds) },
  { aud: 'https://elsewhere.example' },
])('refuses a JWT with %j (SEC-33)', (claims) => {
  expect(opened(signHs256(claims, K)).ok).toBe(false);
});

test('accepts times that hold and the audience that is expected', () => {
  const claims = { exp: seconds + 1, nbf: seconds, iat: seconds - 300, aud: 'https://id.example/relay' };
  const jwt = signHs256(claims, K);
  expect(openHs256(jwt, K, { now: NOW, audience: claims.aud })).toEqual({ ok: true, claims });
  expect(openHs256(jwt, K, { now: NOW, audience: 'https://id.example/other' }).ok).toBe(false);
});

test.each([0, 16, 31])('neither signs nor opens with a key of %d bytes (A005)', (length) => {
  const key = Buffer.alloc(length);
  expect(() => signHs256({}, key)).toThrow(RangeError);
  expect(openHs256(forged(GOOD, payload, key), key, at).ok).toBe(false);
});

const own = newEcKeyPair();
const stranger = newEcKeyPair();
const { x = '', y = '' } = own.publicKey.export({ format: 'jwk' });
const jwk = { kty: 'EC', crv: 'P-256', x, y } as const;
const answered = { response: answer2, iat: seconds, jti: 'j1', mid: 'AUTHENTICATE:m1' };

test('a phone with a key of its own is verified by that key, as JWK or imported', () => {
  const jwt = signEs256(answered, own.privateKey);
  expect(jwt.startsWith(`${b64u('{"typ":"JWT","alg":"ES256"}')}.`)).toBe(true);
  expect(openEs256(jwt, jwk, at)).toEqual({ ok: true, claims: answered });
  expect(openEs256(jwt, own.publicKey, at)).toEqual({ ok: true, claims: answered });
});

/** An uncompressed point: a byte that says so, and the coordinates. */
const jwkOfPoint = (point: Buffer) => ({
  ...jwk,
  x: point.subarray(1, 33).toString('base64url'),
  y: point.subarray(33).toString('base64url'),
});

test('a key that is known is not imported again, and a flood of others only makes it forgotten', () => {
  const imported = () => {
    const key = checkEcPublicKey(jwk);
    return key.ok ? key.value : undefined;
  };
  const first = imported();
  expect(imported()).toBe(first);
  for (let others = 0; others < 1_024; others += 1) {
    checkEcPublicKey(jwkOfPoint(createECDH('prime256v1').generateKeys()));
  }
  const again = imported();
  expect(again).not.toBe(first);
  expect(again?.equals(own.publicKey)).toBe(true);
});

test('such a phone cannot be downgraded to the shared key, nor be spoken for by another (A042, A060)', () => {
  expect(openEs256(signHs256(answered, K), jwk, at).ok).toBe(false);
  expect(openEs256(signHs256(answered, Buffer.from(`${x}${y}`)), jwk, at).ok).toBe(false);
  expect(openEs256(signEs256(answered, stranger.privateKey), jwk, at).ok).toBe(false);
  expect(openHs256(signEs256(answered, own.privateKey), K, at).ok).toBe(false);
});

test('an ES256 signature in any other encoding is refused', () => {
  const input = signEs256(answered, own.privateKey).split('.').slice(0, 2).join('.');
  const der = createSign('sha256').update(input).sign(own.privateKey);
  expect(openEs256(`${input}.${b64u(der)}`, jwk, at).ok).toBe(false);
  for (const length of [1, 63, 64, 65, 128]) {
    expect(openEs256(`${input}.${b64u(Buffer.alloc(length))}`, jwk, at).ok).toBe(false);
  }
});

const coordinate = (value: Buffer) => value.toString('base64url');
const p384 = newEcKeyPair('P-384').publicKey.export({ format: 'jwk' });
test.each([
  ['a point off the curve', { ...jwk, y: coordinate(Buffer.alloc(32, 1)) }],
  ['the point at infinity', { ...jwk, x: coordinate(Buffer.alloc(32)), y: coordinate(Buffer.alloc(32)) }],
  [
    'coordinates beyond the field',
    { ...jwk, x: coordinate(Buffer.alloc(32, 255)), y: coordinate(Buffer.alloc(32, 255)) },
  ],
  ['another curve', p384],
  ['another curve by the right name', { ...p384, crv: 'P-256' }],
  ['a private key', own.privateKey.export({ format: 'jwk' })],
  ['10 KiB', { ...jwk, x: 'A'.repeat(10_240) }],
  ['nothing', null],
])('refuses %s as a public key (A059)', (_, key) => {
  expect(checkEcPublicKey(key).ok).toBe(false);
});

test('both sides agree on the answer whatever the bytes', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, bytes, (secret, challenge) => {
      const jwt = signHs256({ response: encodeBase64(answerChallenge(secret, challenge)) }, secret);
      const result = openHs256(jwt, secret, at);
      const read = parseAuthenticationClaims(result.ok && result.claims);
      expect(read.ok && sameBytes(read.value.response, answerChallenge(secret, challenge))).toBe(true);
    }),
  );
});
