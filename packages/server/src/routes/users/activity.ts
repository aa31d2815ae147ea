import type { Clock } from '@assent/engine';
import type { AuditReader, PlacedAuditEvent } from '@assent/engine/host';
import type { OAuthClient } from '@assent/oidc';
import { formatQueryResult, type JsonObject } from '@assent/wire';
import { type AccountPorts, accountOf } from '../../authorization/account.ts';
import { isAnswer } from '../../authorization/administration.ts';
import { nameOrId } from '../../clients/texts-for-readers.ts';
import { badRequest, ok, type Routes } from '../../http/call.ts';
import { pageSizeOf } from './page-size.ts';
import { readerOf } from './reader-of.ts';

export interface ActivityRoutesOptions extends AccountPorts {
  readonly audit: Pick<AuditReader, 'page'>;
  readonly clients: { find(realm: string, id: string): OAuthClient | undefined };
  readonly clock: Clock;
}

/** What users are shown of the audit trail: how they signed in, what became of what they sign in with (SEC-13), and of applications. */
const SHOWN_EVENTS = [
  'JOURNEY_END',
  'SESSION_END',
  'DEVICE_ADD',
  'DEVICE_RENAME',
  'DEVICE_REMOVE',
  'DEVICE_CHANNEL_DEAD',
  'RECOVERY_CREATED',
  'RECOVERY_USED',
  'RECOVERY_FAIL',
  'PUSH_DENIED',
  'PUSH_NUMBER_MISMATCH',
  'PUSH_LOCK',
  'PUSH_ALERT',
  'PUSH_PAUSED',
  'OPTOUT_SET',
  'MFA_RESET',
  'FACTOR_DISABLED',
  'USER_PASSWORD_SET',
  'USER_ADDRESS_SET',
  'OAUTH_CONSENT',
  'OAUTH_DEVICE',
  'APPLICATION_REMOVE',
  'TOKEN_REUSE',
  'EXPORT',
] as const;

/** How far back they see it (ux §5). */
const SHOWN_MILLIS = 30 * 24 * 3_600_000;
const USUAL_PAGE = 20;
/** A place in the trail, as stores have it: a number, or a UUID. */
const PLACE = /^(?:\d{1,15}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

const shown = (row: PlacedAuditEvent, nameOf: (clientId: string) => string): JsonObject => {
  const { address, userAgent, by, client } = row.detail ?? {};
  return {
    _id: row.place,
    time: new Date(row.at).toISOString(),
    event: row.event,
    ...(row.outcome !== undefined && { outcome: row.outcome }),
    ...(row.journey !== undefined && { journey: row.journey }),
    ...(typeof address === 'string' && { address }),
    ...(typeof userAgent === 'string' && { userAgent }),
    ...(typeof client === 'string' && { application: nameOf(client) }),
    // Not by whom: who administers is no business of a user.
    byAdministrator: by !== undefined && by !== row.userId,
  };
};

/** `GET users/{user}/activity`: sign-ins and changes of the last 30 days, newest first (design.md §3.3 "account page"). */
export const activityRoutes = (options: ActivityRoutesOptions): Routes => ({
  'GET users/:user/activity': async (call) => {
    const account = await accountOf(call, options, 'users:read');
    if (isAnswer(account)) return account;

    const { _pagedResultsCookie } = call.query;
    const size = pageSizeOf(call, USUAL_PAGE);
    if (typeof size !== 'number') return size;
    if (_pagedResultsCookie !== undefined && !PLACE.test(_pagedResultsCookie)) {
      return badRequest('_pagedResultsCookie is not one of this server.', '_pagedResultsCookie');
    }
    const rows = await options.audit.page(account.identity.id, {
      events: SHOWN_EVENTS,
      since: options.clock.now() - SHOWN_MILLIS,
      ...(_pagedResultsCookie !== undefined && { before: _pagedResultsCookie }),
      // One more than is shown tells whether there is another page.
      limit: size + 1,
    });
    const page = rows.slice(0, size);
    const last = page.at(-1);
    const hasMore = rows.length > size && last !== undefined;
    const { identity } = account;
    // One that is gone has its id for a name.
    const nameOf = (id: string) =>
      nameOrId(options.clients.find(identity.realm, id) ?? { id, name: {} }, readerOf(call));
    const records = page.map((row) => shown(row, nameOf));
    return ok(formatQueryResult(records, hasMore ? { cookie: last.place } : {}));
  },
});
