import { type ActingAdapter, auditIn } from '@assent/engine/host';
import { requestHint } from '../delivery/hints.ts';
import { statusOf } from '../model/message-status.ts';
import type { MessageChange } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import type { PushMessages } from '../model/push-messages.ts';
import { openRegistration, registrationUri } from './open-registration.ts';
import { pretendRequest } from './pretend-request.ts';
import { PushCounters } from './push-counters.ts';
import type { PushDependencies } from './push-dependencies.ts';
import type { RequestContext } from './request-context.ts';
import { sendRequest } from './send-request.ts';
import { readRequest, stagedMessagesOf } from './staged-messages.ts';

/** Messages as the nodes of one unit of work see them: one file for each thing that a node may do with them. */
export const pushMessagesAdapter =
  (dependencies: PushDependencies): ActingAdapter<PushMessages> =>
  (unit) => {
    const { hints, clock, transports } = dependencies;
    const counters = new PushCounters(unit, dependencies.throttles);
    const context: RequestContext = { dependencies, unit, counters };
    /** Whose requests were looked at. */
    const owners = new Map<string, string>();
    /** Users whose counters an approve of theirs would clear, by request. */
    const approvers = new Map<string, string>();

    return {
      hasService: () => transports.hasService(unit.realm.realm),
      openRegistration: (options) => openRegistration(context, options),
      registrationUri: (messageId, label) => registrationUri(context, messageId, label),
      send: (options) => sendRequest(context, options),
      pretend: (options) => pretendRequest(context, options),

      async status(messageId) {
        const rows = await readRequest(dependencies, unit, messageId);
        const status = statusOf(rows, clock.now());
        const [first] = rows;
        if (first !== undefined) owners.set(messageId, first.userId);
        if (status.status === 'approved' && first?.kind === 'AUTHENTICATE') approvers.set(messageId, first.userId);
        return status;
      },

      consume(messageId, state) {
        if (!stagedMessagesOf(unit).end(messageId, 'consumed')) return;
        const at = clock.now();
        unit.stage({ type: 'push.consume', request: messageId, state, at } satisfies MessageChange);
        const approver = approvers.get(messageId);
        if (state === 'approved' && approver !== undefined) counters.clear(approver);
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
