import { foldUsername, type Identity } from '@assent/engine';
import {
  type IdentityDirectory,
  isUsableUsername,
  MAX_SEARCH_VALUE_LENGTH,
  provenFirst,
  type QuerySource,
  type UserPage,
  type UserQuery,
} from '@assent/engine/host';
import { DirectoryTooLarge, DirectoryUnavailable } from '../connection/directory-errors.ts';
import type { Directories } from '../directory/directories.ts';
import type { Directory } from '../directory/directory.ts';
import type { DirectoryEntry } from '../directory/entries.ts';
import { hasLeft, type Sightings, withEntry } from './sightings.ts';

/** How a place begins that is among the users of the directory. */
const THEIRS = 'directory ';

interface ValueQuery extends UserQuery {
  /** Our name of the attribute, and that of the directory. */
  readonly attribute: string;
  readonly theirs: string;
  readonly after: string;
}

interface NamedEntry {
  readonly entry: DirectoryEntry;
  /** Folded. */
  readonly name: string;
}

/**
 * Where the next page begins of users whom the directory has listed as far as it does: behind the last of this one. Who has come to the end of
 * them is told that there may be more, rather than that this was all.
 */
const afterCut = (last: string | undefined): string => {
  if (last !== undefined) return last;
  throw new DirectoryTooLarge(
    'The directory of the realm has more users for this filter than are listed at once. Look by the whole of a name or a value (eq), or by how it begins (sw).',
  );
};

const inOrder = (entries: readonly DirectoryEntry[]): readonly NamedEntry[] =>
  entries.map((entry) => ({ entry, name: foldUsername(entry.username) })).sort((a, b) => (a.name < b.name ? -1 : 1));

export interface DirectoryUsersPorts {
  readonly stored: IdentityDirectory;
  readonly directories: Pick<Directories, 'of'>;
  readonly sightings: Pick<Sightings, 'see' | 'miss'>;
}

/**
 * Users of all realms: of one with a directory those that it has, beside the ones that were made here, whose names come first. What the
 * directory says is read each time anew and kept nowhere.
 */
export class DirectoryUsers implements IdentityDirectory {
  readonly #ports: DirectoryUsersPorts;

  constructor(ports: DirectoryUsersPorts) {
    this.#ports = ports;
  }

  async find(realm: string, username: string): Promise<Identity | undefined> {
    const { stored, directories, sightings } = this.#ports;
    const row = await stored.find(realm, username);
    // Who was made here has nothing to do with a directory that cannot be asked.
    if (row !== undefined && row.entryId === undefined) return row;
    const directory = directories.of(realm);
    if (directory === undefined) return row;
    if (!isUsableUsername(username)) return undefined;
    const entry = await directory.findByName(username);
    if (entry !== undefined) return sightings.see(realm, entry, directory);
    // Nobody is called that any more: whoever was has left, or has another name.
    if (row !== undefined && !hasLeft(row)) await this.#asNow(row);
    return undefined;
  }

  async findById(id: string): Promise<Identity | undefined> {
    const row = await this.#ports.stored.findById(id);
    return row && this.#asNow(row);
  }

  async findByEntry(realm: string, entryId: string): Promise<Identity | undefined> {
    const row = await this.#ports.stored.findByEntry(realm, entryId);
    return row && this.#asNow(row);
  }

