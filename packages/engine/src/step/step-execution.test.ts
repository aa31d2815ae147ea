import { expect, test } from 'vitest';
import { changeAll } from '../testing/change-all.ts';
import { simulatedClock } from '../testing/simulated-clock.ts';
import { testUnitOfWork } from '../testing/test-unit-of-work.ts';
import type { JourneyDependencies } from './journey-requests.ts';
import { StepExecution } from './step-execution.ts';
import { readStored, type StoredState, writeState } from './stored-state.ts';

const state: StoredState = {
  shared: { realm: '/', profile: { names: ['a'] } },
  secure: { secrets: { codes: ['b'] } },
  hidden: [{ outer: { codes: ['c'] } }],
  node: 'ask',
  parameters: {},
  factors: [{ user: 'id-of-demo', method: 'password', at: 1 }],
  sentCodes: [{ user: 'id-of-demo', method: 'mailCode', code: 'x' }],
  sessionOptions: { properties: { colour: 'green' }, successDetails: { shade: 'dark' } },
  visited: ['ask'],
  settings: { ask: { list: ['d'], more: { deep: ['e'] } } },
  inner: ['outer'],
  innerVersions: { Inner: 1 },
};
const reference = { journeyId: '1', realm: '/', tree: 'Login', treeVersion: 1, nonce: 'n', expiresAt: 0 };

test('an execution changes nothing of what the row says to the next try, or to another request', () => {
  const row = { state: writeState({ sent: [], presentation: {} }, state).text };
  const execution = new StepExecution({
    dependencies: { clock: simulatedClock() } as unknown as JourneyDependencies,
    unit: testUnitOfWork(),
    plan: {
      tree: {} as never,
      trees: { versions: new Map() } as never,
      reference,
      parameters: {},
      carried: readStored(row).state,
    },
    isPreview: false,
  });
  const { state: own } = execution.context;
  const { factors, sentCodes, sessionOptions, settings, visited } = execution.progress;
  changeAll([own.shared, own.secure, own.hidden, factors, sentCodes, sessionOptions, settings, visited]);
  expect(own.get('profile')).toEqual({ names: ['a', 'more'], more: 'more' });
  expect(readStored(row).state).toEqual(readStored({ ...row }).state);
});
