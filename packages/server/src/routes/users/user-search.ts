import { setImmediate as nextTurn } from 'node:timers/promises';
import { foldUsername, type Identity, passesFilter, type QueryFilter } from '@assent/engine';
import { type IdentityDirectory, MAX_SEARCH_VALUE_LENGTH, type UserPage, type UserQuery } from '@assent/engine/host';
import { DirectoryTooLarge } from '@assent/ldap';
import { COMPARES_TOO_MUCH, ComparedCharacters } from '../../http/configuration-query.ts';

/** What a filter compares with a name, or with a value of an attribute that the store has an index of. */
interface Leaf {
  readonly op: 'eq' | 'sw';
  readonly field: string;
  readonly value: string;
}

/** Where the next page begins: behind which user, of those who pass which leaf. */
export interface SearchPlace {
  readonly leaf: number;
  /** The field of the leaf, by which alone the place means something; empty among all users. */
  readonly by?: string;
  readonly after?: string;
}

export interface UserSearchOptions {
  readonly identities: Pick<IdentityDirectory, 'page'>;
  /** Whether users of the realm are found by it; of what is kept apart, nobody finds out anything (A126). */
  readonly isIndexed: (attribute: string) => boolean;
  readonly isKeptApart: (attribute: string) => boolean;
}

export interface FoundUsers {
  readonly users: readonly Identity[];
  readonly next?: SearchPlace;
  /** As many users were read, or as large ones are held, as one search may have, and there are more. */
  readonly isSpent: boolean;
}

/** What REST calls the name of a user. */
const NAMES: ReadonlySet<string> = new Set(['_id', 'username', 'uid']);
/** One search reads no more users than that, however few of them pass. */
export const MAX_READ = 1_000;
/** A look costs as much as that many rows, so that a small page is not made of a thousand looks. */
const LEAST_COST = 50;
const MAX_LEAVES = 10;
/** How many characters the found users of one answer have, in their attributes. */
const MAX_FOUND_CHARACTERS = 8 * 1_024 * 1_024;

/** The first page of a search is as much to compare as one search may have. */
export class ComparesTooMuch extends Error {
  override readonly name = 'ComparesTooMuch';
  override readonly message =
    `${COMPARES_TOO_MUCH} Use fewer comparisons, or a small _pageSize without _sortKeys, _pagedResultsOffset and a count.`;
}

export const isName = (field: string): boolean => NAMES.has(field);

/** Texts are compared folded, as the index has them: what is found does not depend on how it was looked for. */
const foldedFilter = (filter: QueryFilter): QueryFilter => {
  switch (filter.op) {
    case 'literal':
    case 'pr':
      return filter;
    case 'not':
      return { op: 'not', of: foldedFilter(filter.of) };
    case 'and':
    case 'or':
      return { op: filter.op, of: filter.of.map(foldedFilter) };
    default:
      return { ...filter, value: foldUsername(filter.value) };
  }
};

/** The more it leaves out, the lower. */
const costOf = ({ op, field }: Leaf): number => (isName(field) ? 0 : 1) + (op === 'eq' ? 0 : 2);
const dearest = (leaves: readonly Leaf[]): number => Math.max(-1, ...leaves.map(costOf));

/**
 * Users of a realm by a filter (OPS-24). A filter is looked through for comparisons of which everybody who passes it passes one,
 * and which an index answers; the rest of it is judged user by user. Where there are none, all users are read in the order of
 * their names. Either way one search reads a bounded number, and says where to go on.
 */
export class UserSearch {
  readonly #options: UserSearchOptions;
  readonly #filter: QueryFilter;
  /** `undefined`: only a walk through all users finds them. */
  readonly #leaves: readonly Leaf[] | undefined;

  constructor(options: UserSearchOptions, filter: QueryFilter) {
    this.#options = options;
    this.#filter = foldedFilter(filter);
    const leaves = this.#leavesOf(this.#filter);
    this.#leaves = leaves !== undefined && leaves.length <= MAX_LEAVES ? leaves : undefined;
  }

  /** Whether its users come in the order of their names. */
  get isByName(): boolean {
    const [leaf, ...others] = this.#leaves ?? [];
    return others.length === 0 && (leaf === undefined || isName(leaf.field));
  }

