import type { Random } from '@assent/engine';
import type { AuditEvent } from '@assent/engine/host';
import {
  isSigningKind,
  type KeyKind,
  type KeyStatus,
  keyOfSecret,
  nameOfSecret,
  purposeOf,
  SIGNING_KINDS,
  type SigningKind,
  UNHEARD_MILLIS,
} from '../../ports/key-kinds.ts';
import type { Activation, Announcement, KeyOrder, KeyRing, KeyState, MasterKeyState } from '../../ports/keys.ts';
import { StoreRefused } from '../../ports/store.ts';
import type { DataKey, Purpose } from '../../sealing/data-key.ts';
import type { DataKeyRing } from '../../sealing/data-key-ring.ts';
import { masterKeyId, type Sealer, wrapDataKey } from '../../sealing/sealer.ts';
import { all, first, run, statement, type Verb } from '../verbs/verb.ts';
import { type DataKeyRow, type MasterKeys, selectDataKeys, unwrapped } from './data-keys.ts';
import { placeOfSecret } from './secrets.ts';

type SecretRow = readonly [
  name: string,
  sealed: Uint8Array,
  status: KeyStatus | null,
  createdAt: number | null,
  since: number | null,
  goodUntil: number | null,
  goodFor: number | null,
];

const selectVersion = statement<[version: number]>('SELECT keys_version FROM configuration_version WHERE id = 1');
const countChange = statement('UPDATE configuration_version SET keys_version = keys_version + 1 WHERE id = 1');
const selectSecrets = statement<SecretRow>(
  'SELECT name, sealed, status, created_at, since, good_until, good_for FROM secret ORDER BY name',
);
const insertDataKey = statement(
  `INSERT INTO data_key (id, purpose, wrapped, status, created_at, since, master_id, former_master_id, wrapped_at)
   VALUES (?, ?, ?, 'next', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const insertSecret = statement(
  `INSERT INTO secret (name, sealed, status, created_at, since) VALUES (?, ?, 'next', ?, ?) ON CONFLICT DO NOTHING`,
);
const useDataKey = statement("UPDATE data_key SET status = 'active', since = ? WHERE id = ? AND status = 'next'");
const replaceDataKeys = statement(
  `UPDATE data_key SET status = 'retiring', since = ?
   WHERE purpose = ? AND id < ? AND (status IS NULL OR status = 'active')`,
);
const retireDataKey = statement(
  "UPDATE data_key SET status = 'retired', since = ? WHERE id = ? AND status = 'retiring'",
);
const deleteDataKey = statement("DELETE FROM data_key WHERE id = ? AND purpose = ? AND status = 'retired'");
const useSecret = statement("UPDATE secret SET status = 'active', since = ? WHERE name = ? AND status = 'next'");
const replaceSecret = statement(
  "UPDATE secret SET status = ?, since = ?, good_until = ? WHERE name = ? AND (status IS NULL OR status = 'active')",
);
const retireSecret = statement(
  "UPDATE secret SET status = 'retired', since = ?, good_until = NULL WHERE name = ? AND status = 'retiring'",
);
const setGoodFor = statement("UPDATE secret SET good_for = ? WHERE name = ? AND status = 'next'");
const deleteSecret = statement("DELETE FROM secret WHERE name = ? AND status = 'retired'");
const selectUnheard = statement<[name: string]>(
  'SELECT name FROM instance WHERE seen_at > ? AND (keys_version IS NULL OR keys_version < ?) ORDER BY name',
);
const rewrap = statement(
  'UPDATE data_key SET wrapped = ?, master_id = ?, former_master_id = ?, wrapped_at = ? WHERE id = ?',
);

interface HeldKey extends KeyState {
  /** Of a kind that signs. */
  readonly bytes?: Uint8Array;
}

/** What a process has read of the keys, as of one change of them. */
interface Known {
  readonly version: number;
  readonly keys: readonly HeldKey[];
  readonly master: MasterKeyState;
}

export interface KeysOptions {
  readonly dataKeys: DataKeyRing;
  readonly sealer: Sealer;
  readonly masterKeys: MasterKeys;
  readonly random: Random;
  readonly append: (event: AuditEvent) => Verb<boolean>;
}

const REPLACED =
  'The master key was replaced while this process ran, and it knows only the one before: start it anew with the new one.';

const stateOf = ({ bytes: _, ...state }: HeldKey): KeyState => state;

const timesOf = (createdAt: number | null, since: number | null, goodUntil: number | null = null) => ({
  ...(createdAt !== null && { createdAt }),
  ...(since !== null && { since }),
  ...(goodUntil !== null && { goodUntil }),
});

/** The keys of the installation, as rows and as this process holds them. Whoever writes one does so in a transaction of its own, one at a time. */
export const keysTopic = ({ dataKeys, sealer, masterKeys, random, append }: KeysOptions) => {
  let known: Known = { version: -1, keys: [], master: { id: '' } };

  const ofKind = (kind: KeyKind): readonly HeldKey[] => known.keys.filter((it) => it.kind === kind);
  /** Of several that no newer one has replaced yet, the newest. */
  const activeOf = (kind: KeyKind): HeldKey | undefined => ofKind(kind).findLast(({ status }) => status === 'active');

  const dataKeyState = ({ id, purpose, status, createdAt, since }: DataKeyRow): HeldKey => ({
    kind: `sealing:${purpose}`,
    id,
    status: status ?? 'active',
    ...timesOf(createdAt, since),
  });
  const secretState = ([name, sealed, status, createdAt, since, goodUntil, goodFor]: SecretRow): readonly HeldKey[] => {
    const key = keyOfSecret(name);
    if (key === undefined) return [];
    const bytes = sealer.tryOpen('secret', placeOfSecret(name), sealed);
    if (bytes === undefined) return [];
    const times = { ...timesOf(createdAt, since, goodUntil), ...(goodFor !== null && { goodFor }) };
    return [{ ...key, status: status ?? 'active', ...times, bytes: new Uint8Array(bytes) }];
  };
  const masterOf = (rows: readonly DataKeyRow[]): MasterKeyState => {
    const [row] = rows;
    return {
      id: row?.masterId ?? masterKeyId(masterKeys.current()),
      ...(row?.formerMasterId != null && { formerId: row.formerMasterId }),
      ...(row?.wrappedAt != null && { wrappedAt: row.wrappedAt }),
    };
  };
  /** Those that this master key opens; of the others it is not said that they are known. */
  const dataKeysOf = (rows: readonly DataKeyRow[]): { readonly keys: readonly DataKey[]; readonly isAll: boolean } => {
    const keys: DataKey[] = [];
    let isAll = true;
    for (const row of rows) {
      const status = row.status ?? 'active';
      // It is never another one under that id: what was read once is not opened again, by whichever master key.
      const bytes = dataKeys.has(row.id) ? new Uint8Array() : unwrapped(row, masterKeys);
      if (bytes === undefined) isAll = false;
      else keys.push({ id: row.id, purpose: row.purpose, bytes, status });
    }
    return { keys, isAll };
  };

  /** Reads the data keys alone: what a record lies under that nobody here has known. */
  function* readDataKeys(): Verb<void> {
    dataKeys.replace(dataKeysOf(yield* selectDataKeys()).keys);
  }
  function* read(): Verb<void> {
    const version = (yield* first(selectVersion))?.[0] ?? 0;
    if (version === known.version) {
      dataKeys.confirm();
      return;
    }
    const rows = yield* selectDataKeys();
    const { keys, isAll } = dataKeysOf(rows);
    dataKeys.replace(keys);
    const secrets = (yield* all(selectSecrets)).flatMap(secretState);
    known = {
      // Whoever cannot open a key does not say that it knows it, so that it is not used before somebody has seen to that.
      version: isAll ? version : known.version,
      keys: [...rows.map(dataKeyState), ...secrets].sort((a, b) => a.id - b.id),
      master: masterOf(rows),
    };
  }
  function* note(event: string, kind: string, id: number | string, { at, transactionId, by }: KeyOrder): Verb<void> {
    yield* run(countChange);
    const detail = { kind, kid: String(id), ...(by !== undefined && { by }) };
    yield* append({ at, event, realm: '/', transactionId, outcome: 'success', detail });
  }
  function* fresh(): Verb<void> {
    known = { ...known, version: -1 };
    yield* read();
  }
  const nextOf = (kind: KeyKind): HeldKey | undefined => ofKind(kind).find(({ status }) => status === 'next');

  function* insertNext(kind: KeyKind, { at }: KeyOrder): Verb<number> {
    const purpose = purposeOf(kind);
    if (purpose !== undefined) return yield* insertNextDataKey(purpose, at);
    if (!isSigningKind(kind)) throw new RangeError(`there is no kind of key called ${kind}`);
    const id = Math.max(0, ...ofKind(kind).map((it) => it.id)) + 1;
    const name = nameOfSecret(kind, id);
    yield* run(insertSecret, name, sealer.seal('secret', placeOfSecret(name), random.bytes(32)), at, at);
    return id;
  }
  function* insertNextDataKey(purpose: Purpose, at: number): Verb<number> {
    const masterKey = masterKeys.current();
    if (known.master.id !== masterKeyId(masterKey)) throw new StoreRefused(REPLACED);
    const id = Math.max(0, ...known.keys.flatMap((it) => (purposeOf(it.kind) === undefined ? [] : [it.id]))) + 1;
    const wrapped = wrapDataKey(masterKey, { id, purpose, bytes: random.bytes(32) }, random);
    // Which master key was before this one is known as long as any data key is there, also when all of that time are destroyed.
    const { id: masterId, formerId = null, wrappedAt = null } = known.master;
    yield* run(insertDataKey, id, purpose, wrapped, at, at, masterId, formerId, wrappedAt);
    return id;
  }

  const rings = new Map<SigningKind, KeyRing>();
  const ringOf = (kind: SigningKind): KeyRing => {
    const isGood = ({ status }: HeldKey) => status !== 'retired';
    return {
      active() {
        const key = activeOf(kind);
        if (key?.bytes === undefined) throw new StoreRefused(`There is no key of the kind ${kind}.`);
        return { id: String(key.id), bytes: key.bytes };
      },
      find: (id) => ofKind(kind).find((it) => String(it.id) === id && isGood(it))?.bytes,
      good() {
        const active = activeOf(kind);
        const others = ofKind(kind).filter((it) => it !== active && isGood(it));
        return [active, ...others].flatMap((it) => it?.bytes ?? []);
      },
    };
  };

  return {
    readDataKeys,
    version: () => known.version,
    known: (): readonly KeyState[] => known.keys,
    isMade: (kind: SigningKind) => ofKind(kind).length > 0,
    ring(kind: SigningKind): KeyRing {
      const ring = rings.get(kind) ?? ringOf(kind);
      rings.set(kind, ring);
      return ring;
    },
    *refresh(): Verb<number> {
      yield* read();
      return known.version;
    },
    /** What was read in a transaction that came to nothing may be of nobody. */
    forget(): void {
      known = { ...known, version: -1 };
    },
    /** After a first key was made beside the others. */
    fresh,
    *list(): Verb<readonly KeyState[]> {
      const secrets = (yield* all(selectSecrets)).flatMap(secretState);
      const place = (kind: KeyKind) => (isSigningKind(kind) ? SIGNING_KINDS.indexOf(kind) : -1);
      return [...(yield* selectDataKeys()).map(dataKeyState), ...secrets]
        .map(stateOf)
        .sort((a, b) => place(a.kind) - place(b.kind) || a.id - b.id);
    },
    *master(): Verb<MasterKeyState> {
      return masterOf(yield* selectDataKeys());
    },
    *announce(kind: KeyKind, { goodFor, ...order }: Announcement): Verb<KeyState> {
      yield* fresh();
      if (nextOf(kind) === undefined) {
        const id = yield* insertNext(kind, order);
        yield* note('KEY_CREATE', kind, id, order);
        yield* fresh();
      }
      const next = nextOf(kind);
      if (next === undefined) throw new StoreRefused(`The next key of the kind ${kind} could not be made.`);
      if (goodFor === undefined || !isSigningKind(kind)) return stateOf(next);
      yield* run(setGoodFor, goodFor, nameOfSecret(kind, next.id));
      yield* fresh();
      return stateOf({ ...next, goodFor });
    },
    *activate(
      kind: KeyKind,
      { goodFor, atOnce, ...order }: Activation,
    ): Verb<true | false | { readonly waitsFor: readonly string[] }> {
      yield* fresh();
      const next = nextOf(kind);
      if (next === undefined) return false;
      const unheard = atOnce === true ? [] : yield* all(selectUnheard, order.at - UNHEARD_MILLIS, known.version);
      if (unheard.length > 0) return { waitsFor: unheard.map(([name]) => name) };
      const { at } = order;
      const purpose = purposeOf(kind);
      if (purpose !== undefined) {
        if ((yield* run(useDataKey, at, next.id)) === 0) return false;
        yield* run(replaceDataKeys, at, purpose, next.id);
      } else if (isSigningKind(kind)) {
        if ((yield* run(useSecret, at, nameOfSecret(kind, next.id))) === 0) return false;
        for (const { id, status } of ofKind(kind)) {
          if (status !== 'active') continue;
          const name = nameOfSecret(kind, id);
          const life = next.goodFor ?? goodFor;
          yield* life > 0
            ? run(replaceSecret, 'retiring', at, at + life, name)
            : run(replaceSecret, 'retired', at, null, name);
        }
      }
      yield* note('KEY_ROTATE', kind, next.id, order);
      yield* fresh();
      return true;
    },
    *retire(kind: KeyKind, id: number, order: KeyOrder): Verb<boolean> {
      const count = isSigningKind(kind)
        ? yield* run(retireSecret, order.at, nameOfSecret(kind, id))
        : yield* run(retireDataKey, order.at, id);
      if (count === 0) return false;
      yield* note('KEY_RETIRE', kind, id, order);
      yield* fresh();
      return true;
    },
    *destroy(kind: KeyKind, id: number, order: KeyOrder): Verb<boolean> {
      const count = isSigningKind(kind)
        ? yield* run(deleteSecret, nameOfSecret(kind, id))
        : yield* run(deleteDataKey, id, purposeOf(kind) ?? '');
      if (count === 0) return false;
      yield* note('KEY_DELETE', kind, id, order);
      yield* fresh();
      return true;
    },
    *changeMaster(masterKey: Uint8Array, order: KeyOrder & { readonly from: string }): Verb<boolean> {
      const rows = yield* selectDataKeys();
      const id = masterKeyId(masterKey);
      // Somebody has done it before, and was stopped by something else afterwards.
      if (rows.every((row) => row.masterId === id)) return true;
      const former = masterOf(rows).id;
      if (former !== order.from) return false;
      for (const row of rows) {
        const bytes = unwrapped(row, masterKeys);
        if (bytes === undefined) throw new StoreRefused(REPLACED);
        const wrapped = wrapDataKey(masterKey, { id: row.id, purpose: row.purpose, bytes }, random);
        yield* run(rewrap, wrapped, id, former, order.at, row.id);
      }
      yield* note('KEY_ROTATE', 'master', id, order);
      return true;
    },
  };
};

export type KeysTopic = ReturnType<typeof keysTopic>;
