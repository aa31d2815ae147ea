import { NodeFailure } from '../model/errors.ts';
import type { Action } from '../node/action.ts';
import type { NodeDefinition } from '../node/node-definition.ts';

/** What the tests of this process have seen of each node type. */
export interface SeenOfNode {
  readonly properties: Set<string>;
  readonly outcomes: Set<string>;
  /** Reasons of failures and texts of log lines, as they came. */
  readonly texts: Set<string>;
}

const REGISTRY = Symbol.for('assent.node-coverage');

/** By node type; kept on the global object, because test files load their own copies of modules. */
export const seenOfNodes = (): Map<string, SeenOfNode> => {
  const holder = globalThis as unknown as Record<symbol, Map<string, SeenOfNode> | undefined>;
  holder[REGISTRY] ??= new Map();
  return holder[REGISTRY];
};

const seenOf = (type: string): SeenOfNode => {
  const seen = seenOfNodes().get(type) ?? { properties: new Set(), outcomes: new Set(), texts: new Set() };
  seenOfNodes().set(type, seen);
  return seen;
};

/** Notes which settings a run had that differ from the defaults, where it went, and what it said. */
export const noteRun = (
  definition: NodeDefinition,
  config: Readonly<Record<string, unknown>>,
  result: { readonly action?: Action; readonly error?: unknown; readonly logged: readonly string[] },
): void => {
  const seen = seenOf(definition.type);
  const defaults = definition.config.safeParse({});
  for (const [name, value] of Object.entries(config)) {
    const usual = defaults.success ? defaults.data[name] : undefined;
    if (JSON.stringify(value) !== JSON.stringify(usual)) seen.properties.add(name);
  }
  if (result.action?.kind === 'goTo') seen.outcomes.add(result.action.outcome);
  if (result.error instanceof NodeFailure) seen.texts.add(result.error.reason);
  for (const text of result.logged) seen.texts.add(text);
};
