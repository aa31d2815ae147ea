import { foldUsername, type Identity } from '@assent/engine';
import type { UserPage, UserQuery } from '@assent/engine/host';
import { placeOfText, textOfPlace } from '../rules/places.ts';
import { endOfBeginning, standsAt } from '../rules/user-pages.ts';
import { REALM_LASTS } from './conditions.ts';
import { all, type Row, type Statement, statement, type Verb } from './verb.ts';

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

  function* pageByValue(realm: string, attribute: string, query: UserQuery): Verb<UserPage> {
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

  return function* page(realm: string, query: UserQuery): Verb<UserPage> {
    if (query.attribute !== undefined) return yield* pageByValue(realm, query.attribute, query);
    return yield* pageByName(realm, query);
  };
};
