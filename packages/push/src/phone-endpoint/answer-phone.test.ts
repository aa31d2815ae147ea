import { expect, test } from 'vitest';
import { pushWorld } from '../testing/stored/push-world.ts';

test('sixty bad answers a minute from one address are looked at, more are told when to come again, and right ones are taken (SEC-34, A041)', async () => {
  const { call, clock, registeredPhone } = pushWorld();
  const phone = await registeredPhone({ communicationType: 'gcm', deviceType: 'android' });
  const FLOODER = '203.0.113.9';
  const bad = (from: string) => call('refresh', { mechanismUid: 'unknown', jwt: 'a.b.c' }, '/', from);
  for (let at = 0; at < 60; at += 1) expect(await bad(FLOODER)).toMatchObject({ status: 400 });
  expect(await bad(FLOODER)).toEqual({
    status: 429,
    cause: 'too many bad answers from its address',
    retryAfterSeconds: 60,
  });
  expect(await bad('203.0.113.10')).toMatchObject({ status: 400 });
  expect(await call('refresh', phone.refresh(clock.now()), '/', FLOODER)).toEqual({ status: 200 });
  clock.advance(60_000);
  expect(await bad(FLOODER)).toMatchObject({ status: 400 });
});
