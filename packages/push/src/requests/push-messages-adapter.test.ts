import { testRealm } from '@assent/engine/testing';
import { describe, expect, test, vi } from 'vitest';
import { phoneHint } from '../delivery/hints.ts';
import { refusalSubject, sendSubject } from '../model/push-limits.ts';
import { parseRegistrationUri } from '../protocol/index.ts';
import { PUBLIC_URL, pushWorld } from '../testing/stored/push-world.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;
const own = { communicationType: 'relay', deviceType: 'cli', hasKey: true } as const;

describe('opening a registration', () => {
  test('keeps key and challenge of 32 bytes in the record, and nothing of them in the journey (SEC-01, SEC-37)', async () => {
    const { openCode, ports } = pushWorld();
    const { messageId, deviceProfile, challengeKey } = await openCode();
    const row = ports.row(messageId);
    expect(row).toMatchObject({ kind: 'REGISTER', state: 'pending', delivery: 'none', request: messageId });
    expect(row.expiresAt - row.createdAt).toBe(60_000);
    expect(JSON.parse(Buffer.from(deviceProfile, 'base64').toString())).toMatchObject({
      uuid: row.deviceUuid,
      sharedSecret: 'placeholder',
      deviceMechanismUID: 'placeholder',
      issuer: 'Acme',
    });
    for (const secret of [row.challenge, row.secret ?? row.challenge]) {
      const text = Buffer.from(secret).toString('base64');
      expect(secret).toHaveLength(32);
      expect(deviceProfile + challengeKey).not.toContain(text);
      expect(Buffer.from(deviceProfile, 'base64').toString()).not.toContain(text);
    }
  });

  test('lives ten minutes at the most (SEC-06)', async () => {
    const { openCode, ports, user } = pushWorld();
    const { messageId } = await openCode(user, 'journey-1', 3_600_000);
    const row = ports.row(messageId);
    expect(row.expiresAt - row.createdAt).toBe(600_000);
  });

  test('shows the same code again, at the configured address (SEC-08)', async () => {
    const { openCode, bind, unit } = pushWorld();
    const { uri, messageId } = await openCode();
    const label = { issuer: 'Acme', account: 'jane', backgroundColor: '#032b75' };
    expect(await bind.messages(unit()).registrationUri(messageId, label)).toBe(uri);
    expect(parseRegistrationUri(uri)).toMatchObject({
      value: { registerUrl: `${PUBLIC_URL}/json/push/sns/message?_action=register`, userId: 'jane' },
    });
  });

  test('shows no code of another journey, of an ended one, or of nothing (SEC-07)', async () => {
    const { openCode, bind, unit } = pushWorld();
    const { messageId } = await openCode();
    const label = { issuer: 'Acme', account: 'jane', backgroundColor: '032b75' };
    expect(await bind.messages(unit({ journeyId: 'other' })).registrationUri(messageId, label)).toBeUndefined();
    expect(await bind.messages(unit()).registrationUri('REGISTER:unknown', label)).toBeUndefined();
    const step = unit();
    bind.messages(step).close(messageId, 'timeout');
    await step.commit();
    expect(await bind.messages(unit()).registrationUri(messageId, label)).toBeUndefined();
  });

  test('says that the service is missing', async () => {
    const { bind, unit, user } = pushWorld({ hasService: false });
    const port = bind.messages(unit());
    expect(port.hasService()).toBe(false);
    expect(await port.openRegistration({ identity: user, issuer: 'Acme', timeoutMillis: 1 })).toEqual({
      status: 'serviceMissing',
    });
  });

  test('looks first whether another process has stored the service meanwhile (OPS-28)', async () => {
    const { bind, unit, user, storeServiceElsewhere } = pushWorld({ hasService: false });
    storeServiceElsewhere();
    expect(
      await bind.messages(unit()).openRegistration({ identity: user, issuer: 'Acme', timeoutMillis: 1 }),
    ).toMatchObject({ status: 'opened' });
  });
});

