import { testRealm } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { requestHint } from '../delivery/hints.ts';
import { answerChallenge, signHs256 } from '../jose/index.ts';
import { refusalSubject } from '../model/push-limits.ts';
import { pushWorld } from '../testing/stored/push-world.ts';
import { TestPhone } from '../testing/test-phone.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;
const own = { communicationType: 'relay', deviceType: 'cli', hasKey: true } as const;

/** A request to one phone of the given kind. */
async function requested(
  options: ConstructorParameters<typeof TestPhone>[0],
  pushType: 'DEFAULT' | 'CHALLENGE' = 'DEFAULT',
) {
  const world = pushWorld();
  const phone = await world.registeredPhone(options);
  const request = await world.sendTo({ pushType });
  // What became of the delivery is a commit of its own.
  await world.dispatcher.idle();
  const { id, jwt } = request.rowFor(phone);
  const answer = (given: Partial<Parameters<TestPhone['answer']>[2]> = {}) =>
    phone.answer(id, jwt, { now: world.clock.now(), ...given });
  const post = (given?: Parameters<typeof answer>[0]) => world.call('authenticate', answer(given));
  return { ...world, phone, request, id, jwt, answer, post };
}

describe.each([
  ['an official app', official],
  ['our own phone', own],
])('the answer of %s', (_name, options) => {
  test('approves, wakes the browser, and is read as approved (A001, SEC-15)', async () => {
    const { post, id, status, hints, events, ports } = await requested(options);
    const woken = new Promise<void>((resolve) => hints.subscribe(requestHint(id), () => resolve()));
    const before = { reads: ports.reads, commits: ports.commits.length };
    expect(await post()).toEqual({ status: 200 });
    // The message and the device's key; one commit.
    expect(ports.reads - before.reads).toBe(2);
    expect(ports.commits.length - before.commits).toBe(1);
    await woken;
    expect(await status(id)).toEqual({ status: 'approved' });
    expect(events().at(-1)).toBe('PUSH_ANSWERED approved');
  });

  test('denies, and stays denied when an approve follows (A022, SEC-18)', async () => {
    const { post, id, status } = await requested(options);
    expect(await post({ deny: true })).toEqual({ status: 200 });
    expect(await post()).toMatchObject({ status: 400 });
    expect(await status(id)).toEqual({ status: 'denied', reason: 'denied' });
  });

  test('denies after an approve that no journey has taken (A023)', async () => {
    const { post, id, status, consume } = await requested(options);
    await post();
    expect(await post({ deny: true })).toEqual({ status: 200 });
    expect(await status(id)).toEqual({ status: 'denied', reason: 'denied' });
    expect(await consume(id, 'approved')).toMatchObject({ committed: false, refused: 'push.consume' });
  });

  test('comes too late to deny once a journey has taken the approve, raises an alert and shuts strangers out (A024)', async () => {
    const { post, consume, id, events, ports, clock } = await requested(options);
    await post();
    expect(await consume(id, 'approved')).toEqual({ committed: true });
    expect(await post({ deny: true })).toMatchObject({ status: 400 });
    expect(events().slice(-2)).toEqual(['PUSH_DENIED too-late', 'PUSH_ALERT too-late']);
    // Whoever looks for the session finds it by the journey that made it.
    expect(ports.audit.at(-1)?.detail).toMatchObject({ journey: 'journey-1' });
    expect(ports.throttle(refusalSubject('user-1'))?.lockedUntil).toBe(clock.now() + 3_600_000);
    // Said again and again it fills nobody's mailbox, whatever else is in the answer.
    for (const claims of [{}, { reason: 'not_me' }, { x: 1 }])
      expect(await post({ deny: true, claims })).toMatchObject({ status: 400 });
    expect(events().filter((event) => event.startsWith('PUSH_ALERT'))).toHaveLength(1);
    expect(ports.throttle(refusalSubject('user-1'))?.hits).toHaveLength(1);
  });

  test('may be repeated byte for byte for a minute: the reply was lost (A025, A026, SEC-19)', async () => {
    const { answer, call, clock, ports, id, events } = await requested(options);
    const body = answer();
    expect(await call('authenticate', body)).toEqual({ status: 200 });
    const after = ports.row(id);
    // Another answer is none, however right it is.
    expect(await call('authenticate', answer({ claims: { x: 1 } }))).toMatchObject({ status: 400 });
    clock.advance(60_000);
    expect(await call('authenticate', body)).toEqual({ status: 200 });
    expect(await call('authenticate', body)).toEqual({ status: 200 });
    expect(ports.row(id)).toEqual(after);
    // Whoever sends it a thousand times writes one row.
    expect(events().filter((event) => event === 'PUSH_DUPLICATE')).toHaveLength(1);
    clock.advance(1);
    expect(await call('authenticate', body)).toMatchObject({ status: 400 });
  });

  test('is not repeated once the time is up (A026, SEC-19)', async () => {
    const { answer, call, clock } = await requested(options);
    clock.advance(119_999);
    const body = answer();
    expect(await call('authenticate', body)).toEqual({ status: 200 });
    clock.advance(1);
    expect(await call('authenticate', body)).toMatchObject({ status: 400 });
  });

  test('is refused when the device is deleted while the answer is judged (A108)', async () => {
    const { post, ports, id, status } = await requested(options);
    ports.beforeCommit = async () => {
      ports.beforeCommit = undefined;
      await ports.committer.commit([{ type: 'device.delete', uuid: ports.row(id).deviceUuid }]);
    };
    expect(await post()).toMatchObject({ status: 400 });
    expect(await status(id)).toEqual({ status: 'expired' });
  });

  test('is refused at the end of the time, and taken up to 30 s after when it came before (A027, A028, SEC-16)', async () => {
    const { post, clock, status, id } = await requested(options);
    clock.advance(119_999);
    expect(await post()).toEqual({ status: 200 });
    clock.advance(30_000);
    expect(await status(id)).toEqual({ status: 'approved' });
    clock.advance(1);
    expect(await status(id)).toEqual({ status: 'expired' });

    const late = await requested(options);
    late.clock.advance(120_000);
    const commits = late.ports.writes.length;
    expect(await late.post()).toEqual({ status: 400, cause: 'the message is expired' });
    expect(late.ports.writes).toHaveLength(commits);
    expect(await late.status(late.id)).toEqual({ status: 'expired' });
  });

  test('is refused once another login has superseded the request, whose journey notices nothing (A038, SEC-24)', async () => {
    const { post, sendTo, status, id, phone, call, clock } = await requested(options);
    const second = await sendTo({ journeyId: 'journey-2' });
    expect(await post()).toMatchObject({ status: 400 });
    expect(await status(id)).toEqual({ status: 'pending' });
    const { id: newer, jwt } = second.rowFor(phone);
    expect(await call('authenticate', phone.answer(newer, jwt, { now: clock.now() }))).toEqual({ status: 200 });
    clock.advance(120_000);
    expect(await status(id)).toEqual({ status: 'expired' });
  });

  test('is refused when the journey has left the wait', async () => {
    const { post, unit, bind, id } = await requested(options);
    const step = unit();
    bind.messages(step).close(id, 'exit');
    await step.commit();
    expect(await post()).toMatchObject({ status: 400 });
  });

  test('is refused when the device was deleted meanwhile (A036, SEC-53)', async () => {
    const { post, ports, id, status } = await requested(options);
    await ports.committer.commit([{ type: 'device.delete', uuid: ports.row(id).deviceUuid }]);
    expect(await post()).toMatchObject({ status: 400 });
    expect(await status(id)).toEqual({ status: 'expired' });
  });

  test.each([
    ['a response over something else', { response: Buffer.alloc(32).toString('base64') }],
    ['no response', { response: null }],
    ['deny: false (A021)', { deny: false }],
    ['deny: "no" (A021)', { deny: 'no' }],
    ['a number that is none (A019)', { challengeResponse: '3e1' }],
    ['the claims of a registration (A035)', { deviceId: 'x', communicationType: 'gcm' }],
  ])('is a bad proof with %s, and the fifth closes the message (SEC-34, SEC-15)', async (_what, claims) => {
    const { post, ports, id, status } = await requested(options);
    for (let n = 1; n <= 4; n += 1) {
      expect(await post({ claims })).toMatchObject({ status: 400 });
      expect(ports.row(id)).toMatchObject({ state: 'pending', attempts: n });
    }
    await post({ claims });
    expect(ports.row(id)).toMatchObject({ state: 'closed', reason: 'attempts' });
    expect(await post()).toMatchObject({ status: 400 });
    expect(await status(id)).toEqual({ status: 'expired' });
  });

  test('is refused under another id, in another realm, by another phone, and as the push itself (A004, A029-A031, A034, SEC-15)', async () => {
    const world = pushWorld({ realms: [testRealm(), testRealm({ realm: '/beta' })] });
    const phone = await world.registeredPhone(options);
    const { rowFor } = await world.sendTo();
    const { id, jwt } = rowFor(phone);
    const body = phone.answer(id, jwt, { now: world.clock.now() });
    const stranger = new TestPhone(options);
    expect(await world.call('authenticate', body, '/beta')).toMatchObject({ status: 400 });
    expect(await world.call('authenticate', { ...body, messageId: `${id}0` })).toMatchObject({ status: 400 });
    expect(
      await world.call('authenticate', { ...body, messageId: id.replace('AUTHENTICATE', 'REGISTER') }),
    ).toMatchObject({
      status: 400,
    });
    expect(world.ports.row(id).attempts).toBe(0);
    expect(await world.call('authenticate', stranger.answer(id, jwt, { now: world.clock.now() }))).toMatchObject({
      status: 400,
    });
    expect(await world.call('authenticate', { messageId: id, jwt })).toMatchObject({ status: 400 });
    expect(world.ports.row(id)).toMatchObject({ state: 'pending', attempts: 2 });
    expect(await world.call('authenticate', body)).toEqual({ status: 200 });
  });
});

