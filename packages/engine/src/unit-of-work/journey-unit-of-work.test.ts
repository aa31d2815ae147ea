import { expect, test } from 'vitest';
import { fakeRequest, testRealm } from '../testing/fake-request.ts';
import { JourneyUnitOfWork } from './journey-unit-of-work.ts';
import { Turns } from './turns.ts';

const unitOn = (turns: Turns) =>
  new JourneyUnitOfWork(testRealm(), 'j1', fakeRequest(), { commit: async () => ({ committed: true }) }, turns);

/** A turn is handed back by a promise. */
const handedBack = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
};

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
  await handedBack();
  expect(turns.isTaken('push')).toBe(false);
  expect(turns.isTaken('password')).toBe(false);
});

test('a turn that is asked for twice at once is had once, and by both', async () => {
  const turns = new Turns();
  const unit = unitOn(turns);
  await Promise.all([unit.holdTurn('password'), unit.holdTurn('password')]);
  unit.release();
  await handedBack();
  expect(turns.isTaken('password')).toBe(false);
});

test('whoever comes to wait lets go of a turn that it is only just being given', async () => {
  const turns = new Turns();
  const [one, other] = [unitOn(turns), unitOn(turns)];
  await other.holdTurn('push');
  const both = Promise.all([one.holdTurn('password'), one.holdTurn('push')]);
  await other.holdTurn('password');
  other.release();
  await both;
  one.release();
  await handedBack();
  expect(turns.isTaken('push')).toBe(false);
});

test('a unit of work that waits for the turn of its walk holds nothing (SEC-93)', async () => {
  const turns = new Turns();
  const [one, other] = [unitOn(turns), unitOn(turns)];
  await one.holdTurn('password');
  let begin = () => undefined as unknown;
  const walk = one.takeWalkTurn(
    () =>
      new Promise<void>((resolve) => {
        begin = resolve;
      }),
  );
  // Would wait for ever, if the first had kept it.
  await other.holdTurn('password');
  begin();
  await walk;
  other.release();
  await handedBack();
  expect(turns.isTaken('password')).toBe(false);
});
