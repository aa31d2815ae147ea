import { nameCallback } from '@assent/engine';
import { FAILURE, SUCCESS } from '@assent/engine/host';
import { journeyHarness, runNode, storedJourney } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { choiceCollector } from './choice-collector.node.ts';
import { innerTreeEvaluator } from './inner-tree-evaluator.node.ts';
import { message } from './message.node.ts';

test('settings refuse a tree without a name', async () => {
  await expect(runNode(innerTreeEvaluator, { config: { tree: '' } })).rejects.toThrow('tree');
});

test('fails where the tree does not exist', async () => {
  const innerTree = { kind: 'missing' } as const;
  await expect(runNode(innerTreeEvaluator, { config: { tree: 'Gone' }, innerTree })).rejects.toThrow(
    'Configured tree does not exist',
  );
});

test.each([
  ['success', 'true'],
  ['failure', 'false'],
] as const)('%s inside leads to %s', async (kind, outcome) => {
  const { action } = await runNode(innerTreeEvaluator, { config: { tree: 'Sub' }, innerTree: { kind } });
  expect(action).toEqual({ kind: 'goTo', outcome });
});

test('passes a step through as it is', async () => {
  const step = { callbacks: [nameCallback({ prompt: 'User Name' })], presentation: { header: 'Inside', stage: 'S' } };
  const { action } = await runNode(innerTreeEvaluator, {
    config: { tree: 'Sub' },
    innerTree: { kind: 'step', ...step },
  });
  expect(action).toEqual({ kind: 'send', ...step });
});

test('an error inside leads to Error, with the failed node for the audit and its words for the nodes to come', async () => {
  const node = { id: 'choice', displayName: 'Pick', type: 'ChoiceCollectorNode' };
  const { action, shared } = await runNode(innerTreeEvaluator, {
    config: { tree: 'Sub', displayErrorOutcome: true },
    innerTree: { kind: 'error', node, message: 'There is nothing to choose from.' },
  });
  expect(action).toEqual({ kind: 'goTo', outcome: 'error', detail: { errorNode: 'choice' } });
  expect(shared).toEqual({ errorNode: node, errorMessage: 'There is nothing to choose from.' });
});

const faulty = (displayErrorOutcome: boolean) =>
  journeyHarness({
    nodes: [innerTreeEvaluator, choiceCollector, message, usernameCollector],
    trees: {
      Login: {
        entry: 'inner',
        nodes: {
          inner: {
            type: 'InnerTreeEvaluatorNode',
            config: { tree: 'Sub', displayErrorOutcome },
            to: { true: SUCCESS, false: FAILURE, error: 'say' },
          },
          say: { type: 'MessageNode', to: { true: SUCCESS, false: FAILURE } },
        },
      },
      Sub: { entry: 'choice', nodes: { choice: { type: 'ChoiceCollectorNode' } } },
    },
  });

test('an error inside ends the journey where no outcome is there for it', async () => {
  await expect(faulty(false).start()).rejects.toMatchObject({ code: 'NODE_FAILED' });
});

test('an error inside is an outcome where the author wants it, with its node and words in state', async () => {
  const it = faulty(true);
  const step = await it.begin();
  expect(step.callbacks[0]?.type).toBe('TextOutputCallback');
  const [row] = it.store.journeys.values();
  expect(storedJourney(row).shared).toMatchObject({
    errorNode: { id: 'choice', displayName: '', type: 'ChoiceCollectorNode' },
    errorMessage: 'There is nothing to choose from.',
  });
});
