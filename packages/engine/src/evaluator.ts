import type { CallbackAnswer, SentCallback } from './callbacks/callback.ts';
import type { CompiledNode, CompiledTree } from './compiled-tree.ts';
import { JourneyError, NodeFailure, Unavailable } from './errors.ts';
import type { Presentation } from './node-definition.ts';
import { beginVisit, endVisit, nodeContext } from './node-visit.ts';
import { NO_ANSWERS, NO_CALLBACKS, nodeLogFields, type Run, visitedIn } from './run.ts';
import { FAILURE, SUCCESS } from './tree.ts';
import { wrappedNode } from './wrapped-node.ts';

/** A tree that loops without asking anybody anything fails instead of hanging. */
const MOST_NODES_PER_REQUEST = 1_000;

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

/** A node error as the engine knows it; the log has its documented words. */
const nodeError = (run: Run, node: CompiledNode, error: unknown): JourneyError | Unavailable => {
  if (error instanceof JourneyError || error instanceof Unavailable) return error;
  const reason = error instanceof NodeFailure ? error.reason : String(error);
  run.log.error(reason, {
    ...nodeLogFields(run, node),
    ...(error instanceof NodeFailure
      ? error.cause !== undefined && { cause: String(error.cause) }
      : { cause: 'unexpected' }),
  });
  return new JourneyError(
    'NODE_FAILED',
    { nodeType: node.type, nodeId: node.id, reason, failureUrl: '' },
    { cause: error },
  );
};

/**
 * Runs nodes from `from` until one of them asks for callbacks or the tree ends. Callbacks go only to the node that sent
 * them; every later node starts with none.
 */
export const walk = async (
  run: Run,
  tree: CompiledTree,
  from: string,
  sent: readonly SentCallback[] = NO_CALLBACKS,
  answers: readonly CallbackAnswer[] = NO_ANSWERS,
): Promise<WalkEnd> => {
  let id = from;
  let given = { sent, answers };
  for (; run.position.passed < MOST_NODES_PER_REQUEST; run.position.passed += 1) {
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
    try {
      const begun = beginVisit(run, node, given.sent, given.answers);
      const action = endVisit(run, node, begun instanceof Promise ? await begun : begun);
      if (action.kind === 'send') {
        return {
          kind: 'step',
          nodeId: id,
          callbacks: action.callbacks,
          presentation: action.presentation ?? NO_PRESENTATION,
        };
      }
      if (action.detail !== undefined)
        run.effects.audit('JOURNEY_STEP', node, { ...action.detail, outcome: action.outcome });
      const next = node.connections.get(action.outcome);
      if (next === undefined) throw new NodeFailure(`Outcome "${action.outcome}" leads nowhere.`);
      id = next;
      run.position.resumed = false;
      given = NOTHING_GIVEN;
    } catch (error) {
      const known = nodeError(run, node, error);
      if (run.position.failure?.error !== known) run.position.failure = { error: known, node };
      throw known;
    }
  }
  throw new JourneyError('NODE_FAILED', {
    nodeType: tree.nodes.get(id)?.type ?? '',
    nodeId: id,
    reason: `The journey passed ${MOST_NODES_PER_REQUEST} nodes without asking anybody anything.`,
    failureUrl: '',
  });
};

const inInnerTree = async (run: Run, name: string): Promise<CompiledNode | undefined> => {
  const { id, tree } = visitedIn(name);
  return (await run.trees.open(tree))?.findNode(id);
};

/** Tells the visited nodes that the journey succeeds; a hook that fails ends the journey in error. */
export const runSuccessHooks = async (run: Run, tree: CompiledTree): Promise<void> => {
  for (const name of run.effects.visited) {
    const found = tree.findNode(name) ?? (await inInnerTree(run, name));
    const settings = run.effects.settings.get(name);
    const node = found !== undefined && settings !== undefined ? wrappedNode(found, settings) : found;
    if (node !== undefined && 'problem' in node) continue;
    if (node?.definition?.onJourneySuccess === undefined) continue;
    try {
      await node.definition.onJourneySuccess(nodeContext(run, node, NO_CALLBACKS, NO_ANSWERS) as never);
    } catch (error) {
      throw nodeError(run, node, error);
    }
  }
};
