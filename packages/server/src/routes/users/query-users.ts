import { type Identity, parseForeignJson, parseQueryFilter, type QueryFilter } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import { LDAP_SERVICE } from '@assent/ldap';
import { pickFields, writeQueryResult } from '@assent/wire';
import { type CallerPorts, callerOf, isAnswer, mayDo } from '../../authorization/administration.ts';
import { type Answer, badRequest, type Call, type Handler, ok } from '../../http/call.ts';
import { writtenInTurns } from '../../http/configuration-query.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import type { UserRecords } from './user-record.ts';
import { ComparesTooMuch, type FoundUsers, isName, MAX_READ, type SearchPlace, UserSearch } from './user-search.ts';

const MAX_PAGE_SIZE = 1_000;

export interface QueryUsersOptions extends CallerPorts {
  readonly identities: Pick<IdentityDirectory, 'findById' | 'page'>;
  readonly records: UserRecords;
  readonly configuration: Pick<LiveConfiguration, 'service'>;
}

/** Where a page begins: at a place of the search, or at a hit of a search that was sorted. */
type Begin = SearchPlace | number;

interface Wanted {
  readonly filter: QueryFilter;
  readonly size: number;
  /** Without it, a client takes what it gets for all there is. */
  readonly isPaged: boolean;
  readonly begin: Begin;
  readonly sortBy: string;
  readonly isDescending: boolean;
  readonly isCounted: boolean;
}

const cookieOf = (begin: Begin): string =>
  Buffer.from(JSON.stringify(typeof begin === 'number' ? begin : [begin.leaf, begin.after ?? null, begin.by])).toString(
    'base64url',
  );

const beginOf = (cookie: string): Begin | undefined => {
  try {
    const given: unknown = parseForeignJson(Buffer.from(cookie, 'base64url').toString());
    if (Number.isSafeInteger(given) && Number(given) >= 0) return Number(given);
    const [leaf, after, by] = given as readonly unknown[];
    if (!Number.isSafeInteger(leaf) || Number(leaf) < 0 || typeof by !== 'string') return undefined;
    if (after === null) return { leaf: Number(leaf), by };
    return typeof after === 'string' ? { leaf: Number(leaf), after, by } : undefined;
  } catch {
    return undefined;
  }
};

/** What is asked for, or what is wrong with it. */
const wantedOf = ({ query }: Pick<Call, 'query'>): Wanted | Answer => {
  const { _queryFilter, _queryId, _pageSize, _sortKeys = 'username', _pagedResultsOffset = '0' } = query;
  if (_queryFilter === undefined && _queryId !== '*') return badRequest('The query needs _queryFilter.');
  const parsed = parseQueryFilter(_queryFilter ?? 'true');
  if ('reason' in parsed) return badRequest(parsed.reason);
  if (_pageSize !== undefined && !/^\d{1,9}$/.test(_pageSize)) return badRequest('_pageSize must be a whole number.');
  const sortKey = /^([+-]?)([A-Za-z_][\w.]{0,63})$/.exec(_sortKeys.trim());
  if (sortKey === null || sortKey[2] === '__proto__') return badRequest('_sortKeys must name one field.');
  if (!/^\d{1,9}$/.test(_pagedResultsOffset)) return badRequest('_pagedResultsOffset must be a whole number.');
  const cookie = query._pagedResultsCookie ?? '';
  const begin = cookie === '' ? Number(_pagedResultsOffset) || { leaf: 0 } : beginOf(cookie);
  if (begin === undefined) return badRequest('_pagedResultsCookie is not one of this server.', '_pagedResultsCookie');
  const [, sign, sortBy = ''] = sortKey;
  return {
    filter: parsed.filter,
    size: Math.min(Number(_pageSize ?? 0) || MAX_PAGE_SIZE, MAX_PAGE_SIZE),
    isPaged: _pageSize !== undefined && Number(_pageSize) > 0,
    begin,
    sortBy,
    isDescending: sign === '-',
    isCounted: query._totalPagedResultsPolicy === 'EXACT',
  };
};

