import { endInError, fail, refuseEndedSession, refuseRemovedFactor } from './endings.ts';
import { demandDevices, demandSessions, stageStart } from './journey-row.ts';
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
    // Also before a failure: nodes may have staged what only the user with that device, or of that session, may have.
    if (unit.isOverFor === 'factor.held') return refuseRemovedFactor(execution);
    // A session that only this submit has read ends nothing: the submit has run again without it.
    if (unit.isOverFor === 'session.continues' && execution.plan.carried.usedSessions !== undefined)
      return refuseEndedSession(execution);
    demandDevices(execution);
    demandSessions(execution);
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
