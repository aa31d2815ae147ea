import { simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { willingProvider } from '../testing/stored/push-world.ts';
import { ProviderBreakers } from './provider-breaker.ts';
import type { PushTransport, SendResult } from './push-transport.ts';

const SENT: SendResult = { status: 'sent' };
const DOWN: SendResult = { status: 'failed', permanent: false, cause: 'Http503', blame: 'provider' };
const SECOND = 1_000;

const world = (transport: PushTransport = willingProvider([])) => {
  const clock = simulatedClock();
  const breakers = new ProviderBreakers(clock);
  return {
    clock,
    breakers,
    wait: (address = 'a') => breakers.waitFor(transport, address),
    note: (result: SendResult, address = 'a') => breakers.note(transport, address, result),
    /** Results one second after the other; `x` is a failure. */
    play(results: string) {
      for (const it of results) {
        breakers.note(transport, 'a', it === 'x' ? DOWN : SENT);
        clock.advance(SECOND);
      }
    },
  };
};

describe('a provider is left alone (OPS-45)', () => {
  test.each([
    ['xxxx', false],
    ['xxxxx', true],
    ['xxxx.', false],
    ['xxxx.xxxx', false],
    ['xxxx.x...x', true],
    ['x.x.x.x.x.', false],
    ['x.x.x.x.xx', true],
    ['x........x', false],
    ['..........', false],
  ])('after %s: %s', (results, isOpen) => {
    const { play, wait } = world();
    play(results);
    expect(wait() > 0).toBe(isOpen);
  });

  test('for five failures in a row however slowly they come, and not for half of ten that are old', () => {
    const slow = world();
    slow.play('xxxx');
    slow.clock.advance(3_600 * SECOND);
    slow.play('x');
    expect(slow.wait()).toBeGreaterThan(0);
    const old = world();
    old.play('xx.xx.x.');
    old.clock.advance(31 * SECOND);
    old.play('.x');
    expect(old.wait()).toBe(0);
  });

  test.each<[string, SendResult]>([
    ['a phone that is gone', { status: 'failed', permanent: true, cause: 'UNREGISTERED', blame: 'address' }],
    ['settings that it refuses', { status: 'failed', permanent: false, cause: '401', blame: 'credentials' }],
    ['a message that it refuses', { status: 'failed', permanent: false, cause: '400' }],
  ])('never for %s', (_what, result) => {
    const { note, wait } = world();
    for (let n = 0; n < 20; n += 1) note(result);
    expect(wait()).toBe(0);
  });

  test('for half a minute; then one message tries it, and all others wait for what comes of that', () => {
    const { play, wait, note, clock } = world();
    play('xxxxx');
    clock.advance(29 * SECOND - 1);
    expect(wait()).toBe(1);
    clock.advance(1);
    expect([wait(), wait(), wait()]).toEqual([0, 2_000, 2_000]);
    expect(note(DOWN)).toBeUndefined();
    expect(wait()).toBe(30 * SECOND);
    clock.advance(30 * SECOND);
    expect([wait(), wait()]).toEqual([0, 2_000]);
    expect(note(SENT)).toBe('closed');
    expect([wait(), wait()]).toEqual([0, 0]);
  });

  test('is tried by another where the one that tried it is never heard of', () => {
    const { play, wait, clock } = world();
    play('xxxxx');
    clock.advance(30 * SECOND);
    expect([wait(), wait()]).toEqual([0, 2_000]);
    clock.advance(30 * SECOND);
    expect([wait(), wait()]).toEqual([0, 2_000]);
  });

  test('as long as it asks for, from its first word on (REL-08, F28)', () => {
    const { note, wait, clock } = world();
    expect(note({ ...DOWN, retryAfterMillis: 120 * SECOND })).toBe('opened');
    clock.advance(119 * SECOND);
    expect(wait()).toBe(SECOND);
    clock.advance(SECOND);
    expect(wait()).toBe(0);
    note({ ...DOWN, retryAfterMillis: 365 * 86_400 * SECOND });
    expect(wait()).toBe(3_600 * SECOND);
  });

  test('is told of once where it begins, and once where it ends', () => {
    const { note, clock, wait } = world();
    const told = [DOWN, DOWN, DOWN, DOWN, DOWN, DOWN].map((result) => note(result));
    expect(told).toEqual([undefined, undefined, undefined, undefined, 'opened', undefined]);
    clock.advance(30 * SECOND);
    wait();
    expect([note(SENT), note(SENT)]).toEqual(['closed', undefined]);
  });

  test('no longer where the clock of the machine was moved, to either side (F32)', () => {
    for (const hours of [-1, 1]) {
      const { play, wait, clock } = world();
      play('xxxxx');
      clock.advance(hours * 3_600 * SECOND);
      expect(wait()).toBe(0);
    }
  });
});

describe('by itself', () => {
  test('each transport, which is one for the credentials of each realm', () => {
    const clock = simulatedClock();
    const breakers = new ProviderBreakers(clock);
    const [one, other] = [willingProvider([]), willingProvider([])];
    for (let n = 0; n < 5; n += 1) breakers.note(one, 'a', DOWN);
    expect(breakers.waitFor(one, 'b')).toBe(30 * SECOND);
    expect(breakers.waitFor(other, 'a')).toBe(0);
  });

  test('each provider that a transport speaks to, however many addresses name one', () => {
    const { note, wait } = world({ ...willingProvider([]), providerOf: (address) => address.slice(0, 8) });
    for (let n = 0; n < 5; n += 1) note(DOWN, `mozilla/${n}`);
    expect([wait('mozilla/9'), wait('android/1')]).toEqual([30 * SECOND, 0]);
    for (let n = 0; n < 300; n += 1) note(DOWN, `other${String(n).padStart(3, '0')}/`);
    // What was troubled longest ago has made room.
    expect(wait('mozilla/9')).toBe(0);
  });
});
