import type { CallbackAnswer, SentCallback } from '../callbacks/callback.ts';
import { JourneyError, NodeFailure, Unavailable } from '../model/errors.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { Action, Presentation } from '../node/action.ts';
import type { CompiledNode, CompiledTree } from '../tree/compiled-tree.ts';
import { isLongerThan, MAX_STEP_CHARACTERS } from '../tree/page-size.ts';
import { wrappedNode } from '../tree/wrapped-node.ts';
import { type ExecutionContext, NO_ANSWERS, NO_CALLBACKS, nodeLogFields, visitedIn } from './execution-context.ts';
import { beginNode, endNode, nodeContext } from './node-context.ts';
import { begunInTurn, MAX_NODES_PER_REQUEST } from './walk-limits.ts';

/** Where a walk stopped. */
export type WalkEnd =
  | {
      readonly kind: 'step';
      readonly nodeId: string;
      readonly callbacks: readonly SentCallback[];
      readonly presentation: Presentation;
    }
  | { readonly kind: 'success' }
  | { readonly kind: 'failure' };

const NO_PRESENTATION: Presentation = Object.freeze({});
const NOTHING_GIVEN = Object.freeze({ sent: NO_CALLBACKS, answers: NO_ANSWERS });

/** What is said of an exception that nobody has foreseen. One about a text that cannot be read quotes it, whosever secret it is (SEC-79). */
const wordsOf = (error: unknown): string => (error instanceof SyntaxError ? error.name : String(error));

/** A node error as the engine knows it; the log has its documented words. */
const nodeError = (context: ExecutionContext, node: CompiledNode, error: unknown): JourneyError | Unavailable => {
  if (error instanceof JourneyError || error instanceof Unavailable) return error;
  const reason = error instanceof NodeFailure ? error.reason : wordsOf(error);
  context.log.error(reason, {
    ...nodeLogFields(context, node),
    ...(error instanceof NodeFailure ? error.cause !== undefined && { cause: error.cause } : { cause: error }),
  });
  return new JourneyError(
    'NODE_FAILED',
    { nodeType: node.type, nodeId: node.id, reason, failureUrl: '' },
    { cause: error },
  );
};

/** A node that waits, and what it will have done. */
interface Waiting {
  readonly kind: 'waiting';
  readonly node: CompiledNode;
  readonly begun: Promise<Action>;
}

/**
 * Runs nodes from `from` until one of them asks for callbacks or the tree ends. Callbacks go only to the node that sent
 * them; every later node starts with none. Only where a node waits does it answer by a promise.
 */
export const walk = (
  context: ExecutionContext,
  tree: CompiledTree,
  from: string,
  sent: readonly SentCallback[] = NO_CALLBACKS,
  answers: readonly CallbackAnswer[] = NO_ANSWERS,
): WalkEnd | Promise<WalkEnd> => {
  const reached = walkToWait(context, tree, from, sent, answers);
  return reached.kind === 'waiting' ? walkOn(context, tree, reached) : reached;
};

const walkOn = async (context: ExecutionContext, tree: CompiledTree, first: Waiting): Promise<WalkEnd> => {
  let reached: WalkEnd | Waiting = first;
  while (reached.kind === 'waiting') {
    const { node, begun }: Waiting = reached;
    let next: WalkEnd | string;
    try {
      next = nextOf(context, node, await begun);
    } catch (error) {
      throw failedAt(context, node, error);
    }
    if (typeof next !== 'string') return next;
    context.position.passed += 1;
    reached = walkToWait(context, tree, next, NO_CALLBACKS, NO_ANSWERS);
  }
  return reached;
};

const walkToWait = (
  context: ExecutionContext,
  tree: CompiledTree,
  from: string,
  sent: readonly SentCallback[],
  answers: readonly CallbackAnswer[],
): WalkEnd | Waiting => {
  let id = from;
  let given = { sent, answers };
  for (; context.position.passed < MAX_NODES_PER_REQUEST; context.position.passed += 1) {
    if (id === SUCCESS) return { kind: 'success' };
    if (id === FAILURE) return { kind: 'failure' };
    const node = tree.nodes.get(id);
    if (node === undefined) {
      throw new JourneyError('NODE_FAILED', {
        nodeType: '',
        nodeId: id,
        reason: 'The tree has no such node.',
        failureUrl: '',
      });
    }
    let next: WalkEnd | string;
    try {
      const { sent, answers } = given;
      const begun = begunInTurn(context, node, () => beginNode(context, node, sent, answers));
      if (begun instanceof Promise) return { kind: 'waiting', node, begun };
      next = nextOf(context, node, begun);
    } catch (error) {
      throw failedAt(context, node, error);
    }
    if (typeof next !== 'string') return next;
    id = next;
    given = NOTHING_GIVEN;
  }
  throw new JourneyError('NODE_FAILED', {
    nodeType: tree.nodes.get(id)?.type ?? '',
    nodeId: id,
    reason: `The journey passed ${MAX_NODES_PER_REQUEST} nodes without asking the user anything. Look for a loop in the tree.`,
    failureUrl: '',
  });
};

/** The id of the node that comes after what this one did, or the step that it shows. */
const nextOf = (context: ExecutionContext, node: CompiledNode, begun: Action | undefined): WalkEnd | string => {
  const action = endNode(context, node, begun);
  if (action.kind === 'send') {
    const { callbacks, presentation = NO_PRESENTATION } = action;
    if (isLongerThan([callbacks, presentation], MAX_STEP_CHARACTERS)) {
      throw new NodeFailure(
        `The step has more than ${MAX_STEP_CHARACTERS} characters. Show shorter texts, or fewer nodes.`,
      );
    }
    return { kind: 'step', nodeId: node.id, callbacks, presentation };
  }
  if (action.detail !== undefined) {
    context.state.count(action.outcome, action.detail);
    context.progress.audit('JOURNEY_STEP', node, { ...action.detail, outcome: action.outcome });
  }
  const next = node.connections.get(action.outcome);
  if (next === undefined) throw new NodeFailure(`Outcome "${action.outcome}" leads nowhere.`);
  context.position.resumed = false;
  return next;
};

const failedAt = (context: ExecutionContext, node: CompiledNode, error: unknown): JourneyError | Unavailable => {
  const known = nodeError(context, node, error);
  if (context.position.failure?.error !== known) context.position.failure = { error: known, node };
  return known;
};

const inInnerTree = async (context: ExecutionContext, name: string): Promise<CompiledNode | undefined> => {
  const { id, tree } = visitedIn(name);
  return (await context.trees.left(tree))?.findNode(id);
};

/** Tells the visited nodes that the journey succeeds; a hook that fails ends the journey in error. */
export const runSuccessHooks = async (context: ExecutionContext, tree: CompiledTree): Promise<void> => {
  for (const name of context.progress.visited) {
    const found = tree.findNode(name) ?? (await inInnerTree(context, name));
    const settings = context.progress.settings.get(name);
    const node = found !== undefined && settings !== undefined ? wrappedNode(found, settings) : found;
    if (node !== undefined && 'problem' in node) continue;
    if (node?.definition?.onJourneySuccess === undefined) continue;
    try {
      await node.definition.onJourneySuccess(nodeContext(context, node, NO_CALLBACKS, NO_ANSWERS) as never);
    } catch (error) {
      throw nodeError(context, node, error);
    }
  }
};
