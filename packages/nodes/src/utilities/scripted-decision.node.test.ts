import { identities } from '@assent/engine';
import { Bindings } from '@assent/engine/host';
import { journeyHarness, memoryIdentities, runNode, type TestUsers } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { readScriptResult, type ScriptResult } from '../scripting/script-result.ts';
import { type ScriptBindings, type ScriptOutcome, type Scripts, scripts } from '../scripting/scripts.ts';
import { scriptedDecision } from './scripted-decision.node.ts';

// Scripts themselves run where the sandbox is; here a script is what it leaves.
const RESULT: ScriptResult = {
  shared: {},
  transient: {},
  secure: [],
  callbacks: [],
  properties: [],
  presentation: {},
  identityChanges: [],
};

const scriptsThat = (decide: (given: ScriptBindings) => Partial<ScriptResult> | ScriptOutcome): Scripts => ({
  find: (id) => (id === 's1' ? { ...DOCUMENT, id } : undefined),
  async run(_script, given) {
    const left = decide(given);
    return 'logs' in left ? left : { result: { ...RESULT, ...left }, logs: [] };
  },
});

const DOCUMENT = {
  realm: '/',
  name: 'Decide',
  description: '',
  source: '',
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '2.0',
  language: 'JAVASCRIPT',
  default: false,
  createdBy: '',
  creationDate: 0,
  lastModifiedBy: '',
  lastModifiedDate: 0,
} as const;

const run = (
  decide: Parameters<typeof scriptsThat>[0],
  config: { script?: string; outcomes?: string[]; inputs?: string[]; outputs?: string[] } = {},
  state: Readonly<Record<string, unknown>> = {},
) =>
  runNode(scriptedDecision, {
    config: { script: 's1', outcomes: ['true'], ...config },
    ports: { scripts: scriptsThat(decide), identities: memoryIdentities() },
    state,
  });

describe('what goes wrong', () => {
  test('a script that is not there fails with the documented text', async () => {
    await expect(run(() => ({ outcome: 'true' }), { script: '[Empty]' })).rejects.toThrow(
      'Data validation failed for the attribute, Script',
    );
  });

  test.each([['maybe'], ['constructor'], ['']])('the outcome "%s" is none of its own', async (outcome) => {
    await expect(run(() => ({ outcome }))).rejects.toThrow(`Invalid outcome from script, '${outcome}'`);
  });

  test('a failure has the name, the engine and the line', async () => {
    const failure = { kind: 'error', message: 'no', line: 3 } as const;
    await expect(run(() => ({ failure, logs: [] }))).rejects.toThrow(
      'The script "Decide" (engine 2.0) failed at line 3: no',
    );
  });

  test('a script that asks for ever more users is not run for ever', async () => {
    let runs = 0;
    const asks = () => {
      runs += 1;
      return { failure: { kind: 'error', message: 'wanted' }, logs: [], wanted: `user${runs}` } as const;
    };
    await expect(run(asks)).rejects.toThrow('wanted');
    expect(runs).toBe(9);
  });

  test('a script changes users, but can make nobody an administrator', async () => {
    const users: TestUsers = { demo: {} };
    const change = (attribute: string, value: string) => ({ username: 'demo', attribute, values: [value] });
    const given = (identityChanges: ScriptResult['identityChanges']) => ({
      config: { script: 's1', outcomes: ['true'] },
      ports: {
        scripts: scriptsThat(() => ({ outcome: 'true', identityChanges })),
        identities: memoryIdentities(users),
      },
    });
    await expect(runNode(scriptedDecision, given([change('assentRoles', 'realm-admin')]))).rejects.toThrow(
      /^The script "Decide" may not change the attribute "assentRoles"$/,
    );
    await expect(runNode(scriptedDecision, given([change('kbaInfo', '{}')]))).rejects.toThrow('"kbaInfo"');
    expect(users).toEqual({ demo: {} });
    await runNode(scriptedDecision, given([change('sn', 'Doe')]));
    expect(users.demo?.sn).toEqual(['Doe']);
  });

  test.each(['null', '{}', '{"shared":{},"transient":{},"secure":[],"callbacks":[{"kind":"name"}]}', 'not JSON'])(
    'a result such as %s is no result',
    (text) => {
      expect(readScriptResult(text)).toBeUndefined();
    },
  );

  test.each([
    ['a name', { identified: 'a\u0000b' }],
    ['state', { shared: { deep: [{ text: '\ud800' }] } }],
    ['a name in the state', { transient: { 'a\u0000': 1 } }],
  ])('nor is one with %s that no store can keep (OPS-15)', (_, said) => {
    const nothing = { shared: {}, transient: {}, secure: [], callbacks: [], properties: [], presentation: {} };
    const result = { ...nothing, identityChanges: [], logs: [] };
    expect(readScriptResult(JSON.stringify(result))).toBeDefined();
    expect(readScriptResult(JSON.stringify({ ...result, ...said }))).toBeUndefined();
  });
});

