import { choiceCallback } from '@assent/engine';
import { FAILURE, SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { modifyAuthLevel } from '../risk/modify-auth-level.node.ts';
import { choiceCollector } from './choice-collector.node.ts';
import { setState } from './set-state.node.ts';

const config = { choices: ['mail', "the user's phone"], defaultChoice: "the user's phone", prompt: 'Which way?' };

test('settings refuse a choice without a text', async () => {
  await expect(runNode(choiceCollector, { config: { choices: [''] } })).rejects.toThrow('choices');
});

test('fails where there is nothing to choose from', async () => {
  await expect(runNode(choiceCollector, {})).rejects.toThrow('There is nothing to choose from.');
});

test.each([[-1], [2], [99]])('asks again for the choice %s that is not there', async (index) => {
  const first = await runNode(choiceCollector, { config });
  expect((await first.again([index])).callbacks).toEqual(first.callbacks);
});

test('takes the only choice without asking', async () => {
  const { action } = await runNode(choiceCollector, { config: { choices: ['mail'] } });
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'mail' });
});

test('asks with the author’s prompt, choices and default', async () => {
  const { callbacks } = await runNode(choiceCollector, { config });
  expect(callbacks).toEqual([choiceCallback({ prompt: 'Which way?', choices: config.choices, defaultChoice: 1 })]);
  expect(callbacks[0]?.input).toEqual({ '': 1 });
});

test.each([[''], ['gone']])('selects the first where the default is "%s"', async (defaultChoice) => {
  const { callbacks } = await runNode(choiceCollector, { config: { ...config, defaultChoice } });
  expect(callbacks[0]?.output.defaultChoice).toBe(0);
});

test.each([
  [0, 'mail'],
  ['1', "the user's phone"],
])('goes where %j leads', async (index, outcome) => {
  const { action } = await (await runNode(choiceCollector, { config })).again([index]);
  expect(action).toMatchObject({ kind: 'goTo', outcome });
});

test('fails with the documented text where no choice leads to the level that is asked for', async () => {
  const state = { authLevel: 5, targetAuthLevel: '16' };
  await expect(runNode(choiceCollector, { config, state })).rejects.toThrow(
    /^Node doesn't have outcomes which can give auth level >= 16$/,
  );
});

describe('where a level is asked for', () => {
  const setUp = (target: string) =>
    journeyHarness({
      nodes: [choiceCollector, modifyAuthLevel, setState],
      trees: {
        Login: {
          entry: 'target',
          nodes: {
            target: {
              type: 'SetStateNode',
              config: { attributes: { targetAuthLevel: target } },
              to: { outcome: 'choice' },
            },
            choice: {
              type: 'ChoiceCollectorNode',
              config: { choices: ['weak', 'strong', 'stronger', 'nowhere'] },
              to: { weak: SUCCESS, strong: 'raise', stronger: 'raiseTwice', nowhere: FAILURE },
            },
            raise: { type: 'ModifyAuthLevelNode', config: { authLevelIncrement: 10 }, to: { outcome: SUCCESS } },
            raiseTwice: { type: 'ModifyAuthLevelNode', config: { authLevelIncrement: 5 }, to: { outcome: 'raise' } },
          },
        },
      },
      users: { demo: {} },
    });

  test('fails where no choice can reach it', async () => {
    const it = setUp('16');
    await expect(it.start()).rejects.toMatchObject({ code: 'NODE_FAILED' });
    expect(it.log.lines[0]?.msg).toBe("Node doesn't have outcomes which can give auth level >= 16");
  });

  test('leaves out what cannot reach it', async () => {
    const step = await setUp('10').begin();
    expect(step.callbacks[0]?.output.choices).toEqual(['strong', 'stronger']);
  });

  test('leaves out what never reaches Success', async () => {
    const step = await setUp('0').begin();
    expect(step.callbacks[0]?.output.choices).toEqual(['weak', 'strong', 'stronger']);
  });
});
