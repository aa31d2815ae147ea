import { foldUsername, type Identity } from '@assent/engine';
import type { UserPage, UserQuery } from '@assent/engine/host';
import { placeOfText, textOfPlace } from '../../rules/places.ts';
import { searchValues } from '../../rules/search-values.ts';
import { endOfBeginning, standsAt } from '../../rules/user-pages.ts';
import { REALM_LASTS } from '../verbs/conditions.ts';
import { all, type Row, type Statement, statement, type Verb } from '../verbs/verb.ts';
import { isReady } from './user-index.ts';

/** Where no index finds a user, so many are looked through for one; who has a larger realm has to list the attribute. */
const MAX_LOOKED_THROUGH = 5_000;
const LOOKED_THROUGH_AT_ONCE = 500;
/** How a place begins that is among all users by name, and not among values. */
const BY_LOOKING = 'name ';

/** The columns of a user, and what is made of them. */
interface UserRows<R extends Row> {
  readonly columns: string;
  readonly userOf: (row: R) => Identity;
}

/**
 * Users by page: an index has them in the order of the page, from where the page before has ended, so that a page reads one
 * row more than it has (OPS-24). How a text begins is a range of the index, whatever signs the text has in it.
 */
export const userPages = <R extends Row>({ columns, userOf }: UserRows<R>) => {
  const width = columns.split(',').length;
  const byName = (where: string): Statement<R> =>
    statement(
      `SELECT ${columns} FROM identity WHERE ${REALM_LASTS} AND realm = ? AND ${where} ORDER BY folded LIMIT ?`,
    );
  const named = statement<R>(`SELECT ${columns} FROM identity WHERE ${REALM_LASTS} AND realm = ? AND folded = ?`);
  const firstNames = byName('folded >= ?');
  const nextNames = byName('folded > ?');
  const firstNamesBelow = byName('folded >= ? AND folded < ?');
  const nextNamesBelow = byName('folded > ? AND folded < ?');

  type ValueRow = readonly [...user: R, folded: string];
  /** The index alone makes the page, and its users are read after that: else a database may read them all, to sort them. */
  const byValue = (where: string): Statement<ValueRow> =>
    statement(
      `SELECT ${columns}, found.folded_value FROM (
         SELECT user_id, folded AS folded_value FROM identity_value
         WHERE ${REALM_LASTS} AND realm = ? AND name = ? AND ${where}
         ORDER BY folded, user_id LIMIT ?
       ) AS found JOIN identity ON identity.id = found.user_id ORDER BY found.folded_value, found.user_id`,
    );
  const ofValue = byValue('folded = ? AND user_id > ?');
  const ofBeginning = byValue('(folded, user_id) > (?, ?)');
  const ofBeginningBelow = byValue('(folded, user_id) > (?, ?) AND folded < ?');

  function* pageByName(realm: string, { after, limit, value, ...query }: UserQuery): Verb<UserPage> {
    if (value !== undefined) return { users: (yield* all(named, realm, realm, foldUsername(value))).map(userOf) };
    const beginning = foldUsername(query.beginning ?? '');
    const from = after ?? beginning;
    const end = endOfBeginning(beginning);
    const rows = yield* end === undefined
      ? all(after === undefined ? firstNames : nextNames, realm, realm, from, limit + 1)
      : all(after === undefined ? firstNamesBelow : nextNamesBelow, realm, realm, from, end, limit + 1);
    const users = rows.slice(0, limit).map(userOf);
    const last = users.at(-1);
    return last !== undefined && rows.length > limit ? { users, next: foldUsername(last.username) } : { users };
  }

  const hasValue = (
    user: Identity,
    attribute: string,
    { value, beginning = '' }: Pick<UserQuery, 'value' | 'beginning'>,
  ) => {
    const meant = foldUsername(value ?? beginning);
    return searchValues({ [attribute]: user.attributes[attribute] ?? [] }).some(({ folded }) =>
      value === undefined ? folded.startsWith(meant) : folded === meant,
    );
  };

  /**
   * Those who have the value, two at the most, by looking at users one after the other. Throws where there are too many for that: nobody is told
   * that there is no such user as long as there may be one.
   */
  function* lookThrough(realm: string, attribute: string, value: string): Verb<readonly Identity[]> {
    const having: Identity[] = [];
    let next: string | undefined;
    for (let read = 0; read < MAX_LOOKED_THROUGH; read += LOOKED_THROUGH_AT_ONCE) {
      const page = yield* pageByName(realm, {
        limit: LOOKED_THROUGH_AT_ONCE,
        ...(next !== undefined && { after: next }),
      });
      having.push(...page.users.filter((user) => hasValue(user, attribute, { value })));
      next = page.next;
      if (having.length > 1 || next === undefined) return having.slice(0, 2);
    }
    throw new RangeError(
      `Users of the realm ${realm} cannot be looked up by ${attribute}: it has more than ${MAX_LOOKED_THROUGH} users, and no index of the attribute. ` +
        'Add it to indexedAttributes of the service "assent" of the realm; it is ready some minutes later.',
    );
  }

  /** A page of all users, by name, of whom those stay who are meant. */
  function* pageByLooking(realm: string, attribute: string, { after, limit, ...meant }: UserQuery): Verb<UserPage> {
    // A place among values has no meaning here, so that the users are gone through from the first: rather one twice than one left out.
    const from = after?.startsWith(BY_LOOKING) ? after.slice(BY_LOOKING.length) : undefined;
    const { users, next } = yield* pageByName(realm, { limit, ...(from !== undefined && { after: from }) });
    return {
      users: users.filter((user) => hasValue(user, attribute, meant)),
      ...(next !== undefined && { next: `${BY_LOOKING}${next}` }),
    };
  }

  function* pageByValue(realm: string, attribute: string, query: UserQuery): Verb<UserPage> {
    const isByLooking = query.after?.startsWith(BY_LOOKING) === true;
    if (isByLooking || !(yield* isReady(realm, attribute))) return yield* pageByLooking(realm, attribute, query);
    const { limit } = query;
    const place = query.after === undefined ? { text: '', id: '' } : placeOfText(query.after);
    if (place === undefined) return { users: [] };
    const beginning = query.beginning === undefined ? undefined : foldUsername(query.beginning);
    let rows: readonly ValueRow[];
    if (beginning === undefined) {
      rows = yield* all(ofValue, realm, realm, attribute, foldUsername(query.value ?? ''), place.id, limit + 1);
    } else {
      const end = endOfBeginning(beginning);
      const from = [realm, realm, attribute, query.after === undefined ? beginning : place.text, place.id];
      rows = yield* end === undefined
        ? all(ofBeginning, ...from, limit + 1)
        : all(ofBeginningBelow, ...from, end, limit + 1);
    }
    const read = rows.slice(0, limit).map((row) => ({
      user: userOf(row.slice(0, width) as unknown as R),
      folded: row[width] as string,
    }));
    const users = read
      .filter(({ user, folded }) => beginning === undefined || standsAt(user, attribute, beginning, folded))
      .map(({ user }) => user);
    const last = read.at(-1);
    return last !== undefined && rows.length > limit
      ? { users, next: textOfPlace({ text: last.folded, id: last.user.id }) }
      : { users };
  }

  return {
    *page(realm: string, query: UserQuery): Verb<UserPage> {
      if (query.attribute !== undefined) return yield* pageByValue(realm, query.attribute, query);
      return yield* pageByName(realm, query);
    },
    lookThrough,
  };
};