describe('the status of a message', () => {
  test('of another journey is expired: an id proves nothing (SEC-03)', async () => {
    const { registeredPhone, sendTo, status } = pushWorld();
    await registeredPhone(own);
    const { messageId } = await sendTo();
    expect(await status(messageId)).toEqual({ status: 'pending' });
    expect(await status(messageId, 'journey-2')).toEqual({ status: 'expired' });
    expect(await status('AUTHENTICATE:unknown')).toEqual({ status: 'expired' });
  });

  test('is pending in the very unit of work that sends it', async () => {
    const { registeredPhone, bind, unit, user, ports } = pushWorld();
    await registeredPhone(own);
    const port = bind.messages(unit());
    const result = await port.send({
      identity: user,
      devices: await ports.devices.ofUser(user.id),
      text: '',
      namelessText: '',
      user: 'jane',
      pushType: 'DEFAULT',
      timeoutMillis: 120_000,
      payload: {},
      waitForProvider: false,
    });
    if (result.status !== 'sent') throw new Error(result.status);
    expect(await port.status(result.messageId)).toEqual({ status: 'pending' });
  });

  test('costs one read and no write while it is pending', async () => {
    const { registeredPhone, sendTo, ports, unit, bind } = pushWorld();
    await registeredPhone(own);
    const { messageId } = await sendTo();
    const before = ports.reads;
    const step = unit();
    const port = bind.messages(step);
    await port.status(messageId);
    await port.status(messageId);
    expect(ports.reads - before).toBe(1);
    expect(step.toCommit).toEqual([]);
  });

  test('of a registration is read together with its code', async () => {
    const { openCode, ports, unit, bind, user } = pushWorld();
    const { messageId, uri } = await openCode();
    const label = { issuer: 'Acme', account: user.username, backgroundColor: '032b75' };
    const before = ports.reads;
    const port = bind.messages(unit());
    expect(await port.status(messageId)).toEqual({ status: 'pending' });
    expect(await port.registrationUri(messageId, label)).toBe(uri);
    expect(ports.reads - before).toBe(1);
  });
});

