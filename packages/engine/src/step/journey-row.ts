import type { JourneySession } from '../model/journey-sessions.ts';
import type { Change, EngineChange } from '../unit-of-work/changes.ts';
import type { StepExecution } from './step-execution.ts';

type Execution = Pick<StepExecution, 'plan'>;

/** The row of a journey that waits at a step. */
export const waitingRow = (
  { plan }: Execution,
  { nonce, expiresAt, state, lastSubmit }: Pick<JourneySession, 'nonce' | 'expiresAt' | 'state' | 'lastSubmit'>,
): JourneySession => {
  const { journeyId: id, realm, tree, treeVersion } = plan.reference;
  return { id, realm, tree, treeVersion, nonce, expiresAt, ended: false, state, ...(lastSubmit && { lastSubmit }) };
};

/** The row of a journey that has ended: it stays until it expires, so that no authId starts anything again. */
export const endedRow = ({ plan }: Execution): JourneySession => {
  const { journeyId: id, realm, tree, treeVersion, nonce, expiresAt } = plan.reference;
  return { id, realm, tree, treeVersion, nonce, expiresAt, ended: true, state: '' };
};

/** Writes the row, on condition that nobody has moved the journey on meanwhile. */
export const written = ({ plan }: Execution, row: JourneySession): EngineChange => {
  const seenNonce = plan.submitted?.seenNonce;
  return seenNonce === undefined ? { type: 'journey.insert', row } : { type: 'journey.advance', seenNonce, row };
};

/** In the place of a row, which the store writes in no realm that was switched off meanwhile: the same condition (SEC-89). */
export const stillInForce = ({ plan }: Execution): EngineChange => ({
  type: 'realm.usable',
  realm: plan.reference.realm,
});

/**
 * The commit stands only if the user still has the devices that proved something in earlier submits, or were stored (docs/adr/0147). What a device proves in this
 * submit has a change of its own in this commit, which is refused where the device is gone.
 */
export const demandDevices = ({ plan, progress, unit }: StepExecution): void => {
  const { factors = [] } = plan.carried;
  const only = progress.identity ?? progress.boundUser;
  for (const { user: userId, device } of factors) {
    if (device === undefined || (only !== undefined && userId !== only)) continue;
    unit.stage({ type: 'factor.held', userId, ...device } satisfies EngineChange);
  }
};

/**
 * The commit stands only while the sessions live that nodes of this journey have read (docs/adr/0149). It comes first: where
 * it is refused, so may be other conditions on a session, and they would only say that the caller is not signed in.
 */
export const demandSessions = ({ dependencies, progress, unit }: StepExecution): void => {
  const now = dependencies.clock.now();
  unit.changes.unshift(
    ...progress.usedSessions.map((it) => ({ type: 'session.continues', ...it, now }) satisfies EngineChange),
  );
};

/** A journey begins for the record with the first commit about it, ahead of all that happened in it. */
export const stageStart = ({ plan, progress, audit, unit }: StepExecution): void => {
  if (plan.submitted?.seenNonce !== undefined) return;
  const { backChannel } = progress;
  const facts = backChannel && { detail: { backChannel: backChannel.idHash } };
  unit.changes.unshift(audit.row('JOURNEY_START', undefined, facts));
};

/**
 * What is written of any journey that ends without success. One that nobody has an authId of leaves no row behind; one that
 * fails, for whatever reason, closes its back channel where that allows no other try.
 */
export const changesAtEnd = (execution: StepExecution): readonly Change[] => {
  const { dependencies, plan } = execution;
  const end = plan.submitted === undefined ? stillInForce(execution) : written(execution, endedRow(execution));
  return [end, ...(dependencies.changesAtEnd?.(plan.reference.journeyId) ?? []), ...deniedBackChannel(execution)];
};

const deniedBackChannel = ({ progress, audit, dependencies }: StepExecution): readonly EngineChange[] => {
  const { backChannel } = progress;
  if (backChannel === undefined || backChannel.allowRetry) return [];
  const { idHash } = backChannel;
  return [
    { type: 'backChannel.deny', idHash, now: dependencies.clock.now() },
    audit.row('BACK_CHANNEL_END', undefined, { outcome: 'denied', detail: { backChannel: idHash } }),
  ];
};
