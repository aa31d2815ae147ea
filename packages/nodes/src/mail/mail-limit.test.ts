import type { BrowserKnownBy } from '@assent/engine';
import { memoryThrottle, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import {
  MAILS_FOR_CLAIMANT,
  MAILS_FOR_CLAIMANTS,
  MAILS_FOR_KNOWN_PLACES,
  MAILS_FOR_SOURCE,
  MAILS_FOR_STRANGERS,
  type MailOwner,
  mayMail,
} from './mail-limit.ts';

// SEC-87: callers in one part use up nothing of another.

const HOUR = 3_600_000;
const OF_SOURCE = 5;
const OF_STRANGERS = 20;
const PART = 10;
const TO = 'jane@example.org';
const jane = { id: 'id-of-jane', credentialRev: 1, attributes: { mail: [TO] } };
const owner: MailOwner = { user: jane, addressIn: ['mail'] };
/** The address that jane only claims, or has changed by the password alone lately. */
const claimant: MailOwner = { user: { ...jane, attributes: { changed: ['mail'] } }, addressIn: ['mail'] };

/** `strangers` are at a thousand sources, all others at one. */
type Place = 'stranger' | 'strangers' | 'address' | BrowserKnownBy;
const BROWSERS: readonly Place[] = ['factor', 'mailbox', 'password'];
const byOf = (place: Place): BrowserKnownBy | undefined =>
  BROWSERS.includes(place) ? (place as BrowserKnownBy) : undefined;

const setUp = () => {
  const clock = simulatedClock();
  let place: Place = 'stranger';
  let sources = 0;
  const source = () => {
    if (place !== 'strangers') return `203.0.113.${place.length}`;
    sources = (sources + 1) % 1_000;
    return `source ${sources}`;
  };
  const throttle = memoryThrottle(
    clock,
    () => byOf(place) && 'its-cookie',
    () => place === 'address',
    () => ({ source: place === 'strangers' ? `source ${sources}` : source(), by: byOf(place) ?? 'factor' }),
  );
  const journey = {
    identifiedUser: 'id-of-jane',
    ownsAddress: ({ attributes }: MailOwner['user']) => attributes.changed === undefined,
  };
  /** How many of so many mails go out, all from such a place. */
  const mails = async (from: Place, count: number, whose: MailOwner | 'none' = owner, to = TO, change = {}) => {
    place = from;
    let sent = 0;
    const visit = { realm: { realm: '/' }, journey: { ...journey, ...change }, ports: { throttle }, limits: throttle };
    for (let number = 0; number < count; number += 1) {
      source();
      if (await mayMail(visit, to, whose === 'none' ? undefined : whose)) sent += 1;
    }
    return sent;
  };
  return { clock, mails };
};

const KNOWN: readonly Place[] = ['factor', 'mailbox', 'address', 'password'];

test('an address gets 20 mails an hour for strangers and 10 for each kind of known places (SEC-87)', async () => {
  const { clock, mails } = setUp();
  const each = async () => {
    const sent = [await mails('strangers', 1_000)];
    for (const place of KNOWN) sent.push(await mails(place, 30));
    return sent;
  };
  const all = [OF_STRANGERS, PART, PART, PART, PART];
  expect(await each()).toEqual(all);
  clock.advance(HOUR - 1);
  expect(await each()).toEqual([0, 0, 0, 0, 0]);
  clock.advance(1);
  expect(await each()).toEqual(all);
});

test('an address gets 340 mails a day at most, with all that users who claim it ask for (SEC-87)', async () => {
  const { clock, mails } = setUp();
  let sent = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    sent += await mails('strangers', 100);
    for (const place of KNOWN) sent += await mails(place, 20);
    for (let user = 0; user < 20; user += 1)
      sent += await mails('password', 10, { ...claimant, user: { ...claimant.user, id: `claimant-${user}` } });
    clock.advance(HOUR);
  }
  const bounds = [MAILS_FOR_STRANGERS, ...KNOWN.map(() => MAILS_FOR_KNOWN_PLACES), MAILS_FOR_CLAIMANTS];
  expect(sent).toBe(bounds.reduce((sum, { most = Number.NaN }) => sum + most, 0));
  expect(sent).toBe(340);
});

test('one source gets 5 mails an hour and 20 a day of what strangers get, and leaves the rest to others (SEC-87)', async () => {
  const { clock, mails } = setUp();
  let ofOne = 0;
  for (let hour = 0; hour < 23; hour += 1) {
    const within = await mails('stranger', 60);
    expect(within).toBeLessThanOrEqual(OF_SOURCE);
    ofOne += within;
    clock.advance(HOUR);
  }
  expect(ofOne).toBe(MAILS_FOR_SOURCE.most);
  expect(await mails('strangers', 1)).toBe(1);
});

