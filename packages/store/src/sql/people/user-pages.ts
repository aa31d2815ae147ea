import { foldUsername, type Identity, isClaimedAddress } from '@assent/engine';
import { provenFirst, type UserPage, type UserQuery } from '@assent/engine/host';
import { placeOfText, textOfPlace } from '../../rules/places.ts';
import { searchValues } from '../../rules/search-values.ts';
import {
  endOfBeginning,
  heldOnPage,
  MAX_CHARACTERS_LOOKED_THROUGH,
  MAX_CHARACTERS_OF_TURN,
  MAX_USERS_LOOKED_THROUGH,
  standsAt,
} from '../../rules/user-pages.ts';
import { REALM_LASTS } from '../verbs/conditions.ts';
import { all, type Row, type Statement, statement, turn, type Verb } from '../verbs/verb.ts';
import { isReady } from './user-index.ts';

/** How many users a look-through reads before it knows how large they are. */
const FIRST_LOOKED_AT = 10;
/** How many users one statement reads, however many the page has. */
const ROWS_AT_ONCE = 50;
/** How a place begins that is among all users by name, and not among values. */
const BY_LOOKING = 'name ';

/** The columns of a user, and what is made of them. */
interface UserRows<R extends Row> {
  readonly columns: string;
  readonly userOf: (row: R) => Identity;
  /** How many characters the attributes have. */
  readonly charactersOf: (row: R) => number;
}

/** Rows of a page, and whether there are more behind them. */
interface PageRows<R extends Row> {
  readonly rows: readonly R[];
  readonly isMore: boolean;
}

/**
 * Users by page: an index has them in the order of the page, from where the page before has ended, so that a page reads one
 * row more than it has (OPS-24). How a text begins is a range of the index, whatever signs the text has in it.
 */
