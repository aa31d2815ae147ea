import {
  afterAnswer,
  afterBadProof,
  afterClose,
  afterConsumption,
  afterNewRequest,
  afterRemovalOfDevice,
  isOpenMessage,
  isRinging,
  MAX_TRACE_LENGTH,
  type MessageMoment,
  type MessageSummary,
  type MessageTransition,
  momentOfNewer,
  stepOfTransition,
  traceLine,
  withdrawalsOf,
} from '@assent/push';
import type { Sealer } from '../../sealing/sealer.ts';
import type { outboxTopic } from '../installation/outbox.ts';
import { IS_RINGING, IS_UNCLAIMED, isOfRealmThatIsOn, TAKES_MARK, valuesOfUnclaimed } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import type { Filled } from '../verbs/many-rows.ts';
import type { RowCache } from '../verbs/row-cache.ts';
import { all, countOfEach, first, run, runEach, statement, type Verb } from '../verbs/verb.ts';
import { messageReader, requestCache } from './message-reader.ts';
import {
  FACTS_COLUMNS,
  type FactsRow,
  factsOf,
  INSERT_MESSAGE,
  messageMapping,
  RINGING_COLUMNS,
  type RingingRow,
  summaryAtFirst,
} from './message-rows.ts';

const selectFacts = statement<FactsRow>(`SELECT ${FACTS_COLUMNS} FROM push_message WHERE id = ? {lock}`);
/** All messages of a request. It takes the request twice: the first message lends it its id, and an index finds the others. */
const selectFactsWhere = (request: string, condition = '') =>
  statement<FactsRow>(
    `SELECT ${FACTS_COLUMNS} FROM push_message
     WHERE (id = ${request} AND request = id OR request = ${request} AND request <> id)${condition} ORDER BY position {lock}`,
  );
const selectFactsOfRequest = selectFactsWhere('?');
const selectFactsOfMessage = selectFactsWhere(
  '(SELECT request FROM push_message WHERE id = ?)',
  ` AND ${isOfRealmThatIsOn('push_message')}`,
);
/** All who lock several messages lock them in one order, the first of a request before its others (OPS-05). */
const IN_ORDER = 'ORDER BY request, position';
const selectRinging = statement<RingingRow>(
  `SELECT ${RINGING_COLUMNS} FROM push_message WHERE user_id = ? AND ${IS_RINGING} ${IN_ORDER} {lock}`,
);
const selectOpenOfUser = statement<FactsRow>(
  `SELECT ${FACTS_COLUMNS} FROM push_message WHERE user_id = ? AND is_open = 1 ${IN_ORDER} {lock}`,
);
const selectOpenOfJourney = statement<FactsRow>(
  `SELECT ${FACTS_COLUMNS} FROM push_message WHERE journey_id = ? AND is_open = 1 ${IN_ORDER} {lock}`,
);
const selectOpenOfDevice = statement<FactsRow>(
  `SELECT ${FACTS_COLUMNS} FROM push_message WHERE user_id = ? AND is_open = 1 AND device_uuid = ? ${IN_ORDER} {lock}`,
);
const insert = statement(INSERT_MESSAGE);
/** What is noted of a message goes with the statement that changes it: a trace costs none of its own (OPS-50). */
const NOTED = `trace = CASE WHEN length(trace) < ${MAX_TRACE_LENGTH} THEN trace || ? ELSE trace END`;
// One row by its id at a time: SQLite changes it where it stands. For a set of rows that an index or a subquery finds, it
// makes a table of them first, even where there are none.
const STATE = `state = ?, reason = ?, is_open = ?, ${NOTED}`;
const setState = statement(`UPDATE push_message SET ${STATE} WHERE id = ?`);
const setAnswer = statement(
  `UPDATE push_message SET answered_at = ?, answer_hash = ?, claims = ?, ${STATE} WHERE id = ?`,
);
const setAttempts = statement(`UPDATE push_message SET attempts = ?, ${STATE} WHERE id = ?`);
const claimOne = statement(
  `UPDATE push_message SET claim_by = ?, claim_until = ?, tries = tries + 1, ${NOTED} WHERE id = ? AND ${IS_UNCLAIMED}`,
);
const renewClaim = statement(
  'UPDATE push_message SET claim_until = ? WHERE id = ? AND claim_by = ? AND claim_until > 0',
);
const defer = statement(
  `UPDATE push_message SET claim_until = 0, next_try_at = ?, ${NOTED} WHERE id = ? AND claim_by = ?`,
);
const mark = statement(`UPDATE push_message SET delivery = ?, ${NOTED} WHERE id = ? AND ${TAKES_MARK}`);
/** The order in which commits lock messages. */
const OF_REQUEST = 'request, position';
/** Whoever is erased leaves none, whatever became of it. */
const deleteAllOfUsers = statement(
  `DELETE FROM push_message WHERE ${lockedInOrder('push_message', 'id', 'user_id = {any}', OF_REQUEST)}`,
);
/** Those that are closed have nobody any more who asks for them, and are swept in minutes: no index has them by user. */
const deleteUsers = statement(
  `DELETE FROM push_message WHERE ${lockedInOrder('push_message', 'id', 'user_id = {any} AND is_open = 1', OF_REQUEST)}`,
);
const sweep = statement(
  `DELETE FROM push_message WHERE ${dueLockedInOrder('push_message', 'id', 'expires_at <= ?', OF_REQUEST)}`,
);

