import { endInError, fail, refuseRemovedFactor } from './endings.ts';
import { demandDevices, stageStart } from './journey-row.ts';
import { nextStep } from './next-step.ts';
import type { ExecutionEnd, Outcome, StepExecution } from './step-execution.ts';
import { succeed } from './success.ts';

/**
 * Decides what becomes of the journey where a walk has stopped: its next step, success or failure. Whatever throws on the way
 * is the end of the journey, too.
 */
export const decide = async (execution: StepExecution, end: ExecutionEnd): Promise<Outcome> => {
  const { unit } = execution;
  try {
    unit.changes = [...unit.toCommit];
    stageStart(execution);
    // Also before a failure: nodes may have staged what only the user with that device may have.
    if (unit.lacksFactor) return refuseRemovedFactor(execution);
    demandDevices(execution);
    switch (end.kind) {
      case 'step':
        return nextStep(execution, end);
      case 'success':
        return await succeed(execution);
      case 'failure':
        return fail(execution);
      case 'unchanged':
        throw new TypeError('A step that did not change needs no decision.');
    }
  } catch (error) {
    throw endInError(execution, error);
  } finally {
    execution.endPart();
  }
};
