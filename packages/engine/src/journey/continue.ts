import { matchCallbacks } from '../callbacks/callback-matching.ts';
import { expired } from '../model/errors.ts';
import type { JourneySession } from '../model/journey-sessions.ts';
import { decide } from '../step/decide.ts';
import { execute } from '../step/execute.ts';
import type { ContinueRequest, JourneyAnswer, JourneyParameters, JourneyReference } from '../step/journey-requests.ts';
import type { ShownStep } from '../step/shown-steps.ts';
import type { Outcome, StepExecution, StepPlan } from '../step/step-execution.ts';
import { readStored, type Stored, writeState } from '../step/stored-state.ts';
import type { CompiledTree } from '../tree/compiled-tree.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { beginning, withNoSession } from './beginning.ts';
import type { JourneyHost } from './journey-host.ts';
import { checkReference } from './reference.ts';
import { answerBySteps, type Decided, type RequestSteps } from './request-steps.ts';

/** An identical submit within this time gets the step that the first one got (SEC-39). */
const RETRY_MILLIS = 60_000;

/** A step that the user was shown: what was sent, which node waits, and where it waits in inner trees. */
interface WaitingStep extends ShownStep {
  readonly nodeId: string;
  readonly inner: readonly string[];
}

interface ContinuePlan extends StepPlan {
  /** Absent for a first step that is stored nowhere: the start is walked again to find it. */
  readonly waiting?: WaitingStep;
  /** Answers with the step that the journey stands at. */
  again(step: ShownStep): Outcome;
}

interface Loaded {
  readonly tree: CompiledTree;
  readonly row: JourneySession | undefined;
}

/** Moves a journey on by one submit, or sends its current step again. */
export const continueJourney = async (host: JourneyHost, next: ContinueRequest): Promise<JourneyAnswer> => {
  const realm = checkReference(host, next);
  const unit = host.unitOfWork(realm, next.reference.journeyId, next.request);
  return answerBySteps(host, unit, continueSteps(host, next), next.reference.tree);
};

const continueSteps = (host: JourneyHost, next: ContinueRequest): RequestSteps<Loaded, ContinuePlan> => ({
  load: async ({ realm }) => ({
    tree: await host.trees.running(realm, next.reference, expired),
    row: await host.dependencies.journeySessions.get(next.reference.journeyId),
  }),

  check: async ({ tree, row }, unit) =>
    row === undefined ? checkUnstored(host, unit, tree, next) : checkStored(host, unit, tree, next, row),

  execute: async (execution, plan) => {
    const waiting = plan.waiting ?? (await firstStepAgain(execution, plan.tree));
    const { nodeId, sent, presentation, inner } = waiting;
    if (next.callbacks === undefined) return { kind: 'unchanged', sent, presentation };
    const answered = { sent, answers: matchCallbacks(sent, next.callbacks), inner };
    const end = await execute(execution, nodeId, answered);
    return execution.isUnchanged(end, nodeId, answered) ? { kind: 'unchanged', sent, presentation } : end;
  },

  decide: async (execution, end, plan) => (end.kind === 'unchanged' ? plan.again(end) : decide(execution, end)),
});

/** The first submit of a start that was stored nowhere. */
const checkUnstored = (
  host: JourneyHost,
  { realm }: JourneyUnitOfWork,
  tree: CompiledTree,
  next: ContinueRequest,
): ContinuePlan => {
  const { start } = next.reference;
  if (start === undefined) throw expired('No such journey.');
  // Nothing of it has begun: it is a start, on the version of which its page was shown.
  if (!host.trees.isStartable(realm, next.reference.tree)) throw expired('The tree cannot be started any more.');
  if (next.callbacks !== undefined) host.demandBeginning(next.request);
  const parameters = withNoSession(start, next.noSession);
  const reference = { ...next.reference, start: parameters };
  return {
    tree,
    trees: host.trees.inside(realm.realm, reference.innerVersions),
    reference,
    parameters,
    carried: beginning(realm, parameters),
    submitted: { code: () => submitCode(host, next) },
    again: ({ sent, presentation }) => ({ answer: { kind: 'step', reference, callbacks: sent, presentation } }),
  };
};

const firstStepAgain = async (execution: StepExecution, tree: CompiledTree): Promise<WaitingStep> => {
  const end = await execute(execution, tree.published.tree.entryNodeId);
  if (end.kind !== 'step') throw expired('The first step is another one now.');
  return { nodeId: end.nodeId, sent: end.callbacks, presentation: end.presentation, inner: execution.inner };
};

/** Every other submit: its authId must carry the nonce of the stored step, or be a retry of the submit that led to it. */
const checkStored = (
  host: JourneyHost,
  unit: JourneyUnitOfWork,
  tree: CompiledTree,
  next: ContinueRequest,
  row: JourneySession,
): ContinuePlan | Decided => {
  if (row.ended) throw expired('The journey has finished.');
  const stored = readStored(row);
  const { state, step } = stored;
  const reference = referenceOf(next.reference, row);
  const parameters = withNoSession(state.parameters, next.noSession);
  const again = () => storedStepAgain(unit, row, stored, reference, parameters);
  if (row.nonce !== next.reference.nonce) {
    if (isRetry(host, row, next)) return { outcome: again() };
    throw expired('The authId was used already.');
  }
  if (next.callbacks === undefined || state.suspended) return { outcome: again() };
  return {
    tree,
    trees: host.trees.inside(unit.realm.realm, state.innerVersions),
    reference,
    parameters,
    carried: state,
    submitted: { seenNonce: row.nonce, code: () => submitCode(host, next) },
    waiting: { nodeId: state.node, inner: state.inner ?? [], ...step },
    again,
  };
};

/** The step stays where it is, and so does its authId; a request that asks for no session is kept all the same. */
const storedStepAgain = (
  unit: JourneyUnitOfWork,
  row: JourneySession,
  { step, state }: Stored,
  reference: JourneyReference,
  parameters: JourneyParameters,
): Outcome => {
  const answer = { kind: 'step', reference, callbacks: step.sent, presentation: step.presentation } as const;
  if (parameters === state.parameters) return { answer };
  const { text } = writeState(step, { ...state, parameters });
  unit.stage({
    type: 'journey.advance',
    seenNonce: row.nonce,
    row: { ...row, state: text },
  } satisfies EngineChange);
  return { answer, commit: true };
};

const isRetry = (host: JourneyHost, { lastSubmit }: JourneySession, next: ContinueRequest): boolean =>
  // Whoever sends nothing tries nothing again: the step may be another browser's by now, as after a link was followed.
  next.callbacks !== undefined &&
  lastSubmit?.nonce === next.reference.nonce &&
  lastSubmit.code === submitCode(host, next, lastSubmit.code) &&
  host.now - lastSubmit.at <= RETRY_MILLIS;

/** The nonce is in it, so that two journeys in which the same was typed do not tell that they have it in common. */
const submitCode = ({ dependencies }: JourneyHost, { callbacks, reference }: ContinueRequest, like?: string): string =>
  callbacks === undefined ? '' : dependencies.submitCode(JSON.stringify([reference.nonce, callbacks]), like);

/** The step that is stored now, in the words of the authId that came: what a start carries is stored by then. */
const referenceOf = (
  { realm, tree, treeVersion, journeyId, innerVersions, binding }: JourneyReference,
  { nonce, expiresAt }: JourneySession,
): JourneyReference => ({
  realm,
  tree,
  treeVersion,
  journeyId,
  nonce,
  expiresAt,
  ...(innerVersions && { innerVersions }),
  ...(binding !== undefined && { binding }),
});