describe('sending', () => {
  test('puts what the protocol wants into the message of each phone', async () => {
    const { registeredPhone, sendTo, clock } = pushWorld();
    const phone = await registeredPhone(own);
    const context = { remoteIp: '198.51.100.7', userAgent: 'Browser\u202e/1' };
    const { rowFor, expiresAt } = await sendTo({ payload: { amount: 5 }, context });
    expect(expiresAt).toBe(clock.now() + 120_000);
    expect(phone.read(rowFor(phone).jwt)).toMatchObject({
      mechanismUid: phone.mechanismUid,
      loadBalancerCookie: 'amlbcookie=01',
      text: 'Is this you? jane is signing in to Acme.',
      createdAt: clock.now(),
      lifetimeSeconds: 120,
      customAttributes: '{"amount":5}',
      context: { remoteIp: '198.51.100.7', userAgent: 'Browser/1' },
    });
  });

  test('names nobody to Google, Apple and Amazon, unless the realm says so (security-reliability §7 "Minimisation")', async () => {
    const context = { remoteIp: '198.51.100.7', location: { latitude: 52.520008, longitude: -13.404954 } };
    const claimsIn = async (nameInPushMessages: boolean) => {
      const { registeredPhone, sendTo } = pushWorld({ realms: [testRealm({ nameInPushMessages })] });
      const phones = [await registeredPhone(official), await registeredPhone(own)];
      const { rowFor } = await sendTo({ context });
      const rows = phones.map(rowFor);
      for (const { envelope } of rows.slice(0, 1))
        if (!nameInPushMessages) expect(envelope?.text).not.toContain('jane');
      return rows.map(({ jwt }) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()));
    };
    const [read, sealed] = await claimsIn(false);
    expect(Object.keys(read).join()).toBe('u,l,c,m,k,i,t,p,x');
    expect(JSON.stringify(read)).not.toMatch(/jane|user-1/);
    expect(read.m).toBe('Is this you? Somebody is signing in to Acme.');
    expect(JSON.parse(read.x)).toEqual({ remoteIp: '198.51.100.7', location: { latitude: 52.52, longitude: -13.4 } });
    expect(sealed).toMatchObject({ m: 'Is this you? jane is signing in to Acme.' });
    expect(sealed).not.toHaveProperty('d');
    for (const claims of await claimsIn(true)) {
      expect(claims).toMatchObject({ d: 'jane', m: 'Is this you? jane is signing in to Acme.' });
    }
  });

  test('delivers after the commit, and not without it', async () => {
    const { registeredPhone, bind, unit, user, ports, sent, send, dispatcher } = pushWorld();
    await registeredPhone(official);
    const step = unit({ journeyId: 'given-up' });
    await bind.messages(step).send({
      identity: user,
      devices: await ports.devices.ofUser(user.id),
      text: '',
      namelessText: '',
      user: 'jane',
      pushType: 'DEFAULT',
      timeoutMillis: 120_000,
      payload: {},
      waitForProvider: false,
    });
    await dispatcher.idle();
    expect(sent).toEqual([]);
    const { result } = await send();
    await dispatcher.idle();
    expect(sent).toEqual([result.status === 'sent' && result.messageId]);
    expect(ports.row(sent[0] ?? '').delivery).toBe('sent');
  });

  test('rings a phone by the service that another process has stored meanwhile (OPS-28)', async () => {
    const { registeredPhone, sendTo, storeServiceElsewhere, dispatcher, sent } = pushWorld();
    await registeredPhone(official);
    storeServiceElsewhere();
    await sendTo();
    await dispatcher.idle();
    expect(sent).toHaveLength(1);
  });

  test('needs no delivery mark for a phone that fetches', async () => {
    const { registeredPhone, sendTo, ports, dispatcher } = pushWorld();
    await registeredPhone(own);
    const commits = ports.commits.length;
    const { messageId } = await sendTo();
    await dispatcher.idle();
    expect(ports.row(messageId).delivery).toBe('none');
    expect(ports.commits.length - commits).toBe(1);
  });

  test('refuses custom attributes of more than three kilobytes', async () => {
    const { registeredPhone, send, ports } = pushWorld();
    await registeredPhone(own);
    const { result } = await send({ payload: { text: 'é'.repeat(1_536) } });
    expect(result).toEqual({ status: 'payloadTooLarge' });
    expect(ports.rows().filter((row) => row.kind === 'AUTHENTICATE')).toEqual([]);
  });

  test('drops what does not fit the provider, and audits it', async () => {
    const { registeredPhone, sendTo, ports, dispatcher } = pushWorld();
    const phone = await registeredPhone(official);
    const { rowFor } = await sendTo({ payload: { text: 'x'.repeat(3_000) } });
    expect(phone.read(rowFor(phone).jwt)).not.toHaveProperty('customAttributes');
    await dispatcher.idle();
    expect(ports.audit.find(({ event }) => event === 'PUSH_SENT')?.detail).toMatchObject({
      dropped: 'customAttributes',
    });
  });

  test('lives ten minutes at the most (SEC-16)', async () => {
    const { registeredPhone, sendTo, clock } = pushWorld();
    await registeredPhone(own);
    expect(await sendTo({ timeoutMillis: 86_400_000 })).toMatchObject({ expiresAt: clock.now() + 600_000 });
  });

  test('goes on when the provider is down, unless the node wants to know', async () => {
    const { registeredPhone, send, provider, status, ports, dispatcher } = pushWorld();
    await registeredPhone(official);
    provider.failure = { permanent: false, cause: 'InternalError' };
    const { result } = await send();
    await dispatcher.idle();
    expect(result.status).toBe('sent');
    expect(result.status === 'sent' && ports.row(result.messageId).delivery).toBe('failed');
    expect(result.status === 'sent' && (await status(result.messageId))).toEqual({ status: 'pending' });
    expect((await send({ waitForProvider: true, journeyId: 'journey-2' })).result).toEqual({
      status: 'refused',
      cause: 'InternalError',
    });
  });

  test('to whoever has a name that somebody typed is sent after the answer, whatever its node wants to know (I7, SEC-59)', async () => {
    const { registeredPhone, send, provider, ports, dispatcher } = pushWorld();
    await registeredPhone(official);
    provider.failure = { permanent: false, cause: 'InternalError' };
    const commits = ports.commits.length;
    const { result } = await send({ waitForProvider: true, toAnybody: true });
    expect([result.status, ports.commits.length - commits]).toEqual(['sent', 1]);
    await dispatcher.idle();
    expect(result.status === 'sent' && ports.row(result.messageId).delivery).toBe('failed');
  });

  test('is sent for a waiting node as soon as one phone got it', async () => {
    const { registeredPhone, send, provider, ports } = pushWorld();
    await registeredPhone(official);
    await registeredPhone(own);
    provider.failure = { permanent: false, cause: 'InternalError' };
    const { result, committed } = await send({ waitForProvider: true });
    expect(result.status).toBe('sent');
    expect(committed).toEqual({ committed: true });
    expect(ports.throttle(sendSubject('user-1'))?.hits).toHaveLength(1);
  });
});

