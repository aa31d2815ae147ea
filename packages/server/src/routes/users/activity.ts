import type { Clock } from '@assent/engine';
import type { AuditReader, PlacedAuditEvent } from '@assent/engine/host';
import { formatQueryResult, type JsonObject } from '@assent/wire';
import { type AccountPorts, accountOf } from '../../authorization/account.ts';
import { isAnswer } from '../../authorization/administration.ts';
import { badRequest, ok, type Routes } from '../../http/call.ts';

export interface ActivityRoutesOptions extends AccountPorts {
  readonly audit: Pick<AuditReader, 'page'>;
  readonly clock: Clock;
}

/** What users are shown of the audit trail: how they signed in, and what became of what they sign in with (SEC-13). */
const SHOWN_EVENTS = [
  'JOURNEY_END',
  'SESSION_END',
  'DEVICE_ADD',
  'DEVICE_RENAME',
  'DEVICE_REMOVE',
  'RECOVERY_CREATED',
  'RECOVERY_USED',
  'RECOVERY_FAIL',
  'PUSH_DENIED',
  'OPTOUT_SET',
  'MFA_RESET',
  'USER_PASSWORD_SET',
] as const;

/** How far back they see it (ux §5). */
const SHOWN_MILLIS = 30 * 24 * 3_600_000;
const USUAL_PAGE = 20;
const MAX_PAGE_SIZE = 100;

const shown = (row: PlacedAuditEvent): JsonObject => {
  const { address, userAgent, by } = row.detail ?? {};
  return {
    _id: String(row.place),
    time: new Date(row.at).toISOString(),
    event: row.event,
    ...(row.outcome !== undefined && { outcome: row.outcome }),
    ...(row.journey !== undefined && { journey: row.journey }),
    ...(typeof address === 'string' && { address }),
    ...(typeof userAgent === 'string' && { userAgent }),
    // Not by whom: who administers is no business of a user.
    byAdministrator: by !== undefined && by !== row.userId,
  };
};

/** `GET users/{user}/activity`: sign-ins and changes of the last 30 days, newest first (design.md §3.3 "account page"). */
export const activityRoutes = (options: ActivityRoutesOptions): Routes => ({
  'GET users/:user/activity': async (call) => {
    const account = await accountOf(call, options, 'users:read');
    if (isAnswer(account)) return account;

    const { _pageSize = String(USUAL_PAGE), _pagedResultsCookie } = call.query;
    const size = /^\d{1,3}$/.test(_pageSize) ? Number(_pageSize) : 0;
    if (size < 1 || size > MAX_PAGE_SIZE) {
      return badRequest(`_pageSize must be a whole number from 1 to ${MAX_PAGE_SIZE}.`, '_pageSize');
    }
    if (_pagedResultsCookie !== undefined && !/^\d{1,15}$/.test(_pagedResultsCookie)) {
      return badRequest('_pagedResultsCookie is not one of this server.', '_pagedResultsCookie');
    }
    const rows = await options.audit.page(account.identity.id, {
      events: SHOWN_EVENTS,
      since: options.clock.now() - SHOWN_MILLIS,
      ...(_pagedResultsCookie !== undefined && { before: Number(_pagedResultsCookie) }),
      // One more than is shown tells whether there is another page.
      limit: size + 1,
    });
    const page = rows.slice(0, size);
    const last = page.at(-1);
    const hasMore = rows.length > size && last !== undefined;
    return ok(formatQueryResult(page.map(shown), hasMore ? { cookie: String(last.place) } : {}));
  },
});