test('all spellings of an address are one (SEC-87)', async () => {
  const { mails } = setUp();
  for (const to of ['Jane@Example.org', 'A <jane@example.org>', ' jane@example.org', '"B" <JANE@example.org> '])
    await mails('strangers', 5, 'none', to);
  expect(await mails('strangers', 5)).toBe(0);
  expect(await mails('strangers', 5, 'none', 'jane@other.example')).toBe(5);
});

describe('keeps the parts apart:', () => {
  test.each<[Place, Place, number]>([
    ['stranger', 'strangers', OF_STRANGERS - OF_SOURCE],
    ['stranger', 'factor', PART],
    ['strangers', 'stranger', 0],
    ['strangers', 'factor', PART],
    ['strangers', 'mailbox', PART],
    ['strangers', 'password', PART],
    ['strangers', 'address', PART],
    ['factor', 'strangers', OF_STRANGERS],
    ['factor', 'mailbox', PART],
    ['mailbox', 'strangers', OF_STRANGERS],
    ['mailbox', 'factor', PART],
    ['password', 'mailbox', PART],
    // Addresses that are known and browsers known by the password draw from the part of strangers first.
    ['factor', 'address', OF_SOURCE + PART],
    ['mailbox', 'password', OF_SOURCE + PART],
    ['address', 'strangers', OF_STRANGERS - OF_SOURCE],
    ['password', 'strangers', OF_STRANGERS - OF_SOURCE],
  ])('100 mails for %s leave %s its own (SEC-87)', async (first, second, left) => {
    const { mails } = setUp();
    await mails(first, 100);
    expect(await mails(second, 100)).toBe(left);
  });

  test('of two users with one address, none uses up what the other has (SEC-87)', async () => {
    const { mails } = setUp();
    const mallory: MailOwner = { user: { ...jane, id: 'id-of-mallory' }, addressIn: ['mail'] };
    expect(await mails('factor', 100, mallory)).toBe(PART);
    expect(await mails('factor', 100)).toBe(PART);
  });

  test.each<[string, MailOwner | 'none']>([
    ['that was collected', 'none'],
    ['that is none of the user', { user: jane, addressIn: [] }],
  ])('for an address %s each caller is a stranger (SEC-87)', async (_what, whose) => {
    const { mails } = setUp();
    expect(await mails('factor', 100, whose)).toBe(OF_SOURCE);
    expect(await mails('strangers', 100, whose)).toBe(OF_STRANGERS - OF_SOURCE);
    for (const place of KNOWN) expect(await mails(place, 100, whose)).toBe(0);
    expect(await mails('factor', 100)).toBe(PART);
  });

  test.each(BROWSERS)(
    'of a user who only claims the address, a browser known by %s gets mails after a thousand strangers (SEC-87)',
    async (place) => {
      const { clock, mails } = setUp();
      expect(await mails('strangers', 1_000, claimant)).toBe(OF_STRANGERS);
      expect(await mails('address', 100, claimant)).toBe(0);
      expect(await mails(place, 100, claimant)).toBe(MAILS_FOR_CLAIMANT.peak?.most);
      // The owner of the mailbox loses nothing.
      expect(await mails('factor', 100)).toBe(PART);
      clock.advance(HOUR);
      await mails('strangers', 1_000, claimant);
      expect(await mails(place, 100, claimant)).toBe(5);
      clock.advance(HOUR);
      await mails('strangers', 1_000, claimant);
      expect(await mails(place, 100, claimant)).toBe(0);
    },
  );

  test('of a hundred users who claim an address, all together get 20 mails an hour after those of strangers (SEC-87)', async () => {
    const { mails } = setUp();
    await mails('strangers', 100);
    let sent = 0;
    for (let user = 0; user < 100; user += 1)
      sent += await mails('factor', 10, { ...claimant, user: { ...claimant.user, id: `claimant-${user}` } });
    expect(sent).toBe(MAILS_FOR_CLAIMANTS.peak?.most);
    expect(await mails('mailbox', 100)).toBe(PART);
  });

  test('a source that has sent 100 mails keeps none from a known browser and a known address at it (SEC-87)', async () => {
    const { mails } = setUp();
    const unknown = { identifiedUser: undefined };
    for (const place of ['stranger', 'factor', 'address', 'password'] as const)
      for (let number = 0; number < 100; number += 1)
        await mails(place, 1, 'none', `${place}-${number}@example.org`, unknown);
    expect(await mails('stranger', 1, owner, TO, unknown)).toBe(0);
    for (const place of ['factor', 'address', 'password'] as const)
      expect(await mails(place, 100, owner, TO, unknown)).toBe(PART);
  });
});