describe('push limits (SEC-25)', () => {
  const flood = async (times: number, everyMillis: number) => {
    const world = pushWorld();
    const phone = await world.registeredPhone(official);
    for (let n = 0; n < times; n += 1) {
      await world.sendTo({ journeyId: `flood-${n}` });
      world.clock.advance(everyMillis);
    }
    await world.dispatcher.idle();
    return { ...world, phone };
  };

  test.each([
    ['the fourth in a minute', 3, 10_000],
    ['the seventh in ten minutes', 6, 61_000],
    ['the twenty-first in a day', 20, 700_000],
  ])('%s is not sent, looks as if it were, and expires', async (_what, times, everyMillis) => {
    const { sendTo, sent, status, clock, dispatcher, ports, events } = await flood(times, everyMillis);
    expect(sent).toHaveLength(times);
    const hidden = await sendTo({ pushType: 'CHALLENGE' });
    await dispatcher.idle();
    expect(sent).toHaveLength(times);
    expect(hidden).toMatchObject({ status: 'sent', number: expect.stringMatching(/^\d\d$/), numberIs: 'tapped' });
    expect(hidden.rows.map(({ envelope, delivery }) => ({ envelope, delivery }))).toEqual(
      hidden.rows.map(() => ({ envelope: undefined, delivery: 'none' })),
    );
    const phones = hidden.rows.map(({ deviceUuid, userId }) => ({ uuid: deviceUuid, userId }));
    const ringing = await ports.messages.pendingFor(phones, clock.now());
    expect(ringing.filter(({ request }) => request === hidden.messageId)).toEqual([]);
    expect(events().at(-1)).toBe('THROTTLED push');
    expect(await status(hidden.messageId)).toEqual({ status: 'pending' });
    clock.advance(119_999);
    expect(await status(hidden.messageId)).toEqual({ status: 'pending' });
    clock.advance(1);
    expect(await status(hidden.messageId)).toEqual({ status: 'expired' });
  });

  test('what is not sent is not counted: the limit runs out by the clock, also under attack', async () => {
    const { sendTo, sent, clock, dispatcher } = await flood(3, 0);
    for (let n = 0; n < 5; n += 1) await sendTo({ journeyId: `more-${n}` });
    clock.advance(60_001);
    await sendTo({ journeyId: 'later' });
    await dispatcher.idle();
    expect(sent).toHaveLength(4);
  });

  test('nobody can answer what was not sent, and only a consumed approve counts no more (SEC-27)', async () => {
    const { sendTo, phone, sent, call, clock, consume, dispatcher, ports } = await flood(2, 0);
    const third = await sendTo();
    const { id, jwt } = third.rowFor(phone);
    await call('authenticate', phone.answer(id, jwt, { now: clock.now() }));
    const hidden = await sendTo({ journeyId: 'hidden' });
    expect(
      await call('authenticate', { messageId: hidden.messageId, jwt: phone.answer(id, jwt, { now: 0 }).jwt }),
    ).toMatchObject({
      status: 400,
    });
    expect(await consume(id, 'approved')).toEqual({ committed: true });
    expect(ports.throttle(sendSubject('user-1'))?.hits).toHaveLength(2);
    await sendTo({ journeyId: 'after' });
    await dispatcher.idle();
    expect(sent).toHaveLength(4);
  });

  test('counts for each user alone', async () => {
    const { ports, registeredPhone, sendTo, dispatcher, sent } = await flood(3, 0);
    const john = ports.addIdentity({ id: 'user-2', username: 'john' });
    await registeredPhone(official, john);
    await sendTo({ identity: john, devices: await ports.devices.ofUser('user-2') });
    await dispatcher.idle();
    expect(sent).toHaveLength(4);
  });

  test('of parallel sends, no more than the limit go out', async () => {
    const { send, sent, dispatcher, registeredPhone } = pushWorld();
    await registeredPhone(official);
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => send({ journeyId: `parallel-${n}` })));
    await dispatcher.idle();
    const stood = all.filter(({ committed }) => committed.committed).length;
    expect(sent.length).toBeLessThanOrEqual(3);
    expect(sent.length).toBe(Math.min(3, stood));
  });
});

test.each([true, false])(
  'a journey may take an answer and send again in one step, also when it waits for the provider: %s',
  async (waitForProvider) => {
    const { registeredPhone, sendTo, call, clock, unit, bind, user, ports, dispatcher, sent } = pushWorld();
    const phone = await registeredPhone(official);
    const { id, jwt } = (await sendTo()).rowFor(phone);
    await call('authenticate', phone.answer(id, jwt, { now: clock.now() }));
    const step = unit();
    const port = bind.messages(step);
    await port.status(id);
    port.consume(id, 'approved');
    const again = await port.send({
      identity: user,
      devices: await ports.devices.ofUser(user.id),
      text: '',
      namelessText: '',
      user: 'jane',
      pushType: 'DEFAULT',
      timeoutMillis: 120_000,
      payload: {},
      waitForProvider,
    });
    expect(again.status).toBe('sent');
    expect(await step.commit()).toEqual({ committed: true });
    await dispatcher.idle();
    expect(sent).toHaveLength(2);
    expect(ports.throttle(sendSubject('user-1'))?.hits).toEqual([clock.now()]);
  },
);

