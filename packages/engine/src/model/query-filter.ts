/** What may be asked of one record: the values of a field. */
export type FieldReader = (field: string) => readonly string[];

const COMPARISONS = ['eq', 'co', 'sw', 'lt', 'le', 'gt', 'ge'] as const;
type Comparison = (typeof COMPARISONS)[number];

export type QueryFilter =
  | { readonly op: 'literal'; readonly value: boolean }
  | { readonly op: 'not'; readonly of: QueryFilter }
  | { readonly op: 'and' | 'or'; readonly of: readonly QueryFilter[] }
  | { readonly op: 'pr'; readonly field: string }
  | { readonly op: Comparison; readonly field: string; readonly value: string };

export type ParsedFilter = { readonly filter: QueryFilter } | { readonly reason: string };

const MAX_LENGTH = 1_024;
const MAX_DEPTH = 16;
const TOKEN = /\s*(?:([()!])|("(?:[^"\\]|\\.)*")|([^\s()!"]+))/y;

class Refused extends Error {
  override readonly name = 'Refused';
}

const tokensOf = (text: string): readonly string[] => {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.slice(at).trim() === '') break;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new Refused('A text in the query filter is not closed.');
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '');
    at = TOKEN.lastIndex;
  }
  return tokens;
};

const textOf = (token: string | undefined): string => {
  if (token === undefined) throw new Refused('A value is missing in the query filter.');
  if (!token.startsWith('"')) return token;
  const text = unquoted(token);
  // No store has such a text, and not every one can be asked for it (OPS-15).
  if (text.includes('\0')) throw new Refused('A text in the query filter holds a NUL character; leave that out.');
  return text;
};

const unquoted = (token: string): string => {
  try {
    return String(JSON.parse(token));
  } catch {
    throw new Refused('A text in the query filter cannot be read.');
  }
};

/**
 * AM's query filter with `true`, `false`, `eq`, `co`, `sw`, `lt`, `le`, `gt`, `ge`, `pr`, `and`, `or`, `!` and parentheses;
 * a field may be a pointer such as `/preferences/updates`. Its length and depth are bounded, and it holds no pattern
 * language (A129).
 */
export const parseQueryFilter = (text: string): ParsedFilter => {
  if (text.length > MAX_LENGTH) return { reason: `The query filter is longer than ${MAX_LENGTH} characters.` };
  try {
    const tokens = tokensOf(text);
    let at = 0;
    const isNext = (word: string) => tokens[at]?.toLowerCase() === word;

    const primary = (depth: number): QueryFilter => {
      if (depth > MAX_DEPTH) throw new Refused(`The query filter is nested deeper than ${MAX_DEPTH}.`);
      const token = tokens[at++];
      if (token === undefined) throw new Refused('The query filter ends too early.');
      if (token === '!') return { op: 'not', of: primary(depth + 1) };
      if (token === '(') {
        const inner = disjunction(depth + 1);
        if (tokens[at++] !== ')') throw new Refused('A parenthesis in the query filter is not closed.');
        return inner;
      }
      if (token === 'true' || token === 'false') return { op: 'literal', value: token === 'true' };
      const field = token.replace(/^\//, '');
      if (!/^[\w.-]{1,64}(\/[\w.-]{1,64}){0,3}$/.test(field))
        throw new Refused('A field in the query filter cannot be read.');
      const op = tokens[at++]?.toLowerCase();
      if (op === 'pr') return { op, field };
      const comparison = COMPARISONS.find((it) => it === op);
      if (comparison === undefined) throw new Refused(`The query filter knows ${COMPARISONS.join(', ')} and pr.`);
      return { op: comparison, field, value: textOf(tokens[at++]) };
    };
    const chain = (word: 'and' | 'or', next: (depth: number) => QueryFilter, depth: number): QueryFilter => {
      const first = next(depth);
      const of = [first];
      while (isNext(word)) {
        at += 1;
        of.push(next(depth));
      }
      const [only, ...others] = withoutRepeats(of);
      return only === undefined || others.length === 0 ? first : { op: word, of: [only, ...others] };
    };
    const conjunction = (depth: number): QueryFilter => chain('and', primary, depth);
    const disjunction = (depth: number): QueryFilter => chain('or', conjunction, depth);

    const filter = disjunction(0);
    return at === tokens.length ? { filter } : { reason: 'The query filter goes on after its end.' };
  } catch (error) {
    if (error instanceof Refused) return { reason: error.message };
    throw error;
  }
};

/** What a filter asks twice is asked once. */
const withoutRepeats = (filters: readonly QueryFilter[]): readonly QueryFilter[] => [
  ...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values(),
];

/** Reads each field of a record once for all comparisons. */
const readOnce = (read: FieldReader): FieldReader => {
  const fields = new Map<string, readonly string[]>();
  return (field) => {
    const known = fields.get(field);
    if (known !== undefined) return known;
    const values = read(field);
    fields.set(field, values);
    return values;
  };
};

/** The fields that a filter reads, and how often it compares each. */
const comparisonsOf = (filter: QueryFilter): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  const count = (it: QueryFilter): void => {
    if (it.op === 'not') count(it.of);
    else if ('of' in it) it.of.forEach(count);
    else if (it.op !== 'literal') counts.set(it.field, (counts.get(it.field) ?? 0) + (it.op === 'pr' ? 0 : 1));
  };
  count(filter);
  return counts;
};

