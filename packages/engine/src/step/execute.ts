import { type WalkEnd, walk } from '../execution/evaluator.ts';
import { promoteSecrets } from '../execution/inner-trees.ts';
import { endInError } from './endings.ts';
import type { AnsweredStep, StepExecution } from './step-execution.ts';

/**
 * Walks the tree from a node, or on from a step that was answered. Whatever throws is turned into the end of the journey before
 * it is thrown on. `resumed` says that the step's link was followed.
 */
export const execute = async (
  execution: StepExecution,
  from: string,
  step?: AnsweredStep,
  { resumed = false }: { readonly resumed?: boolean } = {},
): Promise<WalkEnd> => {
  const { context, progress, plan } = execution;
  const { position } = context;
  position.resumeAt = [...(step?.inner ?? [])];
  position.waiting = [];
  position.passed = 0;
  position.inside = 0;
  position.worked = 0;
  position.resumed = resumed;
  execution.isBeginning = step === undefined;
  progress.suspension = undefined;
  try {
    const end = await walk(context, plan.tree, from, step?.sent, step?.answers);
    if (end.kind === 'step') await promoteSecrets(context, plan.tree, end.nodeId);
    return end;
  } catch (error) {
    throw endInError(execution, error);
  } finally {
    execution.endPart();
  }
};
