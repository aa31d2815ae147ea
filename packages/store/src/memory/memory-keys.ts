import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '@assent/engine/host';
import { isSigningKind, type KeyKind, type SigningKind, UNHEARD_MILLIS } from '../ports/key-kinds.ts';
import type { KeyOrder, KeyRing, KeyState, Keys } from '../ports/keys.ts';
import { StoreRefused } from '../ports/store.ts';

interface HeldKey extends KeyState {
  readonly kind: SigningKind;
  readonly bytes: Uint8Array;
}

interface MemoryKeysOptions {
  readonly append: (event: AuditEvent) => void;
  /** Instances that were seen since, by the version of the keys that they know. */
  readonly unheard: (seenAfter: number, version: number) => readonly string[];
  readonly holds: (holder: string, now: number) => boolean;
}

const KEY_BYTES = 32;

/** Nothing is sealed here, so that there are keys that sign, and no others. */
export const memoryKeys = ({ append, unheard, holds }: MemoryKeysOptions): Keys => {
  const keys: HeldKey[] = [];
  let version = 0;

  const ofKind = (kind: KeyKind) => keys.filter((it) => it.kind === kind);
  const signing = (kind: KeyKind): SigningKind => {
    if (isSigningKind(kind)) return kind;
    throw new StoreRefused(`A store in memory seals nothing, and has no key of the kind ${kind}.`);
  };
  const put = (key: HeldKey): void => {
    const at = keys.findIndex(({ kind, id }) => kind === key.kind && id === key.id);
    if (at < 0) keys.push(key);
    else keys[at] = key;
  };
  const note = (event: string, kind: KeyKind, id: number, { at, transactionId, by }: KeyOrder): void => {
    version += 1;
    const detail = { kind, kid: String(id), ...(by !== undefined && { by }) };
    append({ at, event, realm: '/', transactionId, outcome: 'success', detail });
  };
  const ringOf = (kind: SigningKind): KeyRing => {
    const active = () => ofKind(kind).find(({ status }) => status === 'active');
    const isGood = ({ status }: KeyState) => status !== 'retired';
    return {
      active() {
        const key = active();
        if (key === undefined) throw new StoreRefused(`There is no key of the kind ${kind}.`);
        return { id: String(key.id), bytes: key.bytes };
      },
      find: (id) => ofKind(kind).find((it) => String(it.id) === id && isGood(it))?.bytes,
      good: () =>
        [active(), ...ofKind(kind).filter((it) => it.status !== 'active' && isGood(it))].flatMap(
          (it) => it?.bytes ?? [],
        ),
    };
  };
  const rings = new Map<SigningKind, KeyRing>();
  const stateOf = ({ bytes: _, ...state }: HeldKey): KeyState => state;

  return {
    async ring(kind) {
      if (ofKind(kind).length === 0)
        put({ kind, id: 1, status: 'active', bytes: new Uint8Array(randomBytes(KEY_BYTES)) });
      const ring = rings.get(kind) ?? ringOf(kind);
      rings.set(kind, ring);
      return ring;
    },
    version: () => version,
    refresh: async () => version,
    list: async () => keys.map(stateOf),
    records: async () => 0,
    async announce(given, { goodFor, ...order }) {
      const kind = signing(given);
      const known = ofKind(kind).find(({ status }) => status === 'next');
      if (known !== undefined) {
        const said = { ...known, ...(goodFor !== undefined && { goodFor }) };
        put(said);
        return stateOf(said);
      }
      const id = Math.max(0, ...ofKind(kind).map((it) => it.id)) + 1;
      const bytes = new Uint8Array(randomBytes(KEY_BYTES));
      const next: HeldKey = {
        kind,
        id,
        status: 'next',
        createdAt: order.at,
        since: order.at,
        bytes,
        ...(goodFor !== undefined && { goodFor }),
      };
      put(next);
      note('KEY_CREATE', kind, id, order);
      return stateOf(next);
    },
    async activate(kind, { goodFor, atOnce, ...order }) {
      const next = ofKind(kind).find(({ status }) => status === 'next');
      if (next === undefined) return false;
      const { at } = order;
      const waitsFor = atOnce === true ? [] : unheard(at - UNHEARD_MILLIS, version);
      if (waitsFor.length > 0) return { waitsFor };
      const life = next.goodFor ?? goodFor;
      for (const key of ofKind(kind).filter(({ status }) => status === 'active')) {
        put(
          life > 0
            ? { ...key, status: 'retiring', since: at, goodUntil: at + life }
            : { ...key, status: 'retired', since: at },
        );
      }
      put({ ...next, status: 'active', since: at });
      note('KEY_ROTATE', kind, next.id, order);
      return true;
    },
    async retire(kind, id, order) {
      const key = ofKind(kind).find((it) => it.id === id && it.status === 'retiring');
      if (key === undefined) return false;
      const { goodUntil: _, ...others } = key;
      put({ ...others, status: 'retired', since: order.at });
      note('KEY_RETIRE', kind, id, order);
      return true;
    },
    async destroy(kind, id, order) {
      const at = keys.findIndex((it) => it.kind === kind && it.id === id && it.status === 'retired');
      if (at < 0) return false;
      keys.splice(at, 1);
      note('KEY_DELETE', kind, id, order);
      return true;
    },
    reseal: async ({ holder, at }) => (holds(holder, at) ? { rows: 0, isPass: true } : undefined),
    master: async () => undefined,
    changeMaster: async () => {
      throw new StoreRefused('A store in memory seals nothing, and has no master key.');
    },
  };
};
