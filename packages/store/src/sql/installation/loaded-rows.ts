import { all, firstOfEach, type Row, type Statement, turn, type Verb } from '../verbs/verb.ts';
import type { KindOfRow, Touched } from './configuration-changes.ts';

/** How the rows of one table of the configuration are read. */
export interface Rows<T extends { readonly realm: string }, R extends Row = Row> {
  readonly kind: KindOfRow;
  readonly all: Statement<R>;
  /** By realm and key. */
  readonly one: Statement<R>;
  readonly keyOf: (document: T) => string;
  /** Undefined for what cannot be opened: one such row takes no other with it. */
  readonly documentOf: (row: R) => T | undefined;
}

/** By realm and key, in every database alike. */
const inOrder = <T extends { readonly realm: string }>(
  documents: readonly T[],
  keyOf: (document: T) => string,
): readonly T[] =>
  documents.toSorted((a, b) => {
    const [one, other] = a.realm === b.realm ? [keyOf(a), keyOf(b)] : [a.realm, b.realm];
    return one < other ? -1 : 1;
  });

/** So many bytes are opened and parsed before others have a turn: a realm has 16 MiB, and each instance reads all realms after a gap. */
const BYTES_OF_TURN = 256 * 1_024;
/** A row that is small takes as long as so many bytes. */
const BYTES_OF_ROW = 1_024;

const bytesOf = (row: Row): number =>
  row.reduce<number>(
    (bytes, value) => bytes + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0),
    BYTES_OF_ROW,
  );

/** The documents of rows, with turns for others. What is written meanwhile is of a later version, and is read with that. */
function* documentsIn<T extends { readonly realm: string }, R extends Row>(
  found: readonly (R | undefined)[],
  documentOf: Rows<T, R>['documentOf'],
): Verb<readonly T[]> {
  const documents: T[] = [];
  let bytes = 0;
  for (const row of found) {
    if (row === undefined) continue;
    const document = documentOf(row);
    if (document !== undefined) documents.push(document);
    bytes += bytesOf(row);
    if (bytes < BYTES_OF_TURN) continue;
    yield* turn();
    bytes = 0;
  }
  return documents;
}

export function* loadAll<T extends { readonly realm: string }, R extends Row>(rows: Rows<T, R>): Verb<readonly T[]> {
  const found = yield* all(rows.all);
  return inOrder(yield* documentsIn(found, rows.documentOf), rows.keyOf);
}

const placeOf = (realm: string, key: string): string => `${realm}\n${key}`;

/** What `earlier` is after these rows were touched. */
export function* loadTouched<T extends { readonly realm: string }, R extends Row>(
  rows: Rows<T, R>,
  earlier: readonly T[],
  touched: readonly Touched[],
): Verb<readonly T[]> {
  const { kind, keyOf } = rows;
  const keys = new Map<string, readonly [realm: string, key: string]>();
  const emptied = new Set<string>();
  for (const [what, realm, key] of touched) {
    if (what === 'realm') emptied.add(realm);
    else if (what === kind) keys.set(placeOf(realm, key), [realm, key]);
  }
  if (keys.size + emptied.size === 0) return earlier;
  const found = yield* firstOfEach(rows.one, [...keys.values()]);
  const documents = yield* documentsIn(found, rows.documentOf);
  const kept = earlier.filter((it) => !emptied.has(it.realm) && !keys.has(placeOf(it.realm, keyOf(it))));
  return inOrder([...kept, ...documents], keyOf);
}