type Facts = ReturnType<typeof factsOf>;

/** Whoever changes several messages takes them in one order, so that no two wait for each other (OPS-05). */
const inOrder = (ids: readonly string[]): readonly string[] => [...ids].sort((a, b) => (a < b ? -1 : 1));

/** Only changes of messages put withdrawals, so no other change meets them in the outbox (OPS-08). */
const OF_MESSAGES = { tables: ['push_message', ['outbox', 'withdrawals']], freesPlainText: false } as const;

export const MESSAGE_CHANGES = defineChanges({
  'push.open': {
    ...OF_MESSAGES,
    creates: ({ rows }) => rows[0],
    locks: ({ rows }) => {
      const users = rows.map(({ userId }) => userId);
      return { users, requestsOf: users };
    },
  },
  'push.answer': {
    ...OF_MESSAGES,
    creates: ({ id }) => ({ table: 'push_message', id }),
    locks: ({ id }) => ({ messages: [id] }),
    // The claims are the new device.
    durability: ({ claims }) => (claims === undefined ? 'usual' : 'disk'),
  },
  'push.badProof': { ...OF_MESSAGES, creates: 'nothing', locks: ({ id }) => ({ messages: [id] }) },
  'push.consume': { ...OF_MESSAGES, creates: 'nothing', locks: ({ request }) => ({ messages: [request] }) },
  'push.close': { ...OF_MESSAGES, creates: 'nothing', locks: ({ request }) => ({ messages: [request] }) },
  'push.closeJourney': { ...OF_MESSAGES, creates: 'nothing' },
  'push.closeUser': {
    ...OF_MESSAGES,
    creates: 'nothing',
    locks: ({ userId }) => ({ users: [userId], requestsOf: [userId] }),
  },
  'push.claim': { ...OF_MESSAGES, creates: 'nothing', locks: ({ ids }) => ({ messages: ids }) },
  'push.renewClaim': { ...OF_MESSAGES, creates: 'nothing', locks: ({ ids }) => ({ messages: ids }) },
  'push.defer': { ...OF_MESSAGES, creates: 'nothing', locks: ({ id }) => ({ messages: [id] }) },
  'push.delivery': {
    ...OF_MESSAGES,
    creates: 'nothing',
    locks: ({ marks }) => ({ messages: marks.map(({ id }) => id) }),
    // A mark that is lost allows no login, and the next delivery sets it again.
    durability: 'losable',
  },
});

