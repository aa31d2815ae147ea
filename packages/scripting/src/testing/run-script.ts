import type { ScriptDocument } from '@assent/engine';
import {
  type FakeRequestOptions,
  fakeRequest,
  memoryIdentities,
  type memoryLog,
  runNode,
  seededRandom,
  type TestUsers,
  testRealm,
} from '@assent/engine/testing';
import { scriptedDecision } from '@assent/nodes';
import type { Sandbox } from '../sandbox.ts';
import { scriptsAdapter } from '../scripts-adapter.ts';

export interface GivenToScript {
  readonly engine?: '1.0' | '2.0';
  readonly outcomes?: readonly string[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly state?: Readonly<Record<string, unknown>>;
  readonly users?: TestUsers;
  readonly request?: FakeRequestOptions;
  readonly libraries?: Readonly<Record<string, string>>;
  readonly randomSeed?: number;
  readonly log?: ReturnType<typeof memoryLog>;
  readonly realm?: string;
}

export const testScript = (
  id: string,
  name: string,
  source: string,
  given: Partial<ScriptDocument>,
): ScriptDocument => ({
  realm: '/',
  id,
  name,
  description: '',
  source,
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '1.0',
  language: 'JAVASCRIPT',
  default: false,
  createdBy: '',
  creationDate: 0,
  lastModifiedBy: '',
  lastModifiedDate: 0,
  ...given,
});

/** Runs a Scripted Decision node with that script in the real sandbox. */
export const runScript = (sandbox: Sandbox, source: string, given: GivenToScript = {}) => {
  const script = testScript('s1', 'Test script', source, { evaluatorVersion: given.engine ?? '1.0' });
  const libraries = Object.entries(given.libraries ?? {}).map(([name, text]) =>
    testScript(`library-${name}`, name, text, { context: 'LIBRARY', evaluatorVersion: '2.0' }),
  );
  const scripts = scriptsAdapter({
    configuration: { script: (_realm, id) => (id === script.id ? script : undefined), scripts: () => libraries },
    sandbox,
    random: seededRandom(given.randomSeed ?? 3),
  })({ realm: testRealm(given.realm === undefined ? {} : { realm: given.realm }) } as never);
  return runNode(scriptedDecision, {
    config: {
      script: 's1',
      outcomes: [...(given.outcomes ?? ['true', 'false'])],
      ...(given.inputs && { inputs: [...given.inputs] }),
      ...(given.outputs && { outputs: [...given.outputs] }),
    },
    ports: { scripts, identities: memoryIdentities(given.users) },
    state: given.state ?? {},
    request: fakeRequest(given.request),
    ...(given.log && { log: given.log }),
  });
};