/** A short value costs as much as so many characters. */
const LEAST_OF_VALUE = 16;

/** How many characters a filter works on in a record at most: those of each field once to read them, and once for each comparison. */
const charactersCompared = (comparisons: ReadonlyMap<string, number>, read: FieldReader): number => {
  let sum = 0;
  for (const [field, count] of comparisons)
    for (const value of read(field)) sum += (LEAST_OF_VALUE + value.length) * (1 + count);
  return sum;
};

/** By filter: many records are asked by one. */
const comparisonsOfFilter = new WeakMap<QueryFilter, ReadonlyMap<string, number>>();

/** The records that a filter is asked of, as its caller has them. */
export interface FilteredRecord {
  readonly read: FieldReader;
  /** What makes two texts the same, apart from upper and lower case. */
  readonly fold?: (value: string) => string;
  /** Counts the characters that the filter works on at most, before it does: false where they are too many (SEC-93). */
  readonly take: (characters: number) => boolean | Promise<boolean>;
}

/**
 * Whether a record passes; texts are compared without regard to case, as a directory does, and numbers as numbers. Undefined where the comparisons
 * are too many for the caller.
 */
export const passesFilter = async (
  filter: QueryFilter,
  { read, fold = (value) => value, take }: FilteredRecord,
): Promise<boolean | undefined> => {
  let comparisons = comparisonsOfFilter.get(filter);
  if (comparisons === undefined) {
    comparisons = comparisonsOf(filter);
    comparisonsOfFilter.set(filter, comparisons);
  }
  const known = readOnce(read);
  if (!(await take(charactersCompared(comparisons, known)))) return undefined;
  return passes(
    filter,
    readOnce((field) => known(field).map((value) => fold(value).toLowerCase())),
  );
};

const passes = (filter: QueryFilter, read: FieldReader): boolean => {
  switch (filter.op) {
    case 'literal':
      return filter.value;
    case 'not':
      return !passes(filter.of, read);
    case 'and':
      return filter.of.every((it) => passes(it, read));
    case 'or':
      return filter.of.some((it) => passes(it, read));
    case 'pr':
      return read(filter.field).length > 0;
  }
  const compare = COMPARE[filter.op];
  const wanted = wantedOf(filter.value.toLowerCase());
  return read(filter.field).some((value) => compare(value, wanted));
};

/** What values are compared with; as a number, where it is one. */
interface Wanted {
  readonly text: string;
  readonly number: number | undefined;
}

const NUMBER = /^-?\d+(\.\d+)?$/;
const wantedOf = (text: string): Wanted => ({ text, number: NUMBER.test(text) ? Number(text) : undefined });
const order = (value: string, { text, number }: Wanted): number =>
  number !== undefined && NUMBER.test(value) ? Number(value) - number : value < text ? -1 : Number(value > text);

const COMPARE: Readonly<Record<Comparison, (value: string, wanted: Wanted) => boolean>> = {
  eq: (value, { text }) => value === text,
  co: (value, { text }) => value.includes(text),
  sw: (value, { text }) => value.startsWith(text),
  lt: (value, wanted) => order(value, wanted) < 0,
  le: (value, wanted) => order(value, wanted) <= 0,
  gt: (value, wanted) => order(value, wanted) > 0,
  ge: (value, wanted) => order(value, wanted) >= 0,
};
