import type { WalkEnd } from '../execution/evaluator.ts';
import { newNonce } from '../model/nonce.ts';
import { MAX_STATE_SIZE, STATE_TOO_LARGE, sizeOfValue } from '../state/state-size.ts';
import { credentialVersionAtStep } from '../unit-of-work/credential-version.ts';
import { failedBehindNodes, refuseOldCredentials } from './endings.ts';
import type { JourneyReference } from './journey-requests.ts';
import { waitingRow, written } from './journey-row.ts';
import type { Outcome, StepExecution } from './step-execution.ts';
import { type StoredState, writeState } from './stored-state.ts';

/** Stores the step that the walk has come to, under a new nonce. */
export const nextStep = (execution: StepExecution, end: WalkEnd & { readonly kind: 'step' }): Outcome => {
  const { dependencies, unit, plan, progress, audit, cookies } = execution;
  const subject = { id: progress.identity ?? progress.boundUser, name: execution.username };
  const credential = credentialVersionAtStep(unit, progress.credential, subject);
  if (credential === 'outdated') return refuseOldCredentials(execution);
  if (progress.suspension !== undefined) audit.stage('JOURNEY_SUSPEND', progress.identity);
  const now = dependencies.clock.now();
  const reference = nextReference(execution, now);
  const state = stateToStore(execution, end.nodeId, credential);
  // Counted again as a whole: the writes of nodes were counted, and here so is all else, whichever way it grew.
  if (sizeOfValue(state) > MAX_STATE_SIZE) throw failedBehindNodes(execution, STATE_TOO_LARGE, end.nodeId);
  const { text, step } = writeState({ sent: end.callbacks, presentation: end.presentation }, state);
  const { submitted } = plan;
  const { nonce, expiresAt } = reference;
  const lastSubmit = submitted?.code && { nonce: plan.reference.nonce, code: submitted.code(), at: now };
  const row = waitingRow(execution, { nonce, expiresAt, state: text, ...(lastSubmit && { lastSubmit }) });
  unit.changes.push(written(execution, row));
  return {
    answer: { kind: 'step', reference, callbacks: step.sent, presentation: step.presentation, ...cookies },
    commit: true,
  };
};

const nextReference = ({ dependencies, plan, progress }: StepExecution, now: number): JourneyReference => {
  const { realm, tree, treeVersion, journeyId, expiresAt, binding } = plan.reference;
  const { suspension } = progress;
  return {
    realm,
    tree,
    treeVersion,
    journeyId,
    nonce: suspension?.nonce ?? newNonce(dependencies.random),
    expiresAt: suspension === undefined ? expiresAt : now + suspension.minutes * 60_000,
    ...(binding !== undefined && { binding }),
  };
};

const stateToStore = (
  { plan, progress, context, inner, innerVersions }: StepExecution,
  node: string,
  { version }: { readonly version?: StoredState['credential'] },
): StoredState => {
  const { shared, secure, hidden } = context.state;
  const {
    identity,
    boundUser,
    earnedFor,
    factors,
    sentCodes,
    newestCodes,
    followedLink,
    usedSessions,
    challenges,
    handedOver,
    sessionOptions,
    visited,
    settings,
    suspension,
  } = progress;
  return {
    shared,
    secure,
    node,
    parameters: plan.parameters,
    identity,
    boundUser,
    credential: version,
    earnedFor,
    factors: factors.length === 0 ? undefined : factors,
    sentCodes: sentCodes.length === 0 ? undefined : sentCodes,
    newestCodes: Object.keys(newestCodes).length === 0 ? undefined : newestCodes,
    followedLink,
    usedSessions: usedSessions.length === 0 ? undefined : usedSessions,
    challenges: challenges.size === 0 ? undefined : Object.fromEntries(challenges),
    handedOver: handedOver.size === 0 ? undefined : Object.fromEntries(handedOver),
    sessionOptions,
    visited: [...visited],
    settings: settings.size === 0 ? undefined : Object.fromEntries(settings),
    inner: inner.length === 0 ? undefined : inner,
    hidden: hidden.length === 0 ? undefined : hidden,
    innerVersions: innerVersions.innerVersions,
    backChannel: progress.backChannel,
    suspended: suspension && true,
  };
};
