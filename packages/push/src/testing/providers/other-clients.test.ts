import { createPrivateKey } from 'node:crypto';
import { connect } from 'node:http2';
import { expect, test } from 'vitest';
import { signAssertion } from '../../jose/index.ts';
import { startApnsFake } from './apns-fake.ts';
import { startFcmFake } from './fcm-fake.ts';

test('the fake of FCM takes a message as clients write it who are not ours', async () => {
  const fake = await startFcmFake();
  const { private_key, private_key_id: keyId, client_email: iss, token_uri: aud } = JSON.parse(fake.account.file);
  const iat = Math.floor(Date.now() / 1_000);
  const scope = 'https://www.googleapis.com/auth/firebase.messaging';
  const key = createPrivateKey(private_key);
  const assertion = signAssertion({ iss, scope, aud, iat, exp: iat + 3_600 }, { alg: 'RS256', keyId, key });
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  const { access_token: token } = await (
    await fetch(aud, {
      method: 'POST',
      body: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  ).json();
  const send = async (android: object, type: string) => {
    const body = JSON.stringify({ message: { token: 'phone-1', data: { message: 'a.b.c' }, android } });
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    return (await fetch(`${fake.endpoint}/v1/projects/acme-login/messages:send`, { method: 'POST', headers, body }))
      .status;
  };

  for (const ttl of ['1,5s', '1.5', '.s', '1.0000000001s'])
    expect(await send({ priority: 'HIGH', ttl }, 'application/json')).toBe(400);
  expect(await send({ priority: 'normal' }, 'application/json')).toBe(400);
  expect(await send({ priority: 'HIGH' }, 'text/plain')).toBe(400);
  expect(fake.taken).toEqual([]);

  expect(await send({ priority: 'high', ttl: '1.500000000s' }, 'application/json;charset=utf-8')).toBe(200);
  expect(fake.taken).toMatchObject([{ token: 'phone-1', ttlSeconds: 1.5, priority: 'high' }]);
  await fake.close();
});

test('the fake of APNs gives an id to a message that has none, and takes none that is no UUID', async () => {
  const { close, ...fake } = await startApnsFake({ isPlain: true });
  const { teamId: iss, keyId, topic } = fake.account;
  const claims = { iss, iat: Math.floor(Date.now() / 1_000) };
  const provider = signAssertion(claims, { alg: 'ES256', keyId, key: createPrivateKey(fake.account.key) });
  const session = connect(fake.endpoint);
  const send = (more: object) =>
    new Promise<unknown>((done, fail) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/3/device/${'ab'.repeat(32)}`,
        authorization: `bearer ${provider}`,
        'apns-topic': topic,
        'apns-push-type': 'alert',
        'apns-priority': 10,
        'apns-expiration': claims.iat + 60,
        ...more,
      });
      stream.on('response', ({ ':status': status, 'apns-id': id }) => done([status, id]));
      stream.on('error', fail);
      stream.resume();
      stream.end('{"aps":{"alert":"Is this you?"}}');
    });

  expect(await send({ 'apns-id': 'AUTHENTICATE:1' })).toEqual([400, 'AUTHENTICATE:1']);
  expect(await send({})).toEqual([200, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect(fake.taken).toHaveLength(1);
  session.close();
  await close();
});
