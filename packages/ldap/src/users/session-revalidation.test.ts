import { type SimulatedClock, simulatedClock } from '@assent/engine/testing';
import { beforeEach, expect, test } from 'vitest';
import { DirectoryBusy, DirectoryUnavailable } from '../connection/directory-errors.ts';
import { SessionRevalidation } from './session-revalidation.ts';

const ofUser = (userId: string, realm = '/staff') => ({ realm, userId });
const nothing = async () => undefined;

let clock: SimulatedClock;
let asked: string[];
let reported: string[];
/** What the directory does when it is asked. */
let answer: (userId: string) => Promise<undefined>;
let revalidation: SessionRevalidation;

beforeEach(() => {
  clock = simulatedClock();
  asked = [];
  reported = [];
  answer = nothing;
  revalidation = new SessionRevalidation({
    users: {
      findById(userId) {
        asked.push(userId);
        return answer(userId);
      },
    },
    directories: { areOf: (realm) => realm === '/staff' },
    clock,
    report: (realm, { message }) => reported.push(`${realm}: ${message}`),
  });
});

/** Answers that come when somebody says so. */
const held = () => {
  const open: (() => void)[] = [];
  answer = () => new Promise((done) => open.push(() => done(undefined)));
  return () => {
    for (const end of open.splice(0)) end();
  };
};

const isDown = async (): Promise<never> => {
  throw new DirectoryUnavailable('It does not answer.');
};

test('a directory is asked about a user once a minute, however many requests come (OPS-76)', async () => {
  expect(await revalidation.revalidate(ofUser('kim'))).toBe(true);
  for (let request = 0; request < 20; request += 1) expect(revalidation.revalidate(ofUser('kim'))).toBeUndefined();
  expect(await revalidation.revalidate(ofUser('lee'))).toBe(true);
  clock.advance(59_999);
  expect(revalidation.revalidate(ofUser('kim'))).toBeUndefined();
  clock.advance(1);
  expect(await revalidation.revalidate(ofUser('kim'))).toBe(true);
  expect(asked).toEqual(['kim', 'lee', 'kim']);
});

test('requests of one user that come together wait for one answer, and all of them read the session again', async () => {
  const end = held();
  const waiting = [1, 2, 3].map(() => revalidation.revalidate(ofUser('kim')));
  end();
  expect(await Promise.all(waiting)).toEqual([true, true, true]);
  expect(asked).toEqual(['kim']);
});

test('a realm that keeps its users itself costs nothing', async () => {
  expect(revalidation.revalidate(ofUser('kim', '/own'))).toBeUndefined();
  expect(asked).toEqual([]);
});

test('a directory that cannot be asked ends no session, is told of once, and left alone for half a minute (OPS-77)', async () => {
  answer = isDown;
  expect(await revalidation.revalidate(ofUser('kim'))).toBe(false);
  for (const name of ['lee', 'kim', 'max']) expect(revalidation.revalidate(ofUser(name))).toBeUndefined();
  expect(asked).toEqual(['kim']);
  expect(reported).toEqual(['/staff: It does not answer.']);
  answer = nothing;
  clock.advance(29_999);
  expect(revalidation.revalidate(ofUser('kim'))).toBeUndefined();
  clock.advance(1);
  // The minute of a question that had no answer does not count.
  expect(await revalidation.revalidate(ofUser('kim'))).toBe(true);
});

test('of a directory that hangs four requests know, and others neither wait nor count as asked for', async () => {
  const end = held();
  const waiting = [1, 2, 3, 4].map((at) => revalidation.revalidate(ofUser(`user-${at}`)));
  expect(revalidation.revalidate(ofUser('user-5'))).toBeUndefined();
  end();
  await Promise.all(waiting);
  answer = nothing;
  expect(await revalidation.revalidate(ofUser('user-5'))).toBe(true);
});

test('a directory that too many ask is no directory that is away: the next request asks again, and no operator is told', async () => {
  answer = async () => {
    throw new DirectoryBusy('Too many calls wait for the directory.');
  };
  for (const name of ['kim', 'kim', 'lee']) expect(await revalidation.revalidate(ofUser(name))).toBe(false);
  expect(asked).toEqual(['kim', 'kim', 'lee']);
  expect(reported).toEqual([]);
  answer = nothing;
  expect(await revalidation.revalidate(ofUser('kim'))).toBe(true);
});

test('a store that fails is an error of the request, and the user is asked for again', async () => {
  answer = async () => {
    throw new Error('The store is away.');
  };
  await expect(revalidation.revalidate(ofUser('kim'))).rejects.toThrow('The store is away.');
  expect(reported).toEqual([]);
  answer = nothing;
  expect(await revalidation.revalidate(ofUser('kim'))).toBe(true);
});

test('of all users that come by, as many as fit are remembered', async () => {
  for (let at = 0; at <= 50_000; at += 1) await revalidation.revalidate(ofUser(`user-${at}`));
  asked.length = 0;
  await revalidation.revalidate(ofUser('user-50000'));
  await revalidation.revalidate(ofUser('user-0'));
  expect(asked).toEqual(['user-0']);
});
