import { type Identity, parseQueryFilter, passesFilter } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import { formatQueryResult, pickFields } from '@assent/wire';
import { type CallerPorts, callerOf, isAnswer, mayDo, NOT_FOUND } from '../../authorization/administration.ts';
import { badRequest, type Handler, ok } from '../../http/call.ts';
import type { UserRecords } from './user-record.ts';

const MAX_PAGE_SIZE = 1_000;

export interface QueryUsersOptions extends CallerPorts {
  readonly identities: Pick<IdentityDirectory, 'findById' | 'list'>;
  readonly records: UserRecords;
}

/** `GET users?_queryFilter=…` (spec: journeys-rest §5.1), for those with a role to read users. */
export const queryUsers =
  ({ records, ...options }: QueryUsersOptions): Handler =>
  async (call) => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    if (!mayDo(caller, call.realmPath, 'users:read')) return caller.refusal;
    if (call.realm === undefined) return NOT_FOUND;
    const { _queryFilter, _queryId, _pageSize, _sortKeys } = call.query;
    if (_queryFilter === undefined && _queryId !== '*') return badRequest('The query needs _queryFilter.');
    const parsed = parseQueryFilter(_queryFilter ?? 'true');
    if ('reason' in parsed) return badRequest(parsed.reason);
    if (_pageSize !== undefined && !/^\d{1,9}$/.test(_pageSize)) return badRequest('_pageSize must be a whole number.');
    const sortKey = /^([+-]?)([A-Za-z_][\w.]{0,63})$/.exec(_sortKeys?.trim() ?? 'username');
    if (sortKey === null || sortKey[2] === '__proto__') return badRequest('_sortKeys must name one field.');
    const offset = call.query._pagedResultsCookie ?? call.query._pagedResultsOffset ?? '0';
    if (!/^\d{1,9}$/.test(offset)) return badRequest('_pagedResultsCookie is not one of this server.');

    const reader =
      (identity: Identity) =>
      (field: string): readonly string[] => {
        if (field === '_id' || field === 'username' || field === 'uid') return [identity.username];
        if (field === 'inetUserStatus') return [identity.active ? 'Active' : 'Inactive'];
        // Device profiles and answers hold secrets of sorts; nobody finds out what is in them by asking (A126).
        if (records.isKeptApart(call.realmPath, field) || !Object.hasOwn(identity.attributes, field)) return [];
        return identity.attributes[field] ?? [];
      };
    const [, sign, by = ''] = sortKey;
    const key = (identity: Identity) => reader(identity)(by)[0] ?? '';
    const direction = sign === '-' ? -1 : 1;
    const hits = (await options.identities.list(call.realmPath))
      .filter((identity) => passesFilter(parsed.filter, reader(identity)))
      .sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    const start = Number(offset);
    const size = Math.min(Number(_pageSize ?? 0) || MAX_PAGE_SIZE, MAX_PAGE_SIZE);
    const end = start + size;
    const page = hits.slice(start, end).map((identity) => pickFields(records.shown(identity), call.query._fields));
    const isExact = call.query._totalPagedResultsPolicy === 'EXACT';
    return ok(
      formatQueryResult(page, {
        ...(end < hits.length && { cookie: String(end) }),
        ...(isExact && { total: hits.length }),
      }),
    );
  };