describe('the lock after two refusals (SEC-26)', () => {
  test.each([
    ['denials', { deny: true as const }],
    ['wrong numbers', { number: '11' }],
  ])('two %s in an hour end all pushes to the user for an hour', async (_what, given) => {
    const { registeredPhone, sendTo, call, clock, sent, dispatcher, events, ports } = pushWorld();
    const phone = await registeredPhone(official);
    const refuse = async (journeyId: string) => {
      const request = await sendTo({ journeyId, pushType: 'CHALLENGE' });
      const { id, jwt } = request.rowFor(phone);
      // 11 might be the right one.
      const number = 'number' in given ? String(Number(request.number) === 11 ? 12 : 11) : undefined;
      const answer = phone.answer(id, jwt, {
        now: clock.now(),
        ...('deny' in given && given),
        ...(number && { number }),
      });
      expect(await call('authenticate', answer)).toEqual({ status: 200 });
    };
    await refuse('first');
    clock.advance(59 * 60_000);
    await refuse('second');
    expect(events().at(-1)).toBe('PUSH_LOCK');
    expect(ports.throttle(refusalSubject('user-1'))?.lockedUntil).toBe(clock.now() + 3_600_000);
    clock.advance(3_599_999);
    await sendTo({ journeyId: 'third' });
    await dispatcher.idle();
    expect(sent).toHaveLength(2);
    clock.advance(1);
    await sendTo({ journeyId: 'fourth' });
    await dispatcher.idle();
    expect(sent).toHaveLength(3);
  });

  test('two in more than an hour do not, and a denial is a pause of half a minute', async () => {
    const { registeredPhone, sendTo, call, clock, ports } = pushWorld();
    const phone = await registeredPhone(own);
    for (const journeyId of ['first', 'second']) {
      const { id, jwt } = (await sendTo({ journeyId })).rowFor(phone);
      await call('authenticate', phone.answer(id, jwt, { now: clock.now(), deny: true }));
      expect(ports.throttle(refusalSubject('user-1'))?.lockedUntil).toBe(clock.now() + 30_000);
      clock.advance(3_600_001);
    }
  });
});

describe('the end of a request', () => {
  test('is consumed once, also when two ports of a unit of work ask for it', async () => {
    const { registeredPhone, sendTo, call, clock, consume, bind, unit } = pushWorld();
    const phone = await registeredPhone(own);
    const { id, jwt } = (await sendTo()).rowFor(phone);
    await call('authenticate', phone.answer(id, jwt, { now: clock.now() }));
    const step = unit();
    const port = bind.messages(step);
    await port.status(id);
    port.consume(id, 'approved');
    port.consume(id, 'approved');
    port.close(id, 'cleanup');
    expect(await step.commit()).toEqual({ committed: true });
    expect(await consume(id, 'approved')).toMatchObject({ committed: false });
  });

  test('fifty journeys that take one approve have one winner (A105)', async () => {
    const { registeredPhone, sendTo, call, clock, consume } = pushWorld();
    const phone = await registeredPhone(own);
    const { id, jwt } = (await sendTo()).rowFor(phone);
    await call('authenticate', phone.answer(id, jwt, { now: clock.now() }));
    const all = await Promise.all(Array.from({ length: 50 }, () => consume(id, 'approved')));
    expect(all.filter(({ committed }) => committed)).toHaveLength(1);
  });

  test('tells who listens, after the commit only', async () => {
    const { registeredPhone, sendTo, bind, unit, hints } = pushWorld();
    await registeredPhone(own);
    const { messageId } = await sendTo();
    const woken = vi.fn();
    hints.subscribe(`push:${messageId}`, woken);
    const step = unit();
    bind.messages(step).close(messageId, 'exit');
    await Promise.resolve();
    expect(woken).not.toHaveBeenCalled();
    await step.commit();
    await Promise.resolve();
    expect(woken).toHaveBeenCalledTimes(1);
  });

  test('a hidden request wakes the phones, as one that was sent does', async () => {
    const { registeredPhone, sendTo, hints, ports, user } = pushWorld();
    await registeredPhone(own);
    for (const journeyId of ['1', '2', '3']) await sendTo({ journeyId });
    const [device] = await ports.devices.ofUser(user.id);
    const key = phoneHint({ userId: user.id, deviceUuid: device?.uuid ?? '' });
    const woken = new Promise<void>((resolve) => hints.subscribe(key, () => resolve()));
    await sendTo({ journeyId: '4' });
    await woken;
  });
});

test('a request without devices is a mistake of the caller', async () => {
  await expect(pushWorld().send()).rejects.toThrow(RangeError);
});
