// biome-ignore lint/style/noRestrictedImports: its keys go through PEM.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  fakeRequest,
  memoryIdentities,
  runNode,
  seededRandom,
  simulatedClock,
  testUserId,
} from '@assent/engine/testing';
import { newEcKeyPair } from '@assent/push/jose';
import { describe, expect, test } from 'vitest';
import { amsterJwtDecision } from './amster-jwt-decision.node.ts';

const rsaPem = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const rsa = { publicKey: createPublicKey(rsaPem.publicKey), privateKey: createPrivateKey(rsaPem.privateKey) };
const p256 = newEcKeyPair();
const p384 = newEcKeyPair('P-384');
const p521 = newEcKeyPair('P-521');

const lengthFirst = (part: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return Buffer.concat([length, part]);
};
const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');

/** A line of the file as OpenSSH writes it. */
const lineOf = (publicKey: KeyObject, options = ''): string => {
  const jwk = publicKey.export({ format: 'jwk' });
  const curve = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' }[jwk.crv ?? ''];
  const type = curve === undefined ? 'ssh-rsa' : `ecdsa-sha2-${curve}`;
  const parts =
    curve === undefined
      ? [Buffer.from(type), bytes(jwk.e), Buffer.concat([Buffer.alloc(1), bytes(jwk.n)])]
      : [Buffer.from(type), Buffer.from(curve), Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)])];
  return `${options}${options && ' '}${type} ${Buffer.concat(parts.map(lengthFirst)).toString('base64')} me@host`;
};

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (privateKey: KeyObject, alg: string, claims: object): string => {
  const input = `${encoded({ typ: 'JWT', alg })}.${encoded(claims)}`;
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${input}.${sign(`sha${alg.slice(2)}`, Buffer.from(input), key).toString('base64url')}`;
};

const PATH = 'security/keys/amster/authorized_keys';
const setUp = (file: string | undefined, path = PATH) => {
  const clock = simulatedClock();
  return {
    clock,
    ports: {
      clock,
      random: seededRandom(3),
      identities: memoryIdentities({ amadmin: {} }),
      keyFiles: { read: async (asked: string) => (asked === path ? file : undefined) },
    },
  };
};

/** Asks, lets the client answer the challenge, and says where that led. */
const answer = async (
  file: string | undefined,
  reply: (challenge: string, now: number) => string,
  { address = '192.0.2.7', config = {}, path = PATH } = {},
) => {
  const { clock, ports } = setUp(file, path);
  const asked = await runNode(amsterJwtDecision, { config, ports, request: fakeRequest({ clientAddress: address }) });
  const challenge = String(asked.callbacks[0]?.output.value);
  return { asked, result: await asked.again([reply(challenge, clock.now())]) };
};
const signedBy =
  (key: KeyObject, alg: string, claims: object = {}) =>
  (nonce: string) =>
    tokenOf(key, alg, { sub: 'amadmin', nonce, ...claims });

test('asks with a challenge of its own each time, kept where no client reads it', async () => {
  const { asked } = await answer('', () => 'x');
  expect(asked.callbacks).toEqual([
    {
      type: 'HiddenValueCallback',
      output: { id: 'jwt', value: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      input: { '': 'jwt' },
    },
  ]);
  expect(asked.shared).toEqual({});
});

describe('refuses', () => {
  const file = lineOf(rsa.publicKey);
  const good = signedBy(rsa.privateKey, 'RS256');
  test.each([
    ['the challenge itself', file, (nonce: string) => nonce, 'it is no signed token'],
    ['an empty answer', file, () => '', 'it is no signed token'],
    ['a token that is too long', file, () => `${'a'.repeat(9_000)}.a.a`, 'it is no signed token'],
    ['a token of another key', lineOf(p256.publicKey), good, 'no key of the file has signed it'],
    [
      'a token without a signature',
      file,
      (nonce: string) => `${encoded({ alg: 'none' })}.${encoded({ nonce, sub: 'amadmin' })}.`,
      'no key of the file has signed it',
    ],
    [
      'a key used as an HMAC secret',
      file,
      (nonce: string) => `${encoded({ alg: 'HS256' })}.${encoded({ nonce, sub: 'amadmin' })}.AAAA`,
      'no key of the file has signed it',
    ],
    [
      'claims that were changed',
      file,
      (nonce: string) => good(nonce).replace(/\.[^.]+\./, `.${encoded({ nonce, sub: 'other' })}.`),
      'no key of the file has signed it',
    ],
    ['the answer to another challenge', file, () => good('another'), 'it answers another challenge'],
    [
      'a token that has expired',
      file,
      (nonce: string, now: number) => tokenOf(rsa.privateKey, 'RS256', { sub: 'amadmin', nonce, exp: now / 1_000 }),
      'it has expired',
    ],
    ['a token for nobody', file, signedBy(rsa.privateKey, 'RS256', { sub: 7 }), 'it names no user'],
    [
      'a user who does not exist',
      file,
      signedBy(rsa.privateKey, 'RS256', { sub: 'nobody' }),
      'its user does not exist',
    ],
    [
      'a file of garbage',
      'ssh-rsa AAAA\n# a comment\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA me',
      good,
      'no key of the file has signed it',
    ],
  ])('%s', async (_what, keys, reply, reason) => {
    const { result } = await answer(keys, reply);
    expect(result.action).toMatchObject({ outcome: 'false' });
    expect(result.log.at(-1)?.msg).toBe(`The token is not accepted: ${reason}.`);
    expect(result.journey.identified).toBeUndefined();
  });

  test('everybody, where there is no file', async () => {
    const { result } = await answer(undefined, good);
    expect(result.action).toMatchObject({ outcome: 'false' });
    expect(result.log.at(-1)?.msg).toBe(`There is no file "${PATH}" in the data directory.`);
  });

  test('a second answer to one challenge', async () => {
    const { result } = await answer(file, (nonce) => good(nonce));
    expect(result.action).toMatchObject({ outcome: 'true' });
    expect(result.journey.proven).toEqual([]);
    expect((await result.again()).action.kind).toBe('send');
  });
});

describe('accepts', () => {
  test.each([
    ['RS256', rsa],
    ['RS384', rsa],
    ['RS512', rsa],
    ['ES256', p256],
    ['ES384', p384],
    ['ES512', p521],
  ])('%s by a key of that kind', async (alg, { publicKey, privateKey }) => {
    const file = `# keys\n\n${lineOf(newEcKeyPair().publicKey)}\n${lineOf(publicKey)}\n`;
    const { result } = await answer(file, signedBy(privateKey, alg));
    expect(result.action).toMatchObject({ outcome: 'true' });
    expect(result.state.username).toBe('amadmin');
    expect(result.journey.identified).toBe(testUserId('amadmin'));
  });

  test('a file that the author names', async () => {
    const place = { config: { authorizedKeys: 'keys/mine' }, path: 'keys/mine' };
    const { result } = await answer(lineOf(p256.publicKey), signedBy(p256.privateKey, 'ES256'), place);
    expect(result.action).toMatchObject({ outcome: 'true' });
  });
});