describe('number matching', () => {
  test.each([
    ['missing (A017)', undefined, 'missing'],
    ['wrong (A018)', '99999999', 'wrong'],
  ])('a %s number denies, with 200 for the phone (SEC-21)', async (_what, number, outcome) => {
    const { post, status, id, events } = await requested(own, 'CHALLENGE');
    expect(await post(number === undefined ? {} : { number })).toEqual({ status: 200 });
    expect(await status(id)).toEqual({ status: 'denied', reason: 'number' });
    expect(events().at(-1)).toBe(`PUSH_NUMBER_MISMATCH ${outcome}`);
  });

  test('our phone types all digits, which its message does not tell (SEC-22, SEC-23)', async () => {
    const { post, request, phone, jwt, status, id } = await requested(own, 'CHALLENGE');
    expect(request.number).toMatch(/^[1-9]\d{5}$/);
    expect(request.numberIs).toBe('typed');
    const push = phone.read(jwt);
    expect(push).toMatchObject({ digits: 6 });
    expect(push).not.toHaveProperty('choices');
    expect(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).not.toContain(request.number);
    expect(await post({ number: ` ${request.number}` })).toEqual({ status: 200 });
    expect(await status(id)).toMatchObject({ status: 'approved', number: Number(request.number) });
  });

  test('an official app taps one of three, as text or as a number (A020)', async () => {
    const { request, phone, jwt, answer, call, status, id } = await requested(official, 'CHALLENGE');
    expect(request.numberIs).toBe('tapped');
    expect(phone.read(jwt).choices).toContain(Number(request.number));
    expect(await call('authenticate', answer({ claims: { challengeResponse: Number(request.number) } }))).toEqual({
      status: 200,
    });
    expect(await status(id)).toMatchObject({ status: 'approved' });
  });

  test('a mixed household sees one number: typed whole on our phone, its end tapped on the app', async () => {
    const { registeredPhone, sendTo, call, clock, status } = pushWorld();
    const app = await registeredPhone(official);
    const phone = await registeredPhone(own);
    const request = await sendTo({ pushType: 'CHALLENGE' });
    const number = request.number ?? '';
    expect(request.numberIs).toBe('typed-or-tapped');
    const { id, jwt } = request.rowFor(app);
    expect(app.read(jwt).choices).toContain(Number(number.slice(-2)));
    expect(phone.read(request.rowFor(phone).jwt).digits).toBe(6);
    expect(await call('authenticate', app.answer(id, jwt, { now: clock.now(), number: number.slice(-2) }))).toEqual({
      status: 200,
    });
    expect(await status(request.messageId)).toMatchObject({ status: 'approved' });
  });

  test('the number of another journey is a wrong one (A039)', async () => {
    const { registeredPhone, sendTo, call, clock, status } = pushWorld();
    const phone = await registeredPhone(own);
    const mine = await sendTo({ pushType: 'CHALLENGE', journeyId: 'victim' });
    const theirs = await sendTo({ pushType: 'CHALLENGE', journeyId: 'attacker' });
    expect(mine.number).not.toBe(theirs.number);
    const { id, jwt } = theirs.rowFor(phone);
    await call('authenticate', phone.answer(id, jwt, { now: clock.now(), number: mine.number ?? '' }));
    expect(await status(id, 'attacker')).toEqual({ status: 'denied', reason: 'number' });
  });
});