  /** What it asks of users that no index answers. */
  get unindexed(): readonly string[] {
    return [...new Set(this.#fieldsOf(this.#filter))].filter((it) => !isName(it) && !this.#options.isIndexed(it));
  }

  /** Whether the place is one of this search, and not of one that went by other indexes. */
  isPlace({ leaf, by, after }: SearchPlace): boolean {
    return after === undefined || (by ?? '') === this.#fieldOf(leaf);
  }

  async find(realm: string, wanted: number, from: SearchPlace = { leaf: 0 }): Promise<FoundUsers> {
    const drives = this.#leaves === undefined ? [undefined] : this.#leaves;
    const users: Identity[] = [];
    const compared = new ComparedCharacters();
    let { leaf, after } = from;
    let spent = 0;
    let characters = 0;
    while (leaf < drives.length && users.length < wanted && spent < MAX_READ && characters < MAX_FOUND_CHARACTERS) {
      // A database in the process reads and parses a page at once: others have their turn before the next one.
      if (spent > 0) await nextTurn();
      const limit = Math.min(wanted - users.length, MAX_READ);
      const page = await this.#pageOf(realm, queryOf(drives[leaf], limit, after), users.length > 0);
      const hits = page && (await this.#hitsOf(page.users, leaf, compared));
      if (page !== undefined && hits === undefined && spent === 0) throw new ComparesTooMuch();
      if (page === undefined || hits === undefined)
        return { users, next: { leaf, by: this.#fieldOf(leaf), ...(after !== undefined && { after }) }, isSpent: true };
      // Of the last page no more was read than it has.
      spent += Math.max(page.next === undefined ? page.users.length : (page.read ?? limit), LEAST_COST);
      users.push(...hits);
      for (const { attributes } of hits) characters += charactersIn(attributes);
      after = page.next;
      if (after === undefined) leaf += 1;
    }
    const isOver = leaf >= drives.length;
    return {
      users,
      ...(!isOver && { next: { leaf, by: this.#fieldOf(leaf), ...(after !== undefined && { after }) } }),
      isSpent: !isOver && users.length < wanted,
    };
  }

  /** What may be asked of a user. Values that are too long to be looked up by are not there. */
  valuesOf(user: Identity, field: string): readonly string[] {
    if (isName(field)) return [user.username];
    if (field === 'inetUserStatus') return [user.active ? 'Active' : 'Inactive'];
    if (this.#options.isKeptApart(field) || !Object.hasOwn(user.attributes, field)) return [];
    return (user.attributes[field] ?? []).filter((value) => value.length <= MAX_SEARCH_VALUE_LENGTH);
  }

  /** Whoever has found somebody is shown those, and told with the next page that the directory lists no more; undefined then. */
  async #pageOf(realm: string, query: UserQuery, hasFound: boolean): Promise<UserPage | undefined> {
    try {
      return await this.#options.identities.page(realm, query);
    } catch (error) {
      if (hasFound && error instanceof DirectoryTooLarge) return undefined;
      throw error;
    }
  }

  #fieldOf(leaf: number): string {
    return this.#leaves?.[leaf]?.field ?? '';
  }

  /** The users of a page who pass; undefined where the search compares too much with them. A user who passes an earlier leaf was found by it. */
  async #hitsOf(
    users: readonly Identity[],
    leaf: number,
    compared: ComparedCharacters,
  ): Promise<readonly Identity[] | undefined> {
    const earlier = (this.#leaves ?? []).slice(0, leaf);
    const filter: QueryFilter =
      earlier.length === 0
        ? this.#filter
        : { op: 'and', of: [this.#filter, { op: 'not', of: { op: 'or', of: earlier } }] };
    const hits: Identity[] = [];
    for (const user of users) {
      const passes = await passesFilter(filter, {
        read: (field) => this.valuesOf(user, field),
        fold: foldUsername,
        take: (characters) => compared.take(characters),
      });
      if (passes === undefined) return undefined;
      if (passes) hits.push(user);
    }
    return hits;
  }

  #leavesOf(filter: QueryFilter): readonly Leaf[] | undefined {
    switch (filter.op) {
      case 'literal':
        return filter.value ? undefined : [];
      case 'or': {
        const all = filter.of.map((it) => this.#leavesOf(it));
        return all.some((it) => it === undefined) ? undefined : all.flatMap((it) => it ?? []);
      }
      case 'and': {
        const all = filter.of.flatMap((it) => [this.#leavesOf(it)].filter((leaves) => leaves !== undefined));
        return all.sort((a, b) => dearest(a) - dearest(b) || a.length - b.length)[0];
      }
      case 'eq':
      case 'sw':
        if (this.#options.isKeptApart(filter.field) || filter.value.length > MAX_SEARCH_VALUE_LENGTH) return [];
        if (filter.op === 'sw' && filter.value === '') return undefined;
        return isName(filter.field) || this.#options.isIndexed(filter.field)
          ? [{ ...filter, op: filter.op }]
          : undefined;
      default:
        return undefined;
    }
  }

  #fieldsOf(filter: QueryFilter): readonly string[] {
    if (filter.op === 'literal') return [];
    if (filter.op === 'not') return this.#fieldsOf(filter.of);
    return 'of' in filter ? filter.of.flatMap((it) => this.#fieldsOf(it)) : [filter.field];
  }
}

const charactersIn = (attributes: Identity['attributes']): number =>
  Object.values(attributes).reduce(
    (sum, values) => sum + values.reduce((length, value) => length + value.length, 0),
    0,
  );

const queryOf = (leaf: Leaf | undefined, limit: number, after: string | undefined): UserQuery => {
  const page = { limit, ...(after !== undefined && { after }) };
  if (leaf === undefined) return page;
  const text = leaf.op === 'eq' ? { value: leaf.value } : { beginning: leaf.value };
  return isName(leaf.field) ? { ...page, ...text } : { ...page, attribute: leaf.field, ...text };
};
