import { EndedInError } from '../execution/ended-in-error.ts';
import { JourneyError } from '../model/errors.ts';
import { USER_TOO_LARGE, USER_TOO_LARGE_TEXT } from '../model/identities.ts';
import type { JourneyAnswer } from '../step/journey-requests.ts';
import { type ExecutionEnd, type Outcome, StepExecution, type StepPlan } from '../step/step-execution.ts';
import type { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { commit, commitKept, runEffects } from './commit.ts';
import type { JourneyHost } from './journey-host.ts';

/** A unit of work that lost this many races meets more than bad luck. */
const MAX_TRIES = 8;

/**
 * The protocol of every request that may move a journey on: load → check → execute → decide → commit → answer. A request says
 * its own first four; {@link answerBySteps} runs them and adds the last two, which are the same for all.
 */
export interface RequestSteps<Loaded, Plan extends StepPlan = StepPlan> {
  /** Reads where the journey stands. */
  load(unit: JourneyUnitOfWork): Promise<Loaded>;
  /** Throws what refuses the request; else says what is to be executed, or the outcome where nothing is. */
  check(loaded: Loaded, unit: JourneyUnitOfWork): Promise<Plan | Decided>;
  /** Walks the tree until something is asked of the user or it ends. */
  execute(execution: StepExecution, plan: Plan): Promise<ExecutionEnd>;
  /** Stages what is to be written, and says what is to be answered once that is committed. */
  decide(execution: StepExecution, end: ExecutionEnd, plan: Plan): Promise<Outcome>;
}

/** A request that is answered without a walk. */
export interface Decided {
  readonly outcome: Outcome;
}

interface Executed<Plan extends StepPlan> {
  readonly plan: Plan;
  readonly execution: StepExecution;
  readonly end: ExecutionEnd;
}

/** The steps that come before a decision: all that there is to a preview. */
export const executeSteps = async <Loaded, Plan extends StepPlan>(
  { dependencies }: JourneyHost,
  unit: JourneyUnitOfWork,
  steps: RequestSteps<Loaded, Plan>,
  { isPreview = false }: { readonly isPreview?: boolean } = {},
): Promise<Executed<Plan> | Decided> => {
  const loaded = await steps.load(unit);
  const plan = await steps.check(loaded, unit);
  if ('outcome' in plan) return plan;
  const execution = new StepExecution({ dependencies, unit, plan, isPreview });
  return { plan, execution, end: await steps.execute(execution, plan) };
};

/**
 * Runs a request under the eyes of whoever observes journeys; `tree` where it is known before the journey is read. One that is answered evenly
 * is so on each way out, an error too, and holds nothing while it waits.
 */
export const answerBySteps = async <Loaded, Plan extends StepPlan>(
  host: JourneyHost,
  unit: JourneyUnitOfWork,
  steps: RequestSteps<Loaded, Plan>,
  tree?: string,
): Promise<JourneyAnswer> => {
  const { observer, evenTimes } = host.dependencies;
  const evenTime = evenTimes?.();
  try {
    if (observer === undefined) return await answerOf(host, unit, steps);
    const journey = { realm: unit.realm.realm, ...(tree !== undefined && { tree }) };
    return await observer.submit(journey, () => answerOf(host, unit, steps));
  } finally {
    if (unit.isAnsweredEvenly) await evenTime?.();
  }
};

/** Runs the steps of a request until what they decide is committed; a commit that lost a race starts over with the first. */
const answerOf = async <Loaded, Plan extends StepPlan>(
  host: JourneyHost,
  unit: JourneyUnitOfWork,
  steps: RequestSteps<Loaded, Plan>,
): Promise<JourneyAnswer> => {
  try {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const outcome = await decided(host, unit, steps);
      if (outcome.commit === true) {
        const result = await commit(host.dependencies, unit);
        if (!result.committed) {
          const isTooLarge = result.refused === USER_TOO_LARGE;
          if (tries === MAX_TRIES || isTooLarge) await commitKept(host.dependencies, unit);
          if (isTooLarge) throw new RangeError(USER_TOO_LARGE_TEXT);
          unit.startOver(result.refused);
          continue;
        }
        runEffects(host.dependencies, unit);
        noteBeginning(host, unit, outcome);
      }
      return answered(outcome);
    }
    throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
  } finally {
    unit.release();
  }
};

const noteBeginning = (
  { dependencies: { beginnings } }: JourneyHost,
  { changes, request: { clientAddress } }: JourneyUnitOfWork,
  { answer }: Outcome,
): void => {
  if (beginnings === undefined) return;
  if (changes.some(({ type }) => type === 'journey.insert')) beginnings.begun(clientAddress);
  if (answer?.kind === 'success') beginnings.finished(clientAddress);
};

/**
 * What a request comes to. An error that has ended its journey is written; any other leaves everything as it was but for what
 * must be written in any case: an exception is a way out, too, and guesses are counted on it (SEC-56).
 */
const decided = async <Loaded, Plan extends StepPlan>(
  host: JourneyHost,
  unit: JourneyUnitOfWork,
  steps: RequestSteps<Loaded, Plan>,
): Promise<Outcome> => {
  try {
    const executed = await executeSteps(host, unit, steps);
    if ('outcome' in executed) return executed.outcome;
    return await steps.decide(executed.execution, executed.end, executed.plan);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
    if (error instanceof EndedInError) return { error, commit: true };
    unit.keepOnly();
    return { error, commit: unit.kept.length > 0 };
  }
};

const answered = ({ answer, error }: Outcome): JourneyAnswer => {
  if (answer === undefined) throw error instanceof EndedInError ? error.forCaller : error;
  return answer;
};