describe('its settings', () => {
  test('outcomes are those of the list; one that is listed twice is refused', () => {
    expect(scriptedDecision.outcomesOf({ outcomes: ['yes', 'no way'] }, [])).toEqual({
      yes: 'yes',
      'no way': 'no way',
    });
    expect(scriptedDecision.config.safeParse({ outcomes: ['a', 'a'] }).success).toBe(false);
  });

  test('a script sees the inputs alone, and changes the outputs alone', async () => {
    let seen: ScriptBindings | undefined;
    const state = { mine: 1, other: 2 };
    const note = (given: ScriptBindings) => {
      seen = given;
      return { ...pick(given), outcome: 'true' };
    };
    await run(note, { inputs: ['mine'] }, state);
    expect(seen?.shared).toEqual({ mine: 1 });
    const change = () => ({ shared: { other: 3 }, outcome: 'true' });
    await expect(run(change, { inputs: ['other'], outputs: ['mine'] }, state)).rejects.toThrow(
      'changed the state "other"',
    );
    expect((await run(change, { inputs: ['other'], outputs: ['other'] }, state)).shared).toEqual({ mine: 1, other: 3 });
  });

  test.each([
    [['*'], undefined],
    [['code'], '42'],
  ])('with the inputs %j before it, a transient value after a round trip is %s', async (inputs, after) => {
    const seen: unknown[] = [];
    const name = { kind: 'name', prompt: 'Name' } as const;
    const bindings = new Bindings()
      .bind(identities, () => memoryIdentities())
      .bind(scripts, () =>
        scriptsThat((given) => {
          seen.push(given.secure.code);
          return seen.length === 1
            ? { transient: { code: '42' }, callbacks: [name] }
            : { ...pick(given), outcome: 'true' };
        }),
      );
    const harness = journeyHarness({
      nodes: [scriptedDecision],
      bindings,
      trees: {
        Login: {
          entry: 'ask',
          nodes: { ask: { type: 'ScriptedDecisionNode', config: { script: 's1', outcomes: ['true'], inputs } } },
        },
      },
    });
    await harness.answer(await harness.begin('Login'), 'x').catch(() => undefined);
    expect(seen).toEqual([undefined, after]);
  });
});

test('journey reach the journey: session, limits, words and user', async () => {
  const { journey, action } = await run(() => ({
    outcome: 'true',
    properties: [['a', 'b']],
    auditDetail: 'checked',
  }));
  expect(journey.sessionProperties).toMatchObject({ a: 'b' });
  expect(action).toMatchObject({ outcome: 'true', detail: { script: 'Decide', auditEntryDetail: 'checked' } });
});

/** What a script leaves that touches nothing. */
const pick = ({ shared, transient, secure }: ScriptBindings) => ({
  shared: { ...shared },
  transient: { ...transient },
  secure: Object.keys(secure),
});
