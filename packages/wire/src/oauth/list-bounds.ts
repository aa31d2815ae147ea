/** How long a list of a client or a provider may be. The work for a list grows with its length, and one request reads many lists (SEC-93). */
export interface ListBound {
  readonly entries: number;
  /** For lists of `name`, `name|text` and `name|locale|text`: how many names, and how many entries of one name. */
  readonly perName?: { readonly names: number; readonly entries: number };
}

/** Scopes of one client, and entries of every other list: redirect URIs, origins, claims and classes of sign-in among them. */
export const MAX_LIST_ENTRIES = 400;
/** Languages of one scope, of the name of a client and of its description. */
export const MAX_LANGUAGES = 50;
/** Entries of a list of scopes or claims, with one entry for each language. */
export const MAX_TEXT_ENTRIES = 2_000;

export const PLAIN_LIST: ListBound = { entries: MAX_LIST_ENTRIES };
export const LANGUAGES: ListBound = { entries: MAX_LANGUAGES };
export const NAMES_WITH_TEXTS: ListBound = {
  entries: MAX_TEXT_ENTRIES,
  perName: { names: MAX_LIST_ENTRIES, entries: MAX_LANGUAGES },
};

interface BoundedList {
  /** The entries that count, in their order. */
  readonly kept: readonly string[];
  /** What is too much, after the name of the list; undefined where all entries count. */
  readonly problem?: string;
}

const figure = (number: number): string => number.toLocaleString('en');

const nameOf = (entry: string): string => {
  const at = entry.indexOf('|');
  return at < 0 ? entry : entry.slice(0, at);
};

/** The first entries of a list, up to its bound. */
export const boundedList = (list: readonly string[], { entries, perName }: ListBound): BoundedList => {
  const tooLong = (given: number): string => `has ${figure(given)} entries, and ${figure(entries)} are the most`;
  if (perName === undefined) {
    return list.length <= entries ? { kept: list } : { kept: list.slice(0, entries), problem: tooLong(list.length) };
  }
  const entriesOf = new Map<string, number>();
  /** The first names, as many as there may be. */
  const counted = new Set<string>();
  const kept: string[] = [];
  let most: string | undefined;
  for (const entry of list) {
    const name = nameOf(entry);
    const before = entriesOf.get(name) ?? 0;
    entriesOf.set(name, before + 1);
    if (before === 0 && entriesOf.size <= perName.names) counted.add(name);
    if (kept.length < entries && before < perName.entries && counted.has(name)) kept.push(entry);
    if (before === perName.entries) most ??= name;
  }
  if (kept.length === list.length) return { kept };
  if (entriesOf.size > perName.names) {
    return { kept, problem: `has ${figure(entriesOf.size)} names, and ${figure(perName.names)} are the most` };
  }
  if (most !== undefined) {
    const problem = `has ${figure(entriesOf.get(most) ?? 0)} texts for ${most.slice(0, 80)}, and ${perName.entries} are the most`;
    return { kept, problem };
  }
  return { kept, problem: tooLong(list.length) };
};
