import type { Change, CommitResult, EngineChange } from '@assent/engine/host';
import type { DeviceChange, MessageChange } from '@assent/push';
import { beforeEach, expect, test } from 'vitest';
import { observedMeasures } from '../testing/observed-measures.ts';
import { commitObserver } from './commit-observer.ts';
import type { Measures } from './measures.ts';

const START = 1_700_000_000_000;
const hex = START.toString(16).padStart(12, '0');
/** A UUID that begins with the time of its journey's first page. */
const JOURNEY = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;

let samplesOf: ReturnType<typeof observedMeasures>['samplesOf'];
let observer: ReturnType<typeof commitObserver>;
beforeEach(() => {
  const { measures, ...observed } = observedMeasures();
  samplesOf = observed.samplesOf;
  observer = commitObserver(measures, { elapsed: () => 0, now: () => START + 7_000 });
});

const ended = { type: 'journey.advance', seenNonce: 'n', row: row(true) } satisfies EngineChange;
function row(isEnded: boolean) {
  const base = { id: JOURNEY, realm: '/', tree: 'Login', treeVersion: 1, nonce: 'm', expiresAt: START + 9, state: '' };
  return { ...base, ended: isEnded };
}
const event = (name: string, outcome?: string): Change =>
  ({
    type: 'audit.append',
    event: { at: START, event: name, realm: '/', transactionId: 't', journey: 'Login', ...(outcome && { outcome }) },
  }) satisfies EngineChange;

const commit = (result: CommitResult | Error, ...changes: readonly Change[]) =>
  observer
    .over(
      observer.overRows({
        commit: async () => {
          if (result instanceof Error) throw result;
          return result;
        },
      }),
    )
    .commit(changes)
    .catch((error: unknown) => error);
const APPLIED = { committed: true } as const;

/** What was counted, by metric, without what is 0. */
const counted = async (...names: readonly (keyof Measures)[]) =>
  (await Promise.all(names.flatMap((name) => [samplesOf(name, 'sum'), samplesOf(name)])))
    .flat()
    .filter((sample) => sample.at(-1) !== 0);

test('journeys, sessions and rows of the trail are counted when they are committed (OPS-54)', async () => {
  await commit(APPLIED, event('JOURNEY_START'), ended, event('JOURNEY_END', 'success'), event('SESSION_CREATE'));
  expect(await counted('storeCommits', 'journeysStarted', 'journeyEnds', 'auditRows')).toEqual([
    ['applied', 1],
    ['/', 'Login', 1],
    ['/', 'Login', 'success', 1],
    [3],
  ]);
  expect(await counted('journeySeconds')).toEqual([
    ['Login', 'success', 7],
    ['Login', 'success', 1],
  ]);
});

test('a journey that ends without a word of how has failed: its account may not sign in', async () => {
  await commit(APPLIED, ended, event('AUTH_FAIL', 'inactive'));
  expect(await counted('journeyEnds')).toEqual([['/', 'Login', 'failure', 1]]);
});

test('one that waits has not ended, and one that is swept has expired', async () => {
  await commit(APPLIED, { type: 'journey.advance', seenNonce: 'n', row: row(false) } satisfies EngineChange);
  expect(await counted('journeyEnds')).toEqual([]);
  observer.expired('/', 'Login');
  expect(await counted('journeyEnds')).toEqual([['/', 'Login', 'expired', 1]]);
});

test.each([
  ['refused', { committed: false, refused: 'journey.advance' } as const],
  ['unavailable', Object.assign(new Error(), { name: 'StoreUnavailable' })],
  ['uncertain', Object.assign(new Error(), { name: 'StoreUncertain' })],
  ['error', new TypeError()],
])('of a commit that is %s nothing counts as committed (OPS-54)', async (outcome, result) => {
  const came = await commit(result, event('JOURNEY_START'), ended, event('JOURNEY_END', 'success'), event('THROTTLED'));
  expect(came).toBe(result);
  expect(await counted('storeCommits')).toEqual([[outcome, 1]]);
  expect(await counted('storeRefused')).toEqual(outcome === 'refused' ? [['journey.advance', 1]] : []);
  expect(await counted('journeysStarted', 'journeyEnds', 'auditRows', 'throttled')).toEqual([]);
});

test('a spray of passwords and a factor that is disabled are counted (A137, SEC-57)', async () => {
  await commit(APPLIED, event('PASSWORD_SPRAY'), event('FACTOR_DISABLED', 'password'));
  expect(await counted('passwordSprays', 'factorsDisabled')).toEqual([[1], ['password', 1]]);
});

test('answers of phones, limits and dead addresses are counted by what the trail says', async () => {
  const device = { communicationType: 'gcm', channelDeadAt: START } as Extract<
    DeviceChange,
    { type: 'device.update' }
  >['row'];
  const suppressed = { reason: 'suppressed' } as Extract<MessageChange, { type: 'push.open' }>['rows'][number];
  await commit(APPLIED, event('PUSH_ANSWERED', 'approved'));
  await commit(APPLIED, event('PUSH_DENIED', 'not_me'));
  await commit(APPLIED, event('PUSH_NUMBER_MISMATCH', 'wrong'));
  await commit(APPLIED, event('PUSH_ALERT', 'not-me'));
  await commit(APPLIED, event('PUSH_ALERT', 'too-late'));
  await commit(APPLIED, event('PUSH_PAUSED', 'phone'));
  await commit(APPLIED, event('THROTTLED', 'push'));
  await commit(APPLIED, event('THROTTLED', 'password'));
  await commit(APPLIED, { type: 'push.open', rows: [suppressed] } satisfies MessageChange);
  await commit(APPLIED, { type: 'device.update', row: device } satisfies DeviceChange);
  expect(await counted('pushChannelsDead'), 'a phone that was changed for another reason').toEqual([]);
  await commit(APPLIED, { type: 'device.update', row: device } satisfies DeviceChange, event('DEVICE_CHANNEL_DEAD'));
  expect(await counted('pushAlerts')).toEqual([
    ['/', 'not-me', 1],
    ['/', 'too-late', 1],
    ['/', 'paused', 1],
  ]);
  expect(await counted('pushAnswers', 'throttled', 'pushSuppressed', 'pushChannelsDead')).toEqual([
    ['approved', 1],
    ['denied', 1],
    ['wrongNumber', 1],
    ['push', 1],
    ['password', 1],
    ['resend', 1],
    ['request', 1],
    ['gcm', 1],
  ]);
});