describe('several phones', () => {
  const household = async () => {
    const world = pushWorld();
    const first = await world.registeredPhone(own);
    const second = await world.registeredPhone(official);
    const request = await world.sendTo();
    const say = (phone: TestPhone, given: { deny?: true } = {}) => {
      const { id, jwt } = request.rowFor(phone);
      return world.call('authenticate', phone.answer(id, jwt, { now: world.clock.now(), ...given }));
    };
    return { ...world, first, second, request, say };
  };

  test('each has a challenge and an id of its own; the first answer decides and withdraws the rest (SEC-15)', async () => {
    const { first, second, request, say, status } = await household();
    expect(new Set(request.rows.map(({ id }) => id)).size).toBe(2);
    expect(new Set(request.rows.map(({ challenge }) => Buffer.from(challenge).toString('hex'))).size).toBe(2);
    expect(await say(second)).toEqual({ status: 200 });
    expect(await say(first)).toMatchObject({ status: 400 });
    expect(await status(request.messageId)).toEqual({ status: 'approved' });
  });

  test('a deny on the other phone beats the approve until it is consumed', async () => {
    const { first, second, request, say, status, consume } = await household();
    await say(second);
    expect(await say(first, { deny: true })).toEqual({ status: 200 });
    expect(await status(request.messageId)).toEqual({ status: 'denied', reason: 'denied' });
    expect(await consume(request.messageId, 'approved')).toMatchObject({ committed: false });
  });

  test('an approve cannot follow a deny on another phone', async () => {
    const { first, second, say } = await household();
    await say(first, { deny: true });
    expect(await say(second)).toMatchObject({ status: 400 });
  });
});

