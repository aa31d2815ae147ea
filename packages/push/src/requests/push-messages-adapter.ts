import { type ActingAdapter, auditIn, type ThrottleRow } from '@assent/engine/host';
import { requestHint } from '../delivery/hints.ts';
import { statusOf } from '../model/message-status.ts';
import type { MessageChange } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import type { AskedFrom } from '../model/push-limits.ts';
import type { PushMessages } from '../model/push-messages.ts';
import { openRegistration, registrationUri } from './open-registration.ts';
import { pretendRequest } from './pretend-request.ts';
import { pushCountersOf } from './push-counters.ts';
import type { PushDependencies } from './push-dependencies.ts';
import type { RequestContext } from './request-context.ts';
import { mayHaveResends, resendChargesSubject } from './resend-charges.ts';
import { sendRequest } from './send-request.ts';
import { readRequest, stagedMessagesOf } from './staged-messages.ts';

interface Approved {
  readonly userId: string;
  readonly askedFrom: AskedFrom;
  readonly resends: ThrottleRow | undefined;
}

/** Messages as the nodes of one unit of work see them: one file for each thing that a node may do with them. */
export const pushMessagesAdapter =
  (dependencies: PushDependencies): ActingAdapter<PushMessages> =>
  (unit) => {
    const { hints, clock, throttles, transports } = dependencies;
    const counters = pushCountersOf(unit, dependencies);
    const context: RequestContext = { dependencies, unit, counters };
    /** Whose requests were looked at. */
    const owners = new Map<string, string>();
    /** Whose approve it is, where its request was counted, and what was charged for sending it again, by request. */
    const approved = new Map<string, Approved>();
    const resendsOf = async (request: string, { countedAt = 0 }: AskedFrom): Promise<ThrottleRow | undefined> => {
      if (!mayHaveResends(countedAt, clock.now())) return undefined;
      const subject = resendChargesSubject(request);
      const [row] = await unit.remember(subject, () => throttles.get([subject]));
      return row;
    };

    return {
      hasService: () => transports.hasService(unit.realm.realm),
      openRegistration: (options) => openRegistration(context, options),
      registrationUri: (messageId, label) => registrationUri(context, messageId, label),
      async send(options) {
        if (options.toAnybody) unit.answerEvenly();
        return sendRequest(context, options);
      },
      async pretend(options) {
        if (options.toAnybody) unit.answerEvenly();
        return pretendRequest(context, options);
      },

      async isAtRisk({ identity, devices }) {
        const asking = await counters.load(identity, devices, clock.now());
        return counters.isAtRisk(asking, clock.now());
      },

      async status(messageId) {
        const rows = await readRequest(dependencies, unit, messageId);
        const status = statusOf(rows, clock.now());
        const [first] = rows;
        if (first !== undefined) owners.set(messageId, first.userId);
        const askedFrom = rows.find(({ state }) => state === 'approved')?.askedFrom;
        if (status.status === 'approved' && first !== undefined && askedFrom !== undefined) {
          approved.set(messageId, { userId: first.userId, askedFrom, resends: await resendsOf(messageId, askedFrom) });
        }
        return status;
      },

      consume(messageId, state) {
        if (!stagedMessagesOf(unit).end(messageId, 'consumed')) return;
        const at = clock.now();
        unit.stage({ type: 'push.consume', request: messageId, state, at } satisfies MessageChange);
        const success = approved.get(messageId);
        if (state === 'approved' && success !== undefined) {
          counters.succeeded(success.userId, success.askedFrom, success.resends);
        }
      },

      close(messageId, reason) {
        if (!stagedMessagesOf(unit).end(messageId, 'closed')) return;
        unit.stage({ type: 'push.close', request: messageId, reason } satisfies MessageChange);
        if (reason === 'timeout' || reason === 'expired') {
          const event = messageId.startsWith('REGISTER:') ? 'REG_TIMEOUT' : 'PUSH_EXPIRED';
          const detail = { message: messageIdHash(messageId) };
          const userId = owners.get(messageId);
          unit.stage(auditIn(unit, clock.now(), event, { detail, ...(userId !== undefined && { userId }) }));
        }
        unit.afterCommit(() => hints.publish(requestHint(messageId), { isOver: true }));
      },
    };
  };
