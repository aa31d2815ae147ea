import { clock as clockPort, identities as identitiesPort } from '@assent/engine';
import { Bindings, FAILURE, SUCCESS } from '@assent/engine/host';
import {
  heldKeys,
  journeyHarness,
  memoryIdentities,
  memoryLog,
  runNode,
  simulatedClock,
  type TestStep,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { dataStoreDecision } from '../basic/data-store-decision.node.ts';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { cookieKey } from '../contextual/cookies/persistent-cookie.ts';
import { setCustomCookie } from '../contextual/set-custom-cookie.node.ts';
import { setPersistentCookie } from '../contextual/set-persistent-cookie.node.ts';
import { type ScriptBindings, type ScriptOutcome, scripts } from '../scripting/scripts.ts';
import { choiceCollector } from './choice-collector.node.ts';
import { configProvider } from './config-provider.node.ts';
import { innerTreeEvaluator } from './inner-tree-evaluator.node.ts';
import { message } from './message.node.ts';

/** What a script leaves; state stays as it was where nothing is said of it. */
interface Left {
  readonly config?: Record<string, unknown>;
  readonly shared?: Record<string, unknown>;
}
type Made = Left | Extract<ScriptOutcome, { failure: unknown }>;

const makes = (config?: Record<string, unknown>, shared?: Record<string, unknown>): Left => ({
  ...(config && { config }),
  ...(shared && { shared }),
});

/** A script that comes to that, and notes what it was given. */
const scriptsOf = (made: Made) => {
  const given: ScriptBindings[] = [];
  return {
    given,
    find: (id: string) => (id === 's1' ? ({ id, name: 'Make settings', evaluatorVersion: '1.0' } as never) : undefined),
    async run(_script: unknown, bindings: ScriptBindings): Promise<ScriptOutcome> {
      given.push(bindings);
      if ('failure' in made) return made;
      const { shared, transient } = bindings;
      const left = { shared: { ...shared }, transient: { ...transient }, secure: Object.keys(bindings.secure) };
      const nothing = { callbacks: [], properties: [], presentation: {}, identityChanges: [] };
      return { result: { ...nothing, ...left, ...made }, logs: [] };
    },
  };
};

const provide = (nodeType: string, outcome: Made, given: Record<string, unknown> = {}) => {
  const script = scriptsOf(outcome);
  const log = memoryLog();
  return {
    script,
    log,
    result: runNode(configProvider, {
      config: { nodeType, script: 's1' },
      ports: { scripts: script, identities: memoryIdentities() },
      children: [
        { id: 'x', definition: setCustomCookie, config: { name: 'x', value: 'x' } },
        { id: 'y', definition: message },
        { id: 'z', definition: choiceCollector, config: { choices: ['a'] } },
      ],
      log,
      ...given,
    }),
  };
};

describe('fails as an outcome, and says in the log reason', () => {
  test.each([
    [
      'no script is chosen',
      'SetCustomCookieNode',
      makes({}),
      { config: { nodeType: 'SetCustomCookieNode' } },
      'there is no such script',
    ],
    [
      'the script fails',
      'SetCustomCookieNode',
      { failure: { kind: 'error', message: 'boom', line: 3 }, logs: [] } as const,
      {},
      'the script "Make settings" failed at line 3: boom',
    ],
    [
      'the script makes no settings',
      'SetCustomCookieNode',
      makes(undefined),
      {},
      'the script "Make settings" set no map "config"',
    ],
    ['the settings do not fit', 'SetCustomCookieNode', makes({ name: 'a b', value: 'x' }), {}, 'name: '],
    ['a setting is missing', 'SetCustomCookieNode', makes({ name: 'theme' }), {}, 'value: '],
    ['there is no such node', 'NoSuchNode', makes({}), {}, 'there is no such type of node that could be run'],
    [
      'settings decide over the outcomes of the node',
      'ChoiceCollectorNode',
      makes({ choices: ['a'] }),
      {},
      'there is no such type',
    ],
    ['the node provides settings itself', 'ConfigProviderNode', makes({}), {}, 'there is no such type'],
  ])('where %s', async (_what, nodeType, outcome, given, reason) => {
    const { result, log } = provide(nodeType, outcome, given);
    expect((await result).action).toMatchObject({ kind: 'goTo', outcome: 'CONFIGURATION_FAILED' });
    expect(log.lines.at(-1)?.msg).toContain(`Failed to configure node: ${nodeType}: ${reason}`);
  });
});

test('runs the node with the settings that the script made', async () => {
  const { result } = provide('SetCustomCookieNode', makes({ name: 'theme', value: 'dark' }));
  const { action, journey } = await result;
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(journey.cookies).toMatchObject([{ name: 'theme', value: 'dark' }]);
});

test('reads numbers and switches that a script wrote as texts', async () => {
  const settings = { name: 'theme', value: '1', maxAge: '60', useSecureCookie: 'true' };
  const { journey } = await provide('SetCustomCookieNode', makes(settings)).result;
  expect(journey.cookies).toMatchObject([{ value: '1', maxAgeSeconds: 60, secure: true }]);
});

test('a node that asks is asked again, with settings made anew', async () => {
  const { result, script } = provide('MessageNode', makes({ message: { en: 'Go on?' } }));
  const step = await result;
  expect(step.callbacks[0]?.output.message).toBe('Go on?');
  expect((await step.again([undefined, 0])).action).toMatchObject({ kind: 'goTo', outcome: 'true' });
  expect(script.given).toHaveLength(2);
});

test('the script sees the state that it names, and what it changes there is changed', async () => {
  const { result, script } = provide(
    'SetCustomCookieNode',
    makes({ name: 'a', value: 'b' }, { seen: 'now', added: 1 }),
    {
      config: { nodeType: 'SetCustomCookieNode', script: 's1', scriptInputs: ['seen'] },
      state: { seen: 'then', hidden: 1 },
    },
  );
  expect((await result).shared).toEqual({ seen: 'now', added: 1, hidden: 1 });
  expect(script.given[0]).toMatchObject({ shared: { seen: 'then' }, wantsConfig: true, callbacks: [] });
});

test('has the outcomes of the node that it runs, whatever the settings, and one for when that fails', () => {
  const outcomes = configProvider.outcomesOf({ nodeType: 'X' }, [{ outcomes: { true: 'True', false: 'False' } }]);
  expect(outcomes).toEqual({ true: 'True', false: 'False', CONFIGURATION_FAILED: 'Configuration failure' });
  expect(configProvider.outcomesOf({ nodeType: 'X' }, [])).toEqual({ CONFIGURATION_FAILED: 'Configuration failure' });
});

describe('in a journey', () => {
  const clock = simulatedClock();
  const journey = (nodeType: string, settings: Record<string, unknown>, to: Record<string, string>) => {
    const script = scriptsOf(makes(settings));
    return {
      script,
      it: journeyHarness({
        nodes: [configProvider, innerTreeEvaluator, setPersistentCookie, usernameCollector, dataStoreDecision],
        trees: {
          Login: {
            entry: 'first',
            nodes: {
              first: { type: 'UsernameCollectorNode', to: { outcome: 'provide' } },
              provide: { type: 'ConfigProviderNode', config: { nodeType, script: 's1' }, to },
            },
          },
          Inner: { entry: 'name', nodes: { name: { type: 'UsernameCollectorNode', to: { outcome: SUCCESS } } } },
        },
        users: { demo: {} },
        clock,
        bindings: new Bindings()
          .bind(scripts, () => script)
          .bind(clockPort, () => clock)
          .bind(identitiesPort, () => memoryIdentities({ demo: {} }))
          .bind(cookieKey, () => heldKeys(new Uint8Array(32))),
      }),
    };
  };

  test('a tree that a script has chosen is gone on with, also if the script would now choose another', async () => {
    const { it, script } = journey('InnerTreeEvaluatorNode', { tree: 'Inner' }, { true: SUCCESS, false: FAILURE });
    const inner = await it.step(await it.begin(), 'somebody');
    expect(inner.callbacks.map(({ type }) => type)).toEqual(['NameCallback']);
    expect(await it.answer(inner as TestStep, 'demo')).toMatchObject({ kind: 'success' });
    expect(script.given).toHaveLength(1);
  });

  test('a node that has something to do at the end does it with the settings of its visit', async () => {
    const settings = { persistentCookieName: 'made', maxLife: 2 };
    const { it } = journey('SetPersistentCookieNode', settings, { outcome: SUCCESS });
    const answer = await it.answer(await it.begin(), 'demo');
    expect(answer.cookies).toMatchObject([{ name: 'made', maxAgeSeconds: 7_200 }]);
  });

  test('a tree that does not exist fails the journey as it does without a script', async () => {
    const { it } = journey('InnerTreeEvaluatorNode', { tree: 'Nowhere' }, { true: SUCCESS, false: FAILURE });
    await expect(it.answer(await it.begin(), 'demo')).rejects.toMatchObject({ code: 'NODE_FAILED' });
  });
});
