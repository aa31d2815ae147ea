import { EndedInError } from '../execution/ended-in-error.ts';
import { JourneyError, Unavailable } from '../model/errors.ts';
import type { Identity } from '../model/identities.ts';
import { CREDENTIALS_CHANGED } from '../unit-of-work/credential-version.ts';
import { parsedMembers } from './answer-members.ts';
import { changesAtEnd, stageStart } from './journey-row.ts';
import { failureUrlOf } from './leading-urls.ts';
import type { Outcome, StepExecution } from './step-execution.ts';

/** For the log. */
const FACTOR_REMOVED = 'A device that proved a factor in it was removed.';

/** For the log. */
const SESSION_ENDED = 'A session that it has read has ended.';

/** The ways out of a journey that sign nobody in. */

/** The tree has led to failure. */
export const fail = (execution: StepExecution): Outcome => {
  const { unit, progress, audit, userId, visitor } = execution;
  unit.changes.push(...changesAtEnd(execution));
  audit.stage('JOURNEY_END', userId, { outcome: 'failure', detail: visitor });
  const { errorMessage: message, failureDetails: members } = progress.sessionOptions;
  const told = progress.failureReason;
  const failureReason = told?.user === progress.identity ? told?.reason : undefined;
  const detail = {
    failureUrl: failureUrl(execution),
    ...(failureReason !== undefined && { failureReason }),
    ...(message !== undefined && { message }),
    ...(members !== undefined && { members: parsedMembers(members) }),
  };
  return { error: new JourneyError('LOGIN_FAILED', detail), commit: true };
};

/** The account may not sign in although the journey succeeded: nothing that nodes staged is written. */
export const refuseAccount = (execution: StepExecution, identity: Identity | undefined): Outcome => {
  const reason = identity === undefined ? 'unknown' : 'inactive';
  endWithoutChanges(execution);
  execution.audit.stage('AUTH_FAIL', identity?.id, { outcome: reason, detail: execution.visitor });
  const { lockoutMessage: message } = execution.progress.sessionOptions;
  const detail = { reason, failureUrl: failureUrl(execution), ...(message !== undefined && { message }) } as const;
  return { error: new JourneyError('ACCOUNT_UNUSABLE', detail), commit: true };
};

/** The credentials that the journey began with are its user's no more: nothing that nodes staged is written (SEC-61). */
export const refuseOldCredentials = (execution: StepExecution): Outcome => {
  endWithoutChanges(execution);
  const userId = execution.progress.credential?.userId;
  execution.audit.stage('AUTH_FAIL', userId, { outcome: 'credentialsChanged', detail: execution.visitor });
  return { error: new JourneyError('JOURNEY_EXPIRED', { reason: CREDENTIALS_CHANGED }), commit: true };
};

/** A device that proved a factor in the journey is its user's no more: nothing that nodes staged is written (docs/adr/0147). */
export const refuseRemovedFactor = (execution: StepExecution): Outcome => {
  endWithoutChanges(execution);
  execution.audit.stage('AUTH_FAIL', execution.userId, { outcome: 'factorRemoved', detail: execution.visitor });
  return { error: new JourneyError('JOURNEY_EXPIRED', { reason: FACTOR_REMOVED }), commit: true };
};

/** A session that an earlier step has read is over: nothing that nodes staged is written (docs/adr/0149). */
export const refuseEndedSession = (execution: StepExecution): Outcome => {
  endWithoutChanges(execution);
  execution.audit.stage('AUTH_FAIL', execution.userId, { outcome: 'sessionEnded', detail: execution.visitor });
  return { error: new JourneyError('JOURNEY_EXPIRED', { reason: SESSION_ENDED }), commit: true };
};

/** The back channel is closed, or asks for another user: nothing that nodes staged is written. */
export const refuseBackChannel = (
  execution: StepExecution,
  identity: Identity,
  outcome: 'otherUser' | 'backChannelClosed',
): Outcome => {
  endWithoutChanges(execution);
  execution.audit.stage('AUTH_FAIL', identity.id, { outcome, detail: execution.visitor });
  return { error: new JourneyError('LOGIN_FAILED', { failureUrl: failureUrl(execution) }), commit: true };
};

/** What nodes have asked for cannot be done where their journey stops. No node is running there, so that the log is told of it here. */
export const failedBehindNodes = ({ plan, context }: StepExecution, reason: string, nodeId = ''): JourneyError => {
  const { realm, tree: journey } = plan.reference;
  const nodeType = plan.tree.findNode(nodeId)?.type ?? '';
  context.log.error(reason, {
    journey,
    nodeType,
    nodeId,
    realm,
    transactionId: context.unitOfWork.request.transactionId,
  });
  return new JourneyError('NODE_FAILED', { nodeType, nodeId, reason, failureUrl: '' });
};

const passesByItself = (error: unknown): boolean =>
  error instanceof Unavailable || (error instanceof JourneyError && error.code === 'OVERLOADED');

/**
 * Whatever throws ends the journey, or a guess could be made again and again on the step that led there: what nodes staged is
 * dropped, the end and what must be written in any case are kept (SEC-56). Only what passes by itself leaves the step open.
 */
export const endInError = (execution: StepExecution, error: unknown): unknown => {
  if (passesByItself(error)) return error;
  execution.unit.keepOnly();
  stageStart(execution);
  execution.audit.stage('JOURNEY_END', execution.progress.identity, { outcome: 'error' });
  execution.unit.changes.push(...changesAtEnd(execution));
  return new EndedInError(error, () => failureUrl(execution));
};

const endWithoutChanges = (execution: StepExecution): void => {
  execution.unit.keepOnly();
  stageStart(execution);
  execution.unit.changes.push(...changesAtEnd(execution));
};

const failureUrl = ({ dependencies, unit, plan, context }: StepExecution): string =>
  failureUrlOf(dependencies, unit.realm, plan.parameters, context.state.get('failureUrl'));
