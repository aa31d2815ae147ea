import { memoryThrottle, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { MAIL_POLICY, type MailOwner, mayMail } from './mail-limit.ts';

// SEC-87: callers in one part use up nothing of another.

const PART = 10;
const TO = 'jane@example.org';
const jane = { id: 'id-of-jane', credentialRev: 1, attributes: { mail: [TO] } };
const owner: MailOwner = { user: jane, addressIn: ['mail'] };

type Place = 'stranger' | 'address' | 'browser';

const setUp = () => {
  const clock = simulatedClock();
  let place: Place = 'stranger';
  const throttle = memoryThrottle(
    clock,
    () => (place === 'browser' ? 'its-cookie' : undefined),
    () => place === 'address',
  );
  const journey = {
    identifiedUser: 'id-of-jane',
    ownsAddress: ({ attributes }: MailOwner['user'], addressIn: readonly string[]) =>
      addressIn.length > 0 && attributes.changed === undefined,
  };
  /** How many of so many mails go out, all from such a place. */
  const mails = async (from: Place, count: number, whose: MailOwner | 'none' = owner, to = TO, change = {}) => {
    place = from;
    let sent = 0;
    const visit = { realm: { realm: '/' }, journey: { ...journey, ...change }, ports: { throttle } };
    for (let number = 0; number < count; number += 1)
      if (await mayMail(visit, to, whose === 'none' ? undefined : whose)) sent += 1;
    return sent;
  };
  return { clock, mails };
};

test('an address gets 10 mails an hour for strangers, 10 for known addresses and 10 for known browsers (SEC-87)', async () => {
  const { clock, mails } = setUp();
  const each = async () => [await mails('stranger', 30), await mails('address', 30), await mails('browser', 30)];
  expect(await each()).toEqual([PART, PART, PART]);
  clock.advance(MAIL_POLICY.windowMillis - 1);
  expect(await each()).toEqual([0, 0, 0]);
  clock.advance(1);
  expect(await each()).toEqual([PART, PART, PART]);
});

test('all spellings of an address are one (SEC-87)', async () => {
  const { mails } = setUp();
  for (const to of ['Jane@Example.org', 'A <jane@example.org>', ' jane@example.org', '"B" <JANE@example.org> '])
    await mails('stranger', 5, 'none', to);
  expect(await mails('stranger', 5)).toBe(0);
  expect(await mails('stranger', 5, 'none', 'jane@other.example')).toBe(5);
});

describe('keeps the parts apart:', () => {
  test.each<[Place, Place, number]>([
    ['stranger', 'browser', PART],
    ['stranger', 'address', PART],
    ['browser', 'stranger', PART],
    ['browser', 'address', 2 * PART],
    // An address that is known draws from the part of strangers first.
    ['address', 'stranger', 0],
    ['address', 'browser', PART],
  ])('100 mails for a %s leave a %s its own (SEC-87)', async (first, second, left) => {
    const { mails } = setUp();
    await mails(first, 100);
    expect(await mails(second, 100)).toBe(left);
  });

  test('of two users with one address, none uses up what the other has (SEC-87)', async () => {
    const { mails } = setUp();
    const mallory: MailOwner = { user: { ...jane, id: 'id-of-mallory' }, addressIn: ['mail'] };
    expect(await mails('browser', 100, mallory)).toBe(PART);
    expect(await mails('browser', 100)).toBe(PART);
  });

  test.each<[string, MailOwner | 'none']>([
    ['an address that was collected', 'none'],
    ['an address that is none of the user', { user: jane, addressIn: [] }],
    [
      'an address that the password alone has changed',
      { user: { ...jane, attributes: { changed: ['mail'] } }, addressIn: ['mail'] },
    ],
  ])('for %s each caller is a stranger (SEC-87)', async (_what, whose) => {
    const { mails } = setUp();
    expect(await mails('browser', 100, whose)).toBe(PART);
    expect(await mails('address', 100, whose)).toBe(0);
    expect(await mails('stranger', 100, whose)).toBe(0);
    expect(await mails('browser', 100)).toBe(PART);
  });

  test('a source that has sent 100 mails keeps none from a known browser and a known address at it (SEC-87)', async () => {
    const { mails } = setUp();
    const unknown = { identifiedUser: undefined };
    for (let number = 0; number < 100; number += 1)
      await mails('stranger', 1, 'none', `${number}@example.org`, unknown);
    expect(await mails('stranger', 1, owner, TO, unknown)).toBe(0);
    expect(await mails('browser', 100, owner, TO, unknown)).toBe(PART);
    expect(await mails('address', 100, owner, TO, unknown)).toBe(PART);
  });
});
