import type { AuditEvent, Change, CommitResult, Committer, EngineChange } from '@assent/engine/host';
import type { DeviceChange, MessageChange } from '@assent/push';
import type { Measures } from './measures.ts';

/** By name: the store is told apart from others here, but not imported for it. */
const OUTCOME_OF_FAILURE: Readonly<Record<string, string>> = {
  StoreUnavailable: 'unavailable',
  StoreUncertain: 'uncertain',
};

type Counted = EngineChange | DeviceChange | MessageChange;

/** Ids of journeys begin with the time of their first page (RFC 9562 §5.7). */
const startOf = (journeyId: string): number => Number.parseInt(journeyId.slice(0, 13).replace('-', ''), 16);

/** What answers of phones are called in the trail. */
const ANSWERS: Readonly<Record<string, string>> = {
  PUSH_ANSWERED: 'approved',
  PUSH_DENIED: 'denied',
  PUSH_NUMBER_MISMATCH: 'wrongNumber',
};

/**
 * Counts what was committed, by the changes that a commit holds: what is refused, taken back or tried again is no part of it, and nothing that
 * happens is told anywhere else (OPS-54).
 */
export const commitObserver = (
  measures: Measures,
  { elapsed, now }: { readonly elapsed: () => number; readonly now: () => number },
) => {
  const noteEvent = ({ event, realm, journey = '', outcome = '' }: AuditEvent): void => {
    switch (event) {
      case 'JOURNEY_START':
        measures.journeysStarted.add(1, realm, journey);
        return;
      case 'THROTTLED':
        measures.throttled.add(1, outcome);
        if (outcome === 'push') measures.pushSuppressed.add(1, 'resend');
        return;
      case 'PUSH_ALERT':
        measures.pushAlerts.add(1, realm, outcome);
        return;
      case 'PUSH_PAUSED':
        measures.pushAlerts.add(1, realm, 'paused');
        return;
    }
    if (event === 'PASSWORD_SPRAY') measures.passwordSprays.add(1);
    if (event === 'FACTOR_DISABLED') measures.factorsDisabled.add(1, outcome);
    const answer = ANSWERS[event];
    if (answer !== undefined) measures.pushAnswers.add(1, answer);
  };

  const noteEnd = (end: AuditEvent | undefined, ended: EndedJourney | undefined): void => {
    const outcome = end?.outcome ?? 'failure';
    const realm = ended?.realm ?? end?.realm;
    const tree = ended?.tree ?? end?.journey;
    if (realm === undefined || tree === undefined) return;
    measures.journeyEnds.add(1, realm, tree, outcome);
    if (ended !== undefined) measures.journeySeconds.observe((now() - startOf(ended.id)) / 1_000, tree, outcome);
  };

  const noteChanges = (changes: readonly Change[]): void => {
    let end: AuditEvent | undefined;
    let ended: EndedJourney | undefined;
    for (const change of changes as readonly Counted[]) {
      switch (change.type) {
        case 'audit.append':
          if (change.event.event === 'JOURNEY_END') end = change.event;
          else noteEvent(change.event);
          break;
        case 'journey.insert':
        case 'journey.advance':
          if (change.row.ended) ended = change.row;
          break;
        case 'session.insert':
          measures.sessionsCreated.add(1, change.row.realm);
          break;
        case 'push.open':
          if (change.rows.some(({ reason }) => reason === 'suppressed')) measures.pushSuppressed.add(1, 'request');
          break;
        case 'device.update':
          if (isJustFoundDead(change, changes)) measures.pushChannelsDead.add(1, change.row.communicationType);
          break;
      }
    }
    if (end !== undefined || ended !== undefined) noteEnd(end, ended);
  };

  const note = (begin: number, outcome: string): void => {
    measures.storeCommits.add(1, outcome);
    measures.storeCommitSeconds.observe((elapsed() - begin) / 1_000);
  };

  return {
    /** A committer whose commits are counted. */
    over: (committer: Committer): Committer => ({
      async commit(changes) {
        const begin = elapsed();
        let result: CommitResult;
        try {
          result = await committer.commit(changes);
        } catch (error) {
          note(begin, OUTCOME_OF_FAILURE[error instanceof Error ? error.name : ''] ?? 'error');
          throw error;
        }
        note(begin, result.committed ? 'applied' : 'refused');
        if (result.committed) noteChanges(changes);
        else measures.storeRefused.add(1, result.refused);
        return result;
      },
    }),
    /** A committer whose rows of the audit log are counted as they are written. */
    overRows: (committer: Committer): Committer => ({
      async commit(changes) {
        const result = await committer.commit(changes);
        const rows = changes.filter(({ type }) => type === 'audit.append').length;
        if (result.committed && rows > 0) measures.auditRows.add(rows);
        return result;
      },
    }),
    /** A journey that nobody has ended was swept. */
    expired: (realm: string, tree: string): void => measures.journeyEnds.add(1, realm, tree, 'expired'),
  };
};

type EndedJourney = Extract<EngineChange, { readonly type: 'journey.insert' }>['row'];

const isJustFoundDead = (
  { row }: Extract<DeviceChange, { readonly type: 'device.update' }>,
  changes: readonly Change[],
): boolean =>
  row.channelDeadAt !== undefined &&
  (changes as readonly Counted[]).some(
    (change) => change.type === 'audit.append' && change.event.event === 'DEVICE_CHANNEL_DEAD',
  );
