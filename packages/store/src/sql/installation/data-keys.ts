import type { Random } from '@assent/engine';
import type { KeyStatus } from '../../ports/key-kinds.ts';
import { StoreRefused } from '../../ports/store.ts';
import { type DataKey, PURPOSES, type Purpose } from '../../sealing/data-key.ts';
import { masterKeyId, unwrapDataKey, wrapDataKey } from '../../sealing/sealer.ts';
import { all, run, statement, type Verb } from '../verbs/verb.ts';
import { refuseStray } from './life.ts';

/** The master key, or those that may be it: while it is replaced, a crash can leave two. */
export type MasterKeySource = Uint8Array | (() => readonly Uint8Array[]);

const WRONG_KEY =
  'The master key is not the one that this database was made with. Set ASSENT_MASTER_KEY, or the key file in the data ' +
  'directory, to that key; without it nothing that is sealed can be read. A backup from before the master key was replaced ' +
  'needs the one of that time.';

type WholeRow = readonly [
  id: number,
  purpose: Purpose,
  wrapped: Uint8Array,
  status: KeyStatus | null,
  createdAt: number | null,
  since: number | null,
  masterId: string | null,
  formerMasterId: string | null,
  wrappedAt: number | null,
];

export interface DataKeyRow {
  readonly id: number;
  readonly purpose: Purpose;
  readonly wrapped: Uint8Array;
  readonly status: KeyStatus | null;
  readonly createdAt: number | null;
  readonly since: number | null;
  readonly masterId: string | null;
  readonly formerMasterId: string | null;
  readonly wrappedAt: number | null;
}

/** What every schema has of them: a backup may be of an older one. */
const select = statement<[id: number, purpose: Purpose, wrapped: Uint8Array]>(
  'SELECT id, purpose, wrapped FROM data_key',
);
const selectWhole = statement<WholeRow>(
  `SELECT id, purpose, wrapped, status, created_at, since, master_id, former_master_id, wrapped_at FROM data_key ORDER BY id`,
);
const insert = statement(
  `INSERT INTO data_key (id, purpose, wrapped, master_id, former_master_id, wrapped_at) VALUES (?, ?, ?, ?, ?, ?)
   ON CONFLICT DO NOTHING`,
);

export function* selectDataKeys(): Verb<readonly DataKeyRow[]> {
  return (yield* all(selectWhole)).map(
    ([id, purpose, wrapped, status, createdAt, since, masterId, formerMasterId, wrappedAt]) => ({
      id,
      purpose,
      wrapped,
      status,
      createdAt,
      since,
      masterId,
      formerMasterId,
      wrappedAt,
    }),
  );
}

/** The master key by which a store works: the one of those it was given that opens. */
export class MasterKeys {
  readonly #source: MasterKeySource;
  #current: Uint8Array | undefined;

  constructor(source: MasterKeySource) {
    this.#source = source;
  }

  /** Asked for anew each time: the file of it may hold another one by now. */
  candidates(): readonly Uint8Array[] {
    const given = typeof this.#source === 'function' ? this.#source() : [this.#source];
    if (given.some(({ length }) => length !== 32)) throw new StoreRefused('The master key has to be 32 bytes.');
    return this.#current === undefined ? given : [this.#current, ...given];
  }

  current(): Uint8Array {
    const key = this.#current ?? this.candidates()[0];
    if (key === undefined) throw new StoreRefused(WRONG_KEY);
    return key;
  }

  use(key: Uint8Array): void {
    this.#current = key;
  }
}

/** Undefined where it lies under another master key than any of these. */
export const unwrapped = (
  { id, purpose, wrapped }: Pick<DataKeyRow, 'id' | 'purpose' | 'wrapped'>,
  masterKeys: MasterKeys,
): Uint8Array | undefined => {
  for (const key of masterKeys.candidates()) {
    try {
      const bytes = unwrapDataKey(key, id, purpose, wrapped);
      masterKeys.use(key);
      return bytes;
    } catch {
      // It may be another one of them.
    }
  }
  return undefined;
};

/** What has become of the master key, where the rows tell it. */
const refusalOf = (
  { masterId, formerMasterId, wrappedAt }: Pick<DataKeyRow, 'masterId' | 'formerMasterId' | 'wrappedAt'>,
  masterKeys: MasterKeys,
): string => {
  if (masterId === null || wrappedAt === null) return WRONG_KEY;
  const ids = masterKeys.candidates().map(masterKeyId);
  const replaced = `The master key of this database was replaced at ${new Date(wrappedAt).toISOString()}; since then it is the one called ${masterId}.`;
  return formerMasterId !== null && ids.includes(formerMasterId)
    ? `${replaced} This is the one before. Set ASSENT_MASTER_KEY, or the key file in the data directory, to the new one.`
    : `${replaced} This is another one (${ids.join(', ')}). Set ASSENT_MASTER_KEY, or the key file in the data directory, to that one.`;
};

/** Throws where the master key is another one than that of the database, of whichever schema that is. */
export function* checkMasterKey(source: MasterKeySource): Verb<void> {
  const masterKeys = new MasterKeys(source);
  for (const [id, purpose, wrapped] of yield* all(select)) {
    if (unwrapped({ id, purpose, wrapped }, masterKeys) === undefined) throw new StoreRefused(WRONG_KEY);
  }
}

export function* storedDataKeys(masterKeys: MasterKeys): Verb<readonly DataKey[]> {
  return (yield* selectDataKeys()).map((row) => {
    const bytes = unwrapped(row, masterKeys);
    if (bytes === undefined) throw new StoreRefused(refusalOf(row, masterKeys));
    return { id: row.id, purpose: row.purpose, bytes, status: row.status ?? 'active' };
  });
}

/**
 * The data keys of the database, made when it is new, or when a version of Assent comes that seals for one purpose more. They are
 * its canary too: each is authenticated by the master key, so another master key is found out before anything is read or
 * written (SEC-75).
 */
export function* loadDataKeys(masterKeys: MasterKeys, random: Random): Verb<readonly DataKey[]> {
  yield* refuseStray();
  const keys = yield* storedDataKeys(masterKeys);
  const missing = PURPOSES.filter((it) => keys.every((key) => key.purpose !== it));
  if (missing.length === 0) return keys;
  // Whoever copies into the database meanwhile waits, or was first. Only here: whoever writes nothing may look at a standby, too.
  yield* refuseStray({ stays: true });
  const masterKey = masterKeys.current();
  const [other] = yield* selectDataKeys();
  const newest = Math.max(0, ...keys.map(({ id }) => id));
  for (const [at, purpose] of missing.entries()) {
    const key: DataKey = { id: newest + at + 1, purpose, bytes: random.bytes(32) };
    const wrapped = wrapDataKey(masterKey, key, random);
    const { formerMasterId = null, wrappedAt = null } = other ?? {};
    yield* run(insert, key.id, purpose, wrapped, masterKeyId(masterKey), formerMasterId, wrappedAt);
  }
  // What is stored counts: another instance that starts at this moment may have made its keys first (OPS-21).
  return yield* storedDataKeys(masterKeys);
}
