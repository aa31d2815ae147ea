import type { CallbackAnswer, SentCallback } from '../callbacks/callback.ts';
import { expired, JourneyError, NodeFailure } from '../model/errors.ts';
import type { InnerTreeEnd } from '../node/action.ts';
import type { CompiledNode, CompiledTree, Level } from '../tree/compiled-tree.ts';
import { walk } from './evaluator.ts';
import { type ExecutionContext, NO_ANSWERS, NO_CALLBACKS, nodeLogFields } from './execution-context.ts';

/** Trees inside trees inside trees: beyond this they can only be a loop that two edits closed (spec: journeys-rest §5.7). */
const MAX_DEPTH = 20;

/** So many inner trees are looked into for names without a turn. */
const TREES_WITHOUT_TURN = 4;

/** The names of secrets that the nodes from there on declare as inputs, in the trees inside too. Each tree behind the first few waits for a turn. */
const secretsNamedFrom = async (
  { trees, nextTurn, state }: Pick<ExecutionContext, 'trees' | 'nextTurn' | 'state'>,
  tree: CompiledTree,
  starts: Iterable<string>,
): Promise<ReadonlySet<string>> => {
  const named = new Set<string>();
  const open = state.secretNames();
  const seen = new Set<string>();
  let level = new Set<string>();
  const lookFrom = (within: CompiledTree, start: string): void => {
    const ahead = within.ahead(start);
    for (const name of open) {
      if (!ahead.has(name)) continue;
      named.add(name);
      open.delete(name);
    }
    for (const inner of ahead.innerTrees) if (!seen.has(inner)) level.add(inner);
  };
  for (const start of starts) lookFrom(tree, start);
  // Deeper trees than those cannot run.
  for (let depth = 0; depth <= MAX_DEPTH && level.size > 0 && open.size > 0; depth += 1) {
    const names = level;
    level = new Set();
    for (const name of names) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (seen.size > TREES_WITHOUT_TURN) await nextTurn?.();
      const inner = await trees.peek(name);
      if (inner !== undefined) lookFrom(inner, inner.published.tree.entryNodeId);
    }
  }
  return named;
};

/** Runs the tree that a node names, from its entry or from where it waits. */
export const runInnerTree = async (
  context: ExecutionContext,
  node: CompiledNode,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
  errorsAsEnd: boolean,
): Promise<InnerTreeEnd> => {
  if (node.innerTree === undefined) throw new TypeError(`Node ${node.type} declares no inner tree.`);
  if (context.position.depth >= MAX_DEPTH)
    throw new NodeFailure(`Trees stand more than ${MAX_DEPTH} deep in one another.`);
  const tree = await context.trees.open(node.innerTree);
  const waitingAt = context.position.resumeAt.shift();
  if (tree === undefined) {
    // A journey that waits in a tree ends when that tree is switched off (ADR 151).
    if (waitingAt !== undefined) throw expired('An inner tree was deleted or switched off.');
    return { kind: 'missing' };
  }
  const entry = tree.published.tree.entryNodeId;
  if (waitingAt === undefined) {
    // Of the secrets so far it sees those that its own nodes name (spec: journeys-rest §5.7).
    const declared = context.state.hasSecrets ? await secretsNamedFrom(context, tree, [entry]) : new Set<string>();
    context.state.hide((name) => declared.has(name));
  }
  context.position.depth += 1;
  try {
    const end =
      waitingAt === undefined
        ? await walk(context, tree, entry, NO_CALLBACKS, NO_ANSWERS)
        : await walk(context, tree, waitingAt, sent, answers);
    if (end.kind === 'step') {
      context.position.waiting.unshift({ tree, nodeId: end.nodeId });
      return end;
    }
    context.state.unhide();
    return end;
  } catch (error) {
    context.state.unhide();
    if (!errorsAsEnd) throw error;
    return errorEnd(context, error);
  } finally {
    context.position.depth -= 1;
  }
};

/** Only what a node did not manage is an outcome; an overloaded server is not. */
const errorEnd = (context: ExecutionContext, error: unknown): InnerTreeEnd => {
  const { failure } = context.position;
  if (!(error instanceof JourneyError) || failure?.error !== error) throw error;
  const { node } = failure;
  if (error.is('NODE_FAILED')) return { kind: 'error', node: nameOf(node), message: error.detail.reason };
  if (!error.is('NODE_INPUT_MISSING')) throw error;
  const message = `Expected ${error.detail.key} to be set.`;
  context.log.error(message, nodeLogFields(context, node));
  return { kind: 'error', node: nameOf(node), message };
};

const nameOf = ({ id, displayName, type }: CompiledNode) => ({ id, displayName, type });

/**
 * Before a step is sent: keeps of the secrets what a node ahead names, in the tree that waits and in those around it, and
 * drops the rest. What an inner tree may not see is kept for the trees around it alone.
 */
export const promoteSecrets = (
  context: ExecutionContext,
  tree: CompiledTree,
  nodeId: string,
): Promise<void> | undefined => {
  if (!context.state.hasSecrets) return undefined;
  const ahead = tree.ahead(nodeId);
  if (context.position.waiting.length > 0 || ahead.innerTrees.size > 0) return promoteInTrees(context, tree, nodeId);
  context.state.promote((name) => ahead.has(name));
  return undefined;
};

const promoteInTrees = async (context: ExecutionContext, tree: CompiledTree, nodeId: string): Promise<void> => {
  const levels: readonly Level[] = [{ tree, nodeId }, ...context.position.waiting];
  const named: ReadonlySet<string>[] = [];
  for (const [at, level] of levels.entries()) {
    // A node that waits runs again; one that only waits for its inner tree is behind, unless something leads back to it.
    const starts =
      at === levels.length - 1 ? [level.nodeId] : (level.tree.nodes.get(level.nodeId)?.connections.values() ?? []);
    named.push(await secretsNamedFrom(context, level.tree, starts));
  }
  context.state.promote(
    (name) => named.some((names) => names.has(name)),
    (name, at) => named.slice(0, at + 1).some((names) => names.has(name)),
  );
};
