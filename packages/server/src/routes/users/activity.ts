import type { Clock } from '@assent/engine';
import { type AuditReader, MAX_AUDIT_ROWS_OF_PAGE, type PlacedAuditEvent } from '@assent/engine/host';
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
/** Each in a turn of the event loop of its own: some thousand rows that are not shown hide no sign-in from the first page. */
const PAGES_READ = 4;
/** How many rows one answer reads at most. */
export const MAX_ROWS_READ = PAGES_READ * MAX_AUDIT_ROWS_OF_PAGE;
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
    const since = options.clock.now() - SHOWN_MILLIS;
    const rows: PlacedAuditEvent[] = [];
    let next = _pagedResultsCookie;
    for (let read = 0; read < PAGES_READ; read += 1) {
      const found = await options.audit.page(account.identity.id, {
        events: SHOWN_EVENTS,
        since,
        ...(next !== undefined && { before: next }),
        // One more than is shown tells whether there is another page.
        limit: size + 1 - rows.length,
      });
      rows.push(...found.events);
      next = found.next;
      if (rows.length > size || next === undefined) break;
    }
    const page = rows.slice(0, size);
    const last = page.at(-1);
    // A page that has read its number of rows goes on behind them, also where few of them are shown.
    const cookie = rows.length > size ? last?.place : next;
    const { identity } = account;
    // One that is gone has its id for a name.
    const nameOf = (id: string) =>
      nameOrId(options.clients.find(identity.realm, id) ?? { id, name: {} }, readerOf(call));
    const records = page.map((row) => shown(row, nameOf));
    return ok(formatQueryResult(records, cookie === undefined ? {} : { cookie }));
  },
});