describe('a phone with a key of its own', () => {
  test.each([
    ['iat', { iat: undefined }],
    ['jti', { jti: undefined }],
    ['mid', { mid: undefined }],
    ['the mid of another message', { mid: 'AUTHENTICATE:other' }],
    ['an iat of six minutes ago', { iat: Math.floor(1_760_000_300_000 / 1000) - 360 }],
    ['an exp that has passed', { exp: 1 }],
  ])('is refused without or with %s (A042)', async (_what, claims) => {
    const { post, ports, id } = await requested(own);
    expect(await post({ claims })).toMatchObject({ status: 400 });
    expect(ports.row(id).attempts).toBe(1);
  });

  test('cannot go back to the shared secret, which a photograph of the code has (A060, SEC-10)', async () => {
    const { jwt, id, phone, call, clock, status } = await requested(own);
    const response = answerChallenge(phone.secret, phone.read(jwt).challenge).toString('base64');
    const bound = { iat: Math.floor(clock.now() / 1000), jti: 'x', mid: id };
    const forged = signHs256({ response, ...bound }, phone.secret);
    expect(await call('authenticate', { messageId: id, jwt: forged })).toMatchObject({ status: 400 });
    expect(await status(id)).toEqual({ status: 'pending' });
  });
});

describe('races', () => {
  test('of fifty answers, one decides, and a deny among them wins (A103, SEC-17)', async () => {
    const { post, status, id, events } = await requested(official);
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, n) => post({ ...(n % 2 === 1 && { deny: true }), claims: { nth: n } })),
    );
    expect(await status(id)).toEqual({ status: 'denied', reason: 'denied' });
    const accepted = replies.filter((reply) => reply.status === 200).length;
    expect(accepted).toBe(events().filter((event) => /^PUSH_(ANSWERED|DENIED)/.test(event)).length);
    expect(accepted).toBeLessThanOrEqual(2);
  });

  test('an answer that is overtaken by another is judged again by what is stored then', async () => {
    const { post, ports, id, status, answer } = await requested(official);
    const deny = answer({ deny: true });
    ports.beforeCommit = async (changes) => {
      if (!changes.some(({ type }) => type === 'push.answer')) return;
      ports.beforeCommit = undefined;
      await ports.committer.commit([
        { type: 'push.answer', id, state: 'denied', at: 1_760_000_300_000, answerHash: deny.jwt, reason: 'denied' },
      ]);
    };
    expect(await post()).toMatchObject({ status: 400, cause: 'the message is denied' });
    expect(await status(id)).toEqual({ status: 'denied', reason: 'denied' });
  });
});