/** `requests` is how the messages of requests stand that somebody waits for; nothing of it is sealed. */
export const messagesTopic = (
  sealer: Sealer,
  requests: RowCache<readonly MessageSummary[]>,
  outbox: Pick<ReturnType<typeof outboxTopic>, 'puts' | 'tellOfPuts'>,
) => {
  const mapping = messageMapping(sealer);

  const known = requestCache(requests);
  function* factsOfRequest(request: string): Verb<readonly Facts[]> {
    return (yield* all(selectFactsOfRequest, request, request)).map(factsOf);
  }
  /** What any message of a request finds: all of the request. */
  function* factsOfRequestOf(id: string): Verb<readonly Facts[]> {
    return (yield* all(selectFactsOfMessage, id, id)).map(factsOf);
  }
  /**
   * Writes what a rule says becomes of the messages that it was given, what else is set of the one that `own` names, and what is to be taken
   * back from phones, all in one flight (OPS-43).
   */
  function* move(
    facts: readonly Facts[],
    transitions: readonly MessageTransition[],
    moment?: MessageMoment,
    own?: { readonly id: string; readonly sets: Filled },
  ): Verb<void> {
    for (const { id, request } of facts) if (transitions.some((it) => it.id === id)) requests.delete(request);
    const withdrawals = withdrawalsOf(facts, transitions, moment?.at);
    const counts = yield* countOfEach([
      ...transitions.map((it): Filled => {
        const sets: Filled = own?.id === it.id ? own.sets : [setState];
        const isOpen = isOpenMessage(it) ? 1 : 0;
        return [...sets, it.state, it.reason ?? null, isOpen, traceLine(stepOfTransition(it, moment)), it.id];
      }),
      ...outbox.puts(withdrawals),
    ]);
    yield* outbox.tellOfPuts(withdrawals, counts.slice(counts.length - withdrawals.length));
  }

  return {
    reader: messageReader(mapping, known),
    changes: {
      *'push.open'({ rows }) {
        for (const row of rows) {
          if (row.kind !== 'AUTHENTICATE') continue;
          // Looked for also where the request rings on no phone: it must cost what others cost (SEC-59).
          const ringing = (yield* all(selectRinging, row.userId)).map(mapping.ringingOf);
          if (isRinging(row)) yield* move(ringing, afterNewRequest(row, ringing), momentOfNewer(row));
        }
        const inserted = yield* runEach(
          insert,
          rows.map((row, position) => mapping.valuesOf(row, position)),
        );
        if (inserted < rows.length) return false;
        for (const { request } of rows) requests.delete(request);
        const request = rows[0]?.id ?? '';
        // Only the first message has the id of its request: these are all that there are.
        if (rows.every((row) => row.request === request)) known.remember(request, rows.map(summaryAtFirst));
        return true;
      },
      *'push.answer'({ id, state, at, answerHash, reason, claims, moment }) {
        const facts = yield* factsOfRequestOf(id);
        const answered = facts.find((it) => it.id === id);
        const transitions = afterAnswer(facts, { id, state, at, reason });
        if (answered === undefined || transitions === undefined) return false;
        const sets: Filled = [setAnswer, at, answerHash, mapping.sealClaims(answered, claims)];
        yield* move(facts, transitions, moment, { id, sets });
        return true;
      },
      *'push.badProof'({ id }) {
        const found = yield* first(selectFacts, id);
        if (found === undefined) return true;
        const after = afterBadProof(factsOf(found));
        yield* move([factsOf(found)], [after], undefined, { id, sets: [setAttempts, after.attempts] });
        return true;
      },
      *'push.consume'({ request, state, moment }) {
        const facts = yield* factsOfRequest(request);
        const transitions = afterConsumption(facts, state);
        if (transitions === undefined) return false;
        yield* move(facts, transitions, moment);
        return true;
      },
      *'push.close'({ request, reason, moment }) {
        const facts = yield* factsOfRequest(request);
        yield* move(facts, afterClose(facts, reason), moment);
        return true;
      },
      *'push.closeJourney'({ journeyId, reason, moment }) {
        const facts = (yield* all(selectOpenOfJourney, journeyId)).map(factsOf);
        yield* move(facts, afterClose(facts, reason), moment);
        return true;
      },
      *'push.closeUser'({ userId, reason, moment }) {
        const facts = (yield* all(selectOpenOfUser, userId)).map(factsOf);
        yield* move(facts, afterClose(facts, reason), moment);
        return true;
      },
      *'push.claim'({ ids, claim, now, alsoOf }) {
        const unclaimed = valuesOfUnclaimed(now, alsoOf);
        yield* runEach(
          claimOne,
          inOrder(ids).map((id) => [
            claim.by,
            claim.until,
            traceLine({ step: 'takenOver', at: now, by: claim.by }),
            id,
            ...unclaimed,
          ]),
        );
        return true;
      },
      *'push.renewClaim'({ ids, claim }) {
        yield* runEach(
          renewClaim,
          inOrder(ids).map((id) => [claim.until, id, claim.by]),
        );
        return true;
      },
      *'push.defer'({ id, by, nextTryAt, cause, moment }) {
        yield* run(defer, nextTryAt, traceLine(moment && { ...moment, step: 'deferred', cause }), id, by);
        return true;
      },
      *'push.delivery'({ marks, moment }) {
        // Rare, and a page that waits has to know; of other marks it need not.
        if (marks.some(({ delivery }) => delivery === 'unreachable')) requests.clear();
        yield* runEach(
          mark,
          marks.map(({ id, delivery, cause }) => [
            delivery,
            traceLine(moment && { ...moment, step: delivery, cause }),
            id,
          ]),
        );
        return true;
      },
    } satisfies VerbsOf<typeof MESSAGE_CHANGES>,
    *voidDevice(userId: string, deviceUuid: string): Verb<void> {
      const facts = (yield* all(selectOpenOfDevice, userId, deviceUuid)).map(factsOf);
      yield* move(facts, afterRemovalOfDevice(facts));
    },
    *deleteUsers(userIds: readonly string[]): Verb<void> {
      if ((yield* run(deleteUsers, userIds)) > 0) requests.clear();
    },
    /** Looks through the messages of some minutes. */
    *deleteAllOf(userIds: readonly string[]): Verb<void> {
      if ((yield* run(deleteAllOfUsers, userIds)) > 0) requests.clear();
    },
    *sweep(expiredBy: number, limit: number): Verb<number> {
      const swept = yield* run(sweep, expiredBy, expiredBy, limit);
      if (swept > 0) requests.clear();
      return swept;
    },
  };
};
