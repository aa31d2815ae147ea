import { foldUsername, type Identity } from '@assent/engine';
import {
  type IdentityDirectory,
  isUsableUsername,
  MAX_SEARCH_VALUE_LENGTH,
  type UserPage,
  type UserQuery,
} from '@assent/engine/host';
import type { Directories } from '../directory/directories.ts';
import type { Directory } from '../directory/directory.ts';
import { type Sightings, withEntry } from './sightings.ts';

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
    const directory = directories.of(realm);
    if (directory === undefined || (row !== undefined && row.entryId === undefined)) return row;
    if (!isUsableUsername(username)) return undefined;
    const entry = await directory.findByName(username);
    return entry && sightings.see(realm, entry, directory);
  }

  async findById(id: string): Promise<Identity | undefined> {
    const row = await this.#ports.stored.findById(id);
    return row && this.#asNow(row);
  }

  async findByEntry(realm: string, entryId: string): Promise<Identity | undefined> {
    const row = await this.#ports.stored.findByEntry(realm, entryId);
    return row && this.#asNow(row);
  }

  async findByAttribute(realm: string, attribute: string, value: string): Promise<readonly Identity[]> {
    const { stored, directories } = this.#ports;
    const directory = directories.of(realm);
    const rows = await stored.findByAttribute(realm, attribute, value);
    if (directory === undefined) return rows;
    const { attributes } = directory.service;
    const name = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (name === undefined) return (await Promise.all(rows.map((row) => this.#asNow(row)))).flatMap((it) => it ?? []);
    if (value === '' || value.length > MAX_SEARCH_VALUE_LENGTH) return [];
    const ours = rows.filter(({ entryId }) => entryId === undefined);
    const theirs = await this.#seenByValue(realm, directory, { name, attribute, value });
    return [...ours, ...theirs].slice(0, 2);
  }

  /**
   * Of a realm with a directory all by name, whatever the query is by: those who do not fit it are for the caller to leave out.
   * Of the directory there are as many as it lists at once. Whoever was never seen has an id that nothing else knows.
   */
  async page(realm: string, query: UserQuery): Promise<UserPage> {
    const { stored, directories } = this.#ports;
    const directory = directories.of(realm);
    if (directory === undefined) return stored.page(realm, query);
    const { limit } = query;
    const { value, beginning = '' } = query.attribute === undefined ? query : {};
    const place = { limit, ...(query.after !== undefined && { after: query.after }) };
    const wanted = value === undefined ? { beginning, ...place } : { value, ...place };
    const { users: rows, next: end } = await stored.page(realm, wanted);
    const ours = rows.filter(({ entryId }) => entryId === undefined);
    const taken = new Set(ours.map(({ username }) => foldUsername(username)));
    const [begins, after] = [foldUsername(beginning), query.after ?? ''];
    // Beyond the last row that was read there may be one of ours, which would go before an entry of its name.
    const isOnPage = (name: string) =>
      name > after && (end === undefined || name <= end) && name.startsWith(begins) && !taken.has(name);
    const entries = (value === undefined ? await directory.list() : [(await directory.findByName(value)) ?? []].flat())
      .map((entry) => ({ entry, name: foldUsername(entry.username) }))
      .filter(({ name }) => isOnPage(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
    const theirs = await Promise.all(
      entries.map(async ({ entry }) => {
        const unseen = {
          id: entry.id,
          realm,
          active: true,
          attributes: {},
          rev: 0,
          credentialRev: 0,
          entryId: entry.id,
        };
        const row = (await stored.findByEntry(realm, entry.id)) ?? { ...unseen, username: entry.username };
        return withEntry(row, entry, directory);
      }),
    );
    const all = [...ours, ...theirs].sort((a, b) => (foldUsername(a.username) < foldUsername(b.username) ? -1 : 1));
    const users = all.slice(0, limit);
    const last = users.at(-1);
    // Some of either kind may have been left for the next page.
    const next = last !== undefined && users.length === limit ? foldUsername(last.username) : end;
    return { users, ...(next !== undefined && { next }) };
  }

  passwordHash(id: string): Promise<string | undefined> {
    return this.#ports.stored.passwordHash(id);
  }

  /** Whoever has no entry any more is nobody, whatever is stored. */
  async #asNow(row: Identity): Promise<Identity | undefined> {
    const directory = row.entryId === undefined ? undefined : this.#ports.directories.of(row.realm);
    if (directory === undefined || row.entryId === undefined) return row;
    const entry = await directory.findById(row.entryId);
    if (entry !== undefined) return this.#ports.sightings.see(row.realm, entry, directory);
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