  async findByAttribute(
    realm: string,
    attribute: string,
    value: string,
    source?: QuerySource,
  ): Promise<readonly Identity[]> {
    const { stored, directories } = this.#ports;
    const directory = directories.of(realm);
    const rows = await stored.findByAttribute(realm, attribute, value, source);
    if (directory === undefined) return rows;
    const { attributes } = directory.service;
    const name = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (name === undefined) return (await Promise.all(rows.map((row) => this.#asNow(row)))).flatMap((it) => it ?? []);
    if (value === '' || value.length > MAX_SEARCH_VALUE_LENGTH) return [];
    const ours = rows.filter(({ entryId }) => entryId === undefined);
    const theirs = await this.#seenByValue(realm, directory, { name, attribute, value });
    return provenFirst([...ours, ...theirs], attribute).slice(0, 2);
  }

  /**
   * Of a realm with a directory by name, or by value those who were made here and then those of the directory by name. Of a directory that
   * lists no more at once, the page behind the last one that it does is an error. Whoever was never seen has an id that nothing else knows.
   */
  async page(realm: string, query: UserQuery): Promise<UserPage> {
    const { stored, directories } = this.#ports;
    const directory = directories.of(realm);
    if (directory === undefined) return stored.page(realm, query);
    const { attribute } = query;
    if (attribute === undefined) return this.#pageByName(realm, directory, query);
    const { attributes } = directory.service;
    const theirs = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (theirs === undefined) {
      const { users, next } = await stored.page(realm, query);
      const known: Identity[] = [];
      for (const user of users) known.push(...[(await this.#asNow(user)) ?? []].flat());
      return { users: known, ...(next !== undefined && { next }) };
    }
    const after = query.after ?? '';
    const byValue = { ...query, attribute, theirs };
    if (after.startsWith(THEIRS))
      return this.#pageOfDirectory(realm, directory, { ...byValue, after: after.slice(THEIRS.length) });
    const { users, next } = await stored.page(realm, query);
    const ours = users.filter(({ entryId }) => entryId === undefined);
    if (next !== undefined || ours.length === query.limit) return { users: ours, next: next ?? THEIRS };
    const rest = { ...byValue, after: '', limit: query.limit - ours.length };
    const page = await this.#pageOfDirectory(realm, directory, rest);
    return { ...page, users: [...ours, ...page.users] };
  }

  passwordHash(id: string): Promise<string | undefined> {
    return this.#ports.stored.passwordHash(id);
  }

  async #pageByName(realm: string, directory: Directory, query: UserQuery): Promise<UserPage> {
    const { limit, value, beginning = '' } = query;
    const { users: rows, next: end } = await this.#ports.stored.page(realm, query);
    const ours = rows.filter(({ entryId }) => entryId === undefined);
    const taken = new Set(ours.map(({ username }) => foldUsername(username)));
    const [begins, after] = [foldUsername(beginning), query.after ?? ''];
    // Beyond the last row that was read there may be one of ours, which would go before an entry of its name.
    const isOnPage = (name: string) =>
      name > after && (end === undefined || name <= end) && name.startsWith(begins) && !taken.has(name);
    const attribute = directory.service.usernameAttribute;
    const listed =
      value !== undefined
        ? { entries: [(await directory.findByName(value)) ?? []].flat(), isCut: false }
        : await directory.list(beginning === '' ? undefined : { attribute, beginning });
    const entries = inOrder(listed.entries)
      .filter(({ name }) => isOnPage(name))
      .slice(0, limit);
    const theirs = await this.#shown(realm, directory, entries);
    const all = [...ours, ...theirs].sort((a, b) => (foldUsername(a.username) < foldUsername(b.username) ? -1 : 1));
    const users = all.slice(0, limit);
    const last = users.at(-1);
    // Some of either kind may have been left for the next page.
    const lastName = last && foldUsername(last.username);
    const next = users.length === limit ? lastName : (end ?? (listed.isCut ? afterCut(lastName) : undefined));
    return { users, ...(next !== undefined && { next }) };
  }

  /** The directory is asked by a filter, and is believed no more than it says: it compares more loosely than we do. */
  async #pageOfDirectory(
    realm: string,
    directory: Directory,
    { attribute, theirs, value, beginning = '', after, limit }: ValueQuery,
  ): Promise<UserPage> {
    const [whole, begins] = [value === undefined ? undefined : foldUsername(value), foldUsername(beginning)];
    const fits = (it: string) => (whole === undefined ? it.startsWith(begins) : it === whole);
    const listed = await directory.list({ attribute: theirs, ...(value === undefined ? { beginning } : { value }) });
    const entries = inOrder(listed.entries).filter(
      ({ name, entry }) => name > after && entry.attributes[attribute]?.some((it) => fits(foldUsername(it))),
    );
    const here = entries.slice(0, limit);
    const users = await this.#shown(realm, directory, here);
    const last = here.at(-1)?.name;
    const next = entries.length > limit ? last : listed.isCut ? afterCut(last) : undefined;
    return { users, ...(next !== undefined && { next: `${THEIRS}${next}` }) };
  }

  /** Without those whose names users have who were made here. */
  async #shown(realm: string, directory: Directory, entries: readonly NamedEntry[]): Promise<readonly Identity[]> {
    const { stored } = this.#ports;
    const shown = entries.map(async ({ entry, name }) => {
      const holder = await stored.find(realm, name);
      if (holder !== undefined && holder.entryId === undefined) return [];
      const row = holder?.entryId === entry.id ? holder : await stored.findByEntry(realm, entry.id);
      const unseen = { id: entry.id, realm, active: true, attributes: {}, rev: 0, credentialRev: 0, entryId: entry.id };
      return [withEntry(row ?? { ...unseen, username: entry.username }, entry, directory)];
    });
    return (await Promise.all(shown)).flat();
  }

  /** Whoever has no entry any more is nobody, whatever is stored: of a directory that still has somebody, so that one mistake ends no realm. */
  async #asNow(row: Identity): Promise<Identity | undefined> {
    const directory = row.entryId === undefined ? undefined : this.#ports.directories.of(row.realm);
    if (directory === undefined || row.entryId === undefined) return row;
    const entry = await directory.findById(row.entryId);
    if (entry !== undefined) return this.#ports.sightings.see(row.realm, entry, directory);
    if (!hasLeft(row) && !(await directory.hasUsers())) {
      throw new DirectoryUnavailable(
        'The directory shows nobody at all: userFilter and baseDn of the service "ldap", and what its bindDn may read, say whom it shows.',
      );
    }
    await this.#ports.sightings.miss(row);
    return undefined;
  }

  async #seenByValue(
    realm: string,
    directory: Directory,
    { name, attribute, value }: { readonly name: string; readonly attribute: string; readonly value: string },
  ): Promise<readonly Identity[]> {
    const folded = foldUsername(value);
    const found = (await directory.findByValue(name, value)).filter(({ attributes }) =>
      attributes[attribute]?.some((it) => foldUsername(it) === folded),
    );
    const seen: Identity[] = [];
    for (const entry of found) seen.push(...[(await this.#ports.sightings.see(realm, entry, directory)) ?? []].flat());
    return seen;
  }
}