test.each([
  ['subject="amadmin"', '192.0.2.7', 'true'],
  ['subject="other,amadmin"', '192.0.2.7', 'true'],
  ['subject="*"', '192.0.2.7', 'true'],
  ['subject="other"', '192.0.2.7', 'false'],
  ['from="192.0.2.7"', '192.0.2.7', 'true'],
  ['from="192.0.2.?"', '192.0.2.7', 'true'],
  ['from="192.0.*"', '192.0.2.7', 'true'],
  ['from="192.0.2.70"', '192.0.2.7', 'false'],
  ['from="192.0.2.0/24"', '192.0.2.7', 'true'],
  ['from="198.51.100.0/24"', '192.0.2.7', 'false'],
  ['from="192.0.2.0/24,!192.0.2.7"', '192.0.2.7', 'false'],
  ['from="2001:db8::/32"', '2001:db8::7', 'true'],
  ['from="2001:db8::/32"', '192.0.2.7', 'false'],
  ['from="192.0.2.0/99"', '192.0.2.7', 'false'],
  ['no-pty,from="192.0.2.7",subject="amadmin"', '192.0.2.7', 'true'],
])('the options %s let a client at %s through: %s', async (options, address, outcome) => {
  const { result } = await answer(lineOf(p256.publicKey, options), signedBy(p256.privateKey, 'ES256'), { address });
  expect(result.action).toMatchObject({ outcome });
});