export const userPages = <R extends Row>({ columns, userOf, charactersOf }: UserRows<R>) => {
  const width = columns.split(',').length;

  /** Reads a page some rows at a time, and ends it where large users have filled it; `from` begins behind a row, or at the beginning of the page. */
  function* rowsOf<P extends Row>(
    limit: number,
    from: (last: P | undefined, count: number) => Verb<readonly P[]>,
    sizeOf: (row: P) => number,
  ): Verb<PageRows<P>> {
    let rows: readonly P[] = [];
    for (;;) {
      const wanted = Math.min(ROWS_AT_ONCE, limit - rows.length);
      const read = yield* from(rows.at(-1), wanted + 1);
      const all = [...rows, ...read.slice(0, wanted)];
      rows = heldOnPage(all, sizeOf);
      if (rows.length < all.length || rows.length === limit)
        return { rows, isMore: rows.length < all.length || read.length > wanted };
      if (read.length <= wanted) return { rows, isMore: false };
    }
  }

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

  function* rowsByName(realm: string, { after, limit, ...query }: UserQuery): Verb<PageRows<R>> {
    const beginning = foldUsername(query.beginning ?? '');
    const end = endOfBeginning(beginning);
    return yield* rowsOf<R>(
      limit,
      (read, count) => {
        const behind = read === undefined ? after : foldUsername(userOf(read).username);
        const from = behind ?? beginning;
        if (end === undefined) return all(behind === undefined ? firstNames : nextNames, realm, realm, from, count);
        return all(behind === undefined ? firstNamesBelow : nextNamesBelow, realm, realm, from, end, count);
      },
      charactersOf,
    );
  }

  function* pageByName(realm: string, query: UserQuery): Verb<UserPage> {
    const { value } = query;
    if (value !== undefined) return { users: (yield* all(named, realm, realm, foldUsername(value))).map(userOf) };
    const { rows, isMore } = yield* rowsByName(realm, query);
    const users = rows.map(userOf);
    const last = users.at(-1);
    return last !== undefined && isMore ? { users, next: foldUsername(last.username), read: users.length } : { users };
  }

  /** Tells of a user whether one of the values is meant, which is folded once for all of them. */
  const valueTest = (attribute: string, { value, beginning = '' }: Pick<UserQuery, 'value' | 'beginning'>) => {
    const meant = foldUsername(value ?? beginning);
    return ({ attributes }: Identity): boolean =>
      searchValues({ [attribute]: attributes[attribute] ?? [] }).some(({ folded }) =>
        value === undefined ? folded.startsWith(meant) : folded === meant,
      );
  };

  /**
   * Users who have the value, two at the most, by looking at users one after the other, some in each turn of the event loop. The first ones are
   * in a turn of their own as well, because look-ups that waited follow each other. Throws where there are too many users or characters for that:
   * a look-up never says that there is no such user as long as there may be one.
   */
  function* lookThrough(realm: string, attribute: string, value: string): Verb<readonly Identity[]> {
    const hasValue = valueTest(attribute, { value });
    let having: readonly Identity[] = [];
    let [after, read, characters, count] = ['', 0, 0, FIRST_LOOKED_AT];
    for (;;) {
      yield* turn();
      const rows = yield* all(read === 0 ? firstNames : nextNames, realm, realm, after, count);
      if (rows.length > 0 && (read >= MAX_USERS_LOOKED_THROUGH || characters >= MAX_CHARACTERS_LOOKED_THROUGH)) break;
      const held = heldOnPage(rows, charactersOf, MAX_CHARACTERS_OF_TURN);
      const users = held.map(userOf);
      having = provenFirst([...having, ...users.filter(hasValue)], attribute).slice(0, 2);
      const proven = having.filter((user) => !isClaimedAddress(user.attributes, attribute));
      if (proven.length > 1 || (held.length === rows.length && rows.length < count)) return having;
      read += held.length;
      const size = held.reduce((sum, row) => sum + charactersOf(row), 0);
      characters += size;
      after = foldUsername(users.at(-1)?.username ?? '');
      // As many as fill a turn where the next ones are as large, and one that tells whether there are more than may be read.
      const filling = Math.floor((MAX_CHARACTERS_OF_TURN * held.length) / size);
      count = Math.max(1, Math.min(filling, ROWS_AT_ONCE, MAX_USERS_LOOKED_THROUGH - read));
    }
    throw new RangeError(
      `Users of the realm ${realm} cannot be looked up by ${attribute}: it has more than ${MAX_USERS_LOOKED_THROUGH} users, or large ones, and no index of the attribute. ` +
        'Add it to indexedAttributes of the service "assent" of the realm; it is ready some minutes later.',
    );
  }

  /** A page of all users, by name, of whom those stay who are meant. */
  function* pageByLooking(realm: string, attribute: string, { after, limit, ...meant }: UserQuery): Verb<UserPage> {
    // A place among values has no meaning here, so that the users are gone through from the first: rather one twice than one left out.
    const from = after?.startsWith(BY_LOOKING) ? after.slice(BY_LOOKING.length) : undefined;
    const { users, next } = yield* pageByName(realm, { limit, ...(from !== undefined && { after: from }) });
    return {
      users: users.filter(valueTest(attribute, meant)),
      ...(next !== undefined && { next: `${BY_LOOKING}${next}`, read: users.length }),
    };
  }

  function* pageByValue(realm: string, attribute: string, query: UserQuery): Verb<UserPage> {
    const isByLooking = query.after?.startsWith(BY_LOOKING) === true;
    if (isByLooking || !(yield* isReady(realm, attribute))) return yield* pageByLooking(realm, attribute, query);
    const { limit } = query;
    const place = query.after === undefined ? { text: '', id: '' } : placeOfText(query.after);
    if (place === undefined) return { users: [] };
    const beginning = query.beginning === undefined ? undefined : foldUsername(query.beginning);
    const userIdOf = (row: ValueRow) => userOf(row.slice(0, width) as unknown as R).id;
    const { rows, isMore } = yield* rowsOf<ValueRow>(
      limit,
      (read, count) => {
        const [text, id] = read === undefined ? [place.text, place.id] : [read[width] as string, userIdOf(read)];
        if (beginning === undefined)
          return all(ofValue, realm, realm, attribute, foldUsername(query.value ?? ''), id, count);
        const end = endOfBeginning(beginning);
        const isFirst = read === undefined && query.after === undefined;
        const from = [realm, realm, attribute, isFirst ? beginning : text, id];
        return end === undefined ? all(ofBeginning, ...from, count) : all(ofBeginningBelow, ...from, end, count);
      },
      (row) => charactersOf(row as unknown as R),
    );
    const read = rows.map((row) => ({
      user: userOf(row.slice(0, width) as unknown as R),
      folded: row[width] as string,
    }));
    const users = read
      .filter(({ user, folded }) => beginning === undefined || standsAt(user, attribute, beginning, folded))
      .map(({ user }) => user);
    const last = read.at(-1);
    return last !== undefined && isMore
      ? { users, next: textOfPlace({ text: last.folded, id: last.user.id }), read: rows.length }
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