/** Said when it is needed: the first number that is written for people loads 8 MB of Node. */
const most = (): string => MAX_READ.toLocaleString('en');

/** `GET users?_queryFilter=…` (spec: journeys-rest §5.1), for those with a role to read users. */
export const queryUsers =
  ({ records, ...options }: QueryUsersOptions): Handler =>
  async (call) => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    if (!mayDo(caller, call.realmPath, 'users:read')) return caller.refusal;
    const wanted = wantedOf(call);
    if (isAnswer(wanted)) return wanted;
    const { size, begin, sortBy } = wanted;
    const { indexedAttributes } = call.realm;
    // A directory is asked by what it calls a value, and of what only we keep of its users all rows are gone through, and not all entries.
    const hasDirectory = options.configuration.service(call.realmPath, LDAP_SERVICE) !== undefined;
    const isKeptApart = (name: string) => records.isKeptApart(call.realmPath, name);
    const search = new UserSearch(
      {
        identities: options.identities,
        isKeptApart,
        isIndexed: (name) => !isKeptApart(name) && (hasDirectory || indexedAttributes.includes(name)),
      },
      wanted.filter,
    );
    if (typeof begin !== 'number' && !search.isPlace(begin)) {
      return badRequest(
        '_pagedResultsCookie is of a query that went by another index: the realm lists other attributes since. Begin the query again.',
        '_pagedResultsCookie',
      );
    }
    const find = async (count: number, from?: SearchPlace): Promise<FoundUsers | Answer> => {
      try {
        return await search.find(call.realmPath, count, from);
      } catch (error) {
        if (error instanceof ComparesTooMuch) return badRequest(error.message, '_queryFilter');
        throw error;
      }
    };
    const answer = async (
      users: readonly Identity[],
      page: { readonly next?: Begin; readonly total?: number },
    ): Promise<Answer> =>
      ok(
        writeQueryResult(await writtenInTurns(users, (user) => pickFields(records.shown(user), call.query._fields)), {
          ...(page.next !== undefined && { cookie: cookieOf(page.next) }),
          ...(page.total !== undefined && { total: page.total }),
        }),
      );
    const key = (user: Identity) => search.valuesOf(user, sortBy)[0] ?? '';
    const direction = wanted.isDescending ? -1 : 1;
    const sorted = (users: readonly Identity[]) =>
      users.toSorted((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));

    const isInOrder = call.query._sortKeys === undefined || (isName(sortBy) && !wanted.isDescending && search.isByName);
    const isFirst = typeof begin === 'number' || (begin.leaf === 0 && begin.after === undefined);
    if (typeof begin === 'number' || !isInOrder || wanted.isCounted) {
      const found = await find(MAX_READ);
      if (isAnswer(found)) return found;
      const { users, next } = found;
      if (next === undefined && isFirst) {
        const start = typeof begin === 'number' ? begin : 0;
        const end = start + size;
        return answer(sorted(users).slice(start, end), {
          ...(end < users.length && { next: end }),
          ...(wanted.isCounted && { total: users.length }),
        });
      }
      // A count is a wish; an order that cannot be had, and a place in it, are not.
      if (typeof begin === 'number' || !isInOrder) {
        return badRequest(
          `More than ${most()} users, or too large ones, would have to be sorted. Narrow the filter, or leave out _sortKeys and ` +
            '_pagedResultsOffset and go on by _pagedResultsCookie.',
          '_sortKeys',
        );
      }
    }
    const found = await find(size, begin);
    if (isAnswer(found)) return found;
    const { users, next, isSpent } = found;
    if (isSpent && !wanted.isPaged) {
      const fields = search.unindexed;
      return badRequest(
        `More than ${most()} users, or too large ones, would have to be read for this filter${fields.length > 0 ? `: no index finds them by ${fields.join(', ')}` : ''}. ` +
          'Look by the beginning of a name or of a value (sw) or by the whole (eq), or page by page, with _pageSize.',
        '_queryFilter',
      );
    }
    return answer(isFirst && next === undefined ? sorted(users) : users, { ...(next !== undefined && { next }) });
  };
