import { runNode, seededRandom } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { flowControl } from './flow-control.node.ts';

const generates = (number: number) => ({ ...seededRandom(1), int: () => number });
const outcomeOf = async (percentageA: number | undefined, number: number) =>
  (
    await runNode(flowControl, {
      config: percentageA === undefined ? {} : { percentageA },
      ports: { random: generates(number) },
    })
  ).action;

test.each([-1, 101, 12.5])('refuses %d of a hundred', (percentageA) => {
  expect(flowControl.config.safeParse({ percentageA }).success).toBe(false);
});

test.each([
  [undefined, 49, 'A'],
  [undefined, 50, 'B'],
  [0, 0, 'B'],
  [100, 99, 'A'],
  [1, 0, 'A'],
  [1, 1, 'B'],
])('with %s of a hundred, number %d takes %s', async (percentageA, number, outcome) => {
  expect(await outcomeOf(percentageA, number)).toMatchObject({ kind: 'goTo', outcome });
});

test('calls its paths what the author calls them; their ids stay', async () => {
  const config = flowControl.config.parse({ outcomeADisplayName: 'New login', outcomeBDisplayName: 'Old login' });
  expect(flowControl.outcomesOf(config, [])).toEqual({ A: 'New login', B: 'Old login' });
  const given = { outcomeADisplayName: 'New login', outcomeBDisplayName: 'Old login' };
  expect((await runNode(flowControl, { config: given, ports: { random: generates(0) } })).action).toMatchObject({
    outcome: 'A',
  });
});
