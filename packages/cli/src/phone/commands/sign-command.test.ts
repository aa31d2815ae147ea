import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { jsonLines } from '../testing/phone-and-server.ts';
import { testPhone } from '../testing/test-phone.ts';

const USER = 'id=demo,ou=user,ou=services,ou=am-config';
const step = (type: string, output: Readonly<Record<string, unknown>>, ...inputs: readonly string[]): string =>
  JSON.stringify({
    authId: 'a.b.c',
    callbacks: [
      { type: 'TextOutputCallback', output: [{ name: 'message', value: 'x' }] },
      {
        type,
        output: Object.entries(output).map(([name, value]) => ({ name, value })),
        input: inputs.map((name) => ({ name: `IDToken2${name}`, value: '' })),
      },
    ],
  });
const toBind = (userId = USER, username = 'demo') =>
  step(
    'DeviceBindingCallback',
    { userId, username, authenticationType: 'NONE', challenge: 'Y2hhbGxlbmdl', timeout: 60 },
    'jws',
    'deviceName',
    'deviceId',
    'clientError',
  );
const toSign = (userId = USER) =>
  step('DeviceSigningVerifierCallback', { userId, challenge: 'Pay 12 €', timeout: 5 }, 'jws', 'clientError');

const setUp = () => {
  const phone = testPhone(1_760_000_300_000);
  const answer = async (text: string, ...args: readonly string[]) => {
    phone.stdinText = text;
    const run = await phone.run('sign', ...args);
    if (run.code !== 0) return run;
    const answered = JSON.parse(run.stdout) as {
      readonly authId: string;
      readonly callbacks: readonly [unknown, { readonly input: readonly { name: string; value: string }[] }];
    };
    expect(answered.authId).toBe('a.b.c');
    return Object.fromEntries(answered.callbacks[1].input.map(({ name, value }) => [name.slice(8), value]));
  };
  return { phone, answer };
};
const partsOf = (jws = '') => {
  const [head = '', claims = '', signature = ''] = jws.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(head), claims: read(claims), input: `${head}.${claims}`, signature };
};

describe('assent phone sign', () => {
  test('makes a key to be bound, and signs with it from then on', async () => {
    const { phone, answer } = setUp();
    const bound = (await answer(toBind(), '--application', 'com.example.app')) as Record<string, string>;
    expect(bound).toMatchObject({ deviceName: 'workbench', clientError: '' });
    const binding = partsOf(bound.jws);
    expect(binding.claims).toEqual({
      sub: USER,
      iss: 'com.example.app',
      challenge: 'Y2hhbGxlbmdl',
      exp: 1_760_000_360,
      iat: 1_760_000_300,
      nbf: 1_760_000_300,
    });
    expect(binding.header.jwk).not.toHaveProperty('d');
    const key = createPublicKey({ key: binding.header.jwk, format: 'jwk' });
    const isSigned = ({ input, signature }: ReturnType<typeof partsOf>) =>
      verify('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    expect(isSigned(binding)).toBe(true);
    const signing = partsOf(((await answer(toSign())) as Record<string, string>).jws);
    expect(isSigned(signing)).toBe(true);
    expect(signing.header).toEqual({ typ: 'JWS', alg: 'ES256', kid: binding.header.kid });
    expect(signing.claims).toMatchObject({ sub: USER, challenge: 'Pay 12 €', exp: 1_760_000_305 });
    expect((await phone.run('list')).stdout).toMatch(/com\.example\.app +demo +signs for an app/);
  });

  test('has one key of an app for a user, and signs for whom it is asked', async () => {
    const { phone, answer } = setUp();
    await answer(toBind());
    const { jws } = (await answer(toBind())) as Record<string, string>;
    const other = 'id=other,ou=user,ou=services,ou=am-config';
    await answer(toBind(other, 'other'));
    expect(jsonLines((await phone.run('list', '--json')).stdout)).toHaveLength(2);
    const { kid } = partsOf(jws).header;
    expect(partsOf(((await answer(toSign())) as Record<string, string>).jws).header.kid).toBe(kid);
    expect(await answer(toSign(''))).toMatchObject({ code: 2, stderr: expect.stringContaining('--account ID') });
    const chosen = (await answer(toSign(''), '--account', kid)) as Record<string, string>;
    expect(partsOf(chosen.jws).claims.sub).toBe(USER);
  });

  test('says what it cannot do, as the official apps do', async () => {
    const { answer } = setUp();
    expect(await answer(toSign())).toEqual({ jws: '', clientError: 'ClientNotRegistered' });
    expect(await answer(toBind(), '--error', 'Abort')).toMatchObject({ jws: '', clientError: 'Abort' });
  });

  test.each([
    ['x', 'The step is not JSON.'],
    ['[]', 'The step asks no app'],
    ['{"callbacks":[null,7]}', 'The step asks no app'],
    [step('NameCallback', {}, ''), 'The step asks no app'],
    [step('DeviceSigningVerifierCallback', { challenge: 7 }, 'jws'), 'The step has nothing to sign.'],
  ])('refuses %.60s: %s', async (text, message) => {
    expect(await setUp().answer(text)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test('refuses a file that cannot be read', async () => {
    expect(await setUp().answer('', '--step', '/nowhere/step')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('/nowhere/step cannot be read'),
    });
  });
});