describe('what no phone says', () => {
  test.each([
    ['nothing', undefined],
    ['a list', []],
    ['no jwt', { messageId: 'AUTHENTICATE:x' }],
    ['an id that is a list', { messageId: ['AUTHENTICATE:x'], jwt: 'a.b.c' }],
    ['an id with a quote (A032)', { messageId: "AUTHENTICATE:' OR 1=1", jwt: 'a.b.c' }],
    ['an id of no type', { messageId: '__proto__', jwt: 'a.b.c' }],
    ['a registration id (A055)', { messageId: 'REGISTER:x', jwt: 'a.b.c' }],
    ['a long jwt', { messageId: 'AUTHENTICATE:x', jwt: 'a'.repeat(8_193) }],
  ])('%s is one 400 and writes nothing', async (_what, body) => {
    const { call, ports } = pushWorld();
    expect(await call('authenticate', body)).toMatchObject({ status: 400 });
    expect(ports.writes).toHaveLength(0);
  });

  test.each([
    ['AUTHENTICATE', 501],
    ['__proto__', 501],
    ['', 501],
    [undefined, 400],
  ])('action %s is %s (A040)', async (action, status) => {
    const { call } = pushWorld();
    expect(await call(action as string, {})).toMatchObject({ status });
  });

  test('a realm without the service, or no realm at all, is 404', async () => {
    expect(await pushWorld({ hasService: false }).call('authenticate', {})).toMatchObject({ status: 404 });
    expect(await pushWorld().call('authenticate', {}, '/nowhere')).toMatchObject({ status: 404 });
    const closed = pushWorld({ realms: [testRealm({ active: false })] });
    expect(await closed.call('authenticate', {})).toMatchObject({ status: 404 });
  });

  test('members of the body outside the JWT decide nothing (A033)', async () => {
    const { answer, call, status, id } = await requested(official);
    const body = { ...answer({ deny: true }), deny: false, state: 'SUCCESS', realm: '/beta', username: 'mallory' };
    expect(await call('authenticate', body)).toEqual({ status: 200 });
    expect(await status(id)).toMatchObject({ status: 'denied' });
  });
});
