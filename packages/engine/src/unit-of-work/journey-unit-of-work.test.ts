import { expect, test } from 'vitest';
import { fakeRequest, testRealm } from '../testing/fake-request.ts';
import { JourneyUnitOfWork } from './journey-unit-of-work.ts';
import { Turns } from './turns.ts';

const unitOn = (turns: Turns) =>
  new JourneyUnitOfWork(testRealm(), 'j1', fakeRequest(), { commit: async () => ({ committed: true }) }, turns);

test('two units of work that want the same two turns in opposite order both get on', async () => {
  const turns = new Turns();
  const [one, other] = [unitOn(turns), unitOn(turns)];
  await one.holdTurn('password');
  await other.holdTurn('push');
  const first = one.holdTurn('push');
  const second = other.holdTurn('password');
  // `one` let go of "password" before it waited, so `other` gets it and, once it is done, hands "push" over.
  await second;
  other.release();
  await first;
  one.release();
  expect(turns.isTaken('push')).toBe(false);
  expect(turns.isTaken('password')).toBe(false);
});
