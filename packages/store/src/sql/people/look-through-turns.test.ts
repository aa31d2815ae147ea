import { JourneyError } from '@assent/engine';
import type { IdentityDirectory, QuerySource } from '@assent/engine/host';
import { describe, expect, test, vi } from 'vitest';
import { LOOK_THROUGH_TURNS } from '../../rules/user-pages.ts';
import { lookingThroughInTurns, type UserReader } from './look-through-turns.ts';

const { concurrency, concurrencyOfRealm, mostOfRealm, most, deadlineMillis } = LOOK_THROUGH_TURNS;
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Users of whom `mail` has an index and nothing else. Look-throughs end, and deadlines pass, when the test says so. */
const setUp = () => {
  const begun: string[] = [];
  const refused: string[] = [];
  const ends: ((error?: unknown) => void)[] = [];
  const deadlines = new Set<() => void>();
  const reader: Pick<UserReader, 'findByIndex' | 'lookThrough'> = {
    findByIndex: async (_realm, attribute) => (attribute === 'mail' ? [] : undefined),
    lookThrough: (realm, _attribute, value) =>
      new Promise((resolve, reject) => {
        begun.push(`${realm} ${value}`);
        ends.push((error) => (error === undefined ? resolve([]) : reject(error)));
      }),
  };
  const users: IdentityDirectory = lookingThroughInTurns(reader as UserReader, (millis, action) => {
    expect(millis).toBe(deadlineMillis);
    deadlines.add(action);
    return () => deadlines.delete(action);
  });
  const look = (realm: string, value: string, source?: Partial<QuerySource>) =>
    users
      .findByAttribute(realm, 'room', value, { clientAddress: '203.0.113.1', looksThrough: () => undefined, ...source })
      .catch((error: unknown) => void refused.push(error instanceof JourneyError ? error.code : String(error)));
  const endOne = async (error?: unknown) => {
    ends.shift()?.(error);
    await settle();
  };
  return { users, look, begun, refused, ends, endOne, deadlines };
};

describe('look-throughs of users (SEC-93)', () => {
  test('run two at once of a realm and four in all; the others wait, and realms take turns', async () => {
    const { look, begun, endOne } = setUp();
    for (let at = 0; at < 20; at += 1) look('/greedy', `${at}`);
    for (const realm of ['/b', '/c', '/d']) look(realm, '0');
    await settle();
    expect(begun.filter((it) => it.startsWith('/greedy'))).toHaveLength(concurrencyOfRealm);
    expect(begun).toHaveLength(concurrency);
    expect(begun.slice(2)).toEqual(['/b 0', '/c 0']);
    await endOne();
    expect(begun.at(-1)).toBe('/d 0');
  });

  test('of one address wait for one of each other address of the realm', async () => {
    const { look, begun, endOne } = setUp();
    for (let at = 0; at < 20; at += 1) look('/a', `greedy ${at}`, { clientAddress: '203.0.113.9' });
    look('/a', 'other', { clientAddress: '198.51.100.7' });
    await settle();
    await endOne();
    await endOne();
    expect(begun.indexOf('/a other')).toBeLessThanOrEqual(concurrencyOfRealm + 1);
  });

  test('are refused as OVERLOADED where too many of the realm wait, and one of another realm is not', async () => {
    const { look, begun, refused } = setUp();
    for (let at = 0; at < concurrencyOfRealm + mostOfRealm + 7; at += 1) look('/greedy', `${at}`);
    await settle();
    expect(refused).toEqual(Array(7).fill('OVERLOADED'));
    look('/b', '0');
    await settle();
    expect(begun).toContain('/b 0');
    expect(most).toBeGreaterThan(mostOfRealm);
  });

  test('are refused as OVERLOADED after their deadline, and end no turn of another', async () => {
    const { look, begun, refused, deadlines, endOne } = setUp();
    for (let at = 0; at < 5; at += 1) look('/a', `${at}`);
    await settle();
    for (const pass of [...deadlines]) pass();
    await settle();
    expect(refused).toEqual(Array(3).fill('OVERLOADED'));
    look('/a', 'later');
    await settle();
    expect(begun).toHaveLength(2);
    await endOne();
    expect(begun.at(-1)).toBe('/a later');
  });

  test('give their turn back when they fail, and take none where the request may look through no more', async () => {
    const { look, begun, refused, endOne } = setUp();
    for (let at = 0; at < 3; at += 1) look('/a', `${at}`);
    await settle();
    await endOne(new RangeError('too many users'));
    expect(begun).toHaveLength(3);
    expect(refused).toEqual(['RangeError: too many users']);
    await Promise.all([endOne(), endOne()]);
    const none = () => {
      throw new RangeError('no more');
    };
    for (let at = 0; at < 3; at += 1) await look('/a', 'refused', { looksThrough: none });
    look('/a', 'next');
    await settle();
    expect(begun).toHaveLength(4);
    expect(begun.at(-1)).toBe('/a next');
  });

  test('keep no look-up by an index waiting, which counts for nothing', async () => {
    const { look, users } = setUp();
    for (let at = 0; at < concurrencyOfRealm + mostOfRealm; at += 1) look('/a', `${at}`);
    await settle();
    const looksThrough = vi.fn();
    const source = { clientAddress: '203.0.113.1', looksThrough };
    expect(await users.findByAttribute('/a', 'mail', 'a@example.com', source)).toEqual([]);
    expect(looksThrough).not.toHaveBeenCalled();
  });
});
