import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '@assent/engine';
import { auditChange, type Change, type Committer } from '@assent/engine/host';
import type { JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { OAuthChange } from '../model/changes.ts';
import type { SigningAlgorithm } from '../model/clients.ts';
import type { SigningKeyReader, SigningKeyRow } from '../model/signing-keys.ts';
import { kidOf, newPrivateKey, publicJwk } from './new-signing-key.ts';

const DAY = 24 * 3_600_000;

/** How long a key signs (spec: oidc §1.4). */
const SIGNS_MILLIS = 90 * DAY;

/** How long a key is shown before it signs: by then whoever keeps a key set has fetched it anew. */
const SHOWN_BEFORE_MILLIS = DAY;

/** A JWT cannot be called back, so none is good for longer, whatever the settings of a client say. */
export const MAX_SIGNED_MILLIS = 7 * DAY;

/** How long a key is shown that signs no more: for as long as anything is good that it has signed, and a day. */
const SHOWN_AFTER_MILLIS = MAX_SIGNED_MILLIS + DAY;

/** What tokens are signed with; a realm has a key for each. */
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = ['RS256', 'ES256'];

/** For how long a key is known that was read: what it has signed stays good, whatever becomes of it. */
const KNOWN_MILLIS = 60_000;

/**
 * So old the keys of a realm may be where one signs, or everybody is shown them. Other instances make and replace keys,
 * too, and a key that somebody may have got hold of signs nowhere a second later, as with the configuration (OPS-28). That is a read a second of a
 * realm that signs, beside the reads and the commit of each token.
 */
const FRESH_MILLIS = 1_000;

const MAX_REALMS = 1_000;
const MAX_KEYS = 4_000;

/** More than one round is needed where another instance was faster, or several things are due. */
const MAX_ROUNDS = 20;

/** Who has asked for a change of keys, as the trail has it. */
export interface RotationCause {
  readonly transactionId: string;
  /** In the place of a user: somebody at the machine itself. */
  readonly by?: 'command line';
}

/** What a key rotation is noted under that nobody asked for. */
const BY_ITSELF: RotationCause = { transactionId: 'key-rotation' };

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

interface KeysOfRealm {
  readonly readAt: number;
  readonly rows: readonly SigningKeyRow[];
}

export interface SigningKeyDependencies {
  readonly signingKeys: SigningKeyReader;
  readonly committer: Committer;
  readonly clock: Clock;
  /** In place of {@link newPrivateKey}, for tests. */
  readonly newPrivateKey?: (algorithm: SigningAlgorithm) => Promise<string>;
}

export interface RotatedKey {
  readonly algorithm: SigningAlgorithm;
  readonly kid: string;
  /** When it begins to sign, milliseconds. */
  readonly signsFrom: number;
}

const change = (it: OAuthChange): OAuthChange => it;

/**
 * The keys of every realm: made at first use, replaced every 90 days, and each shown before it signs and after it has, so that no
 * token is refused for a key that somebody does not know yet or no longer (OIDC-26). What is due is done by whoever needs a key
 * next; of two instances one does it, and the other reads what was done.
 */
export class SigningKeys {
  readonly #dependencies: SigningKeyDependencies;
  readonly #ofRealm = new LRUCache<string, KeysOfRealm>({ max: MAX_REALMS });
  /** To import a key costs what signing does. */
  readonly #imported = new LRUCache<string, SigningKey>({ max: MAX_KEYS });
  readonly #reading = new Map<string, Promise<KeysOfRealm>>();
  /** When a key was looked for that was not among them. */
  readonly #lookedForOthers = new LRUCache<string, number>({ max: MAX_REALMS });

  constructor(dependencies: SigningKeyDependencies) {
    this.#dependencies = dependencies;
  }

  /** The key that signs now. */
  async active(realm: string, algorithm: SigningAlgorithm): Promise<SigningKey> {
    const { rows } = await this.#keys(realm, FRESH_MILLIS);
    const row = rowOf(rows, algorithm, 'active');
    if (row === undefined) throw new Error(`The realm ${realm} has no key for ${algorithm}.`);
    return this.#import(row);
  }

  /** The key of that name, whatever its status; undefined where the realm has none. */
  async byKid(realm: string, kid: string): Promise<SigningKey | undefined> {
    const find = async (maxAge: number) => (await this.#keys(realm, maxAge)).rows.find((row) => row.kid === kid);
    const row = (await find(KNOWN_MILLIS)) ?? (await find(this.#maxAgeForOthers(realm)));
    return row && this.#import(row);
  }

  /**
   * Another instance may sign with a key that it has made since the keys were read here, and what it has signed is shown here at once: so a
   * name that nobody knows has them read, however lately that was; but once a second, since anybody can make names up.
   */
  #maxAgeForOthers(realm: string): number {
    const now = this.#dependencies.clock.now();
    const isLookedFor = now - (this.#lookedForOthers.get(realm) ?? Number.NEGATIVE_INFINITY) < FRESH_MILLIS;
    if (!isLookedFor) this.#lookedForOthers.set(realm, now);
    return isLookedFor ? FRESH_MILLIS : 0;
  }

  /** All keys of a realm as others see them (RFC 7517). */
  async publicKeys(realm: string): Promise<readonly JWK[]> {
    const { rows } = await this.#keys(realm, FRESH_MILLIS);
    return rows.map((row) => ({
      ...publicJwk(this.#import(row).publicKey),
      kid: row.kid,
      alg: row.algorithm,
      use: 'sig',
    }));
  }

  /** Replaces the keys of a realm by new ones that begin to sign in a day, or, where they must, at once. */
  async rotate(
    realm: string,
    { now: atOnce = false, cause = BY_ITSELF }: { readonly now?: boolean; readonly cause?: RotationCause } = {},
  ): Promise<readonly RotatedKey[]> {
    await this.#keys(realm, 0);
    const rotated: RotatedKey[] = [];
    for (const algorithm of SIGNING_ALGORITHMS) {
      const row = await this.#next(realm, algorithm, cause);
      const now = this.#dependencies.clock.now();
      const signsFrom = atOnce ? now : row.since + SHOWN_BEFORE_MILLIS;
      if (atOnce) await this.#activate(realm, row, cause);
      rotated.push({ algorithm, kid: row.kid, signsFrom });
    }
    await this.#keys(realm, 0);
    return rotated;
  }

  /** The key that is shown and does not sign yet; it is made where there is none. */
  async #next(realm: string, algorithm: SigningAlgorithm, cause: RotationCause): Promise<SigningKeyRow> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const rows = await this.#dependencies.signingKeys.ofRealm(realm);
      const row = rowOf(rows, algorithm, 'next');
      if (row !== undefined) return row;
      await this.#insert(realm, algorithm, 'next', cause);
    }
    throw new Error(`The next key of the realm ${realm} could not be made.`);
  }

  async #activate(realm: string, next: SigningKeyRow, cause: RotationCause): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const rows = await this.#dependencies.signingKeys.ofRealm(realm);
      const active = rowOf(rows, next.algorithm, 'active');
      if (active === undefined) break;
      if (active.kid === next.kid) return;
      await this.#rotateRows(next, active, cause);
    }
    throw new Error(`The key ${next.kid} of the realm ${realm} could not be made to sign.`);
  }

  async #keys(realm: string, maxAge: number): Promise<KeysOfRealm> {
    const known = this.#ofRealm.get(realm);
    if (known !== undefined && this.#dependencies.clock.now() - known.readAt < maxAge) return known;
    const others = this.#reading.get(realm);
    if (others !== undefined) return others;
    const reading = this.#readAndDoWhatIsDue(realm).finally(() => this.#reading.delete(realm));
    this.#reading.set(realm, reading);
    return reading;
  }

  async #readAndDoWhatIsDue(realm: string): Promise<KeysOfRealm> {
    const { signingKeys, clock } = this.#dependencies;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const readAt = clock.now();
      const rows = await signingKeys.ofRealm(realm);
      if (!(await this.#doWhatIsDue(realm, rows, readAt))) {
        const keys = { readAt, rows };
        this.#ofRealm.set(realm, keys);
        return keys;
      }
    }
    throw new Error(`The keys of the realm ${realm} could not be brought up to date.`);
  }

  /** Whether something was due; whether it was done here or by another instance, what is stored has changed. */
  async #doWhatIsDue(realm: string, rows: readonly SigningKeyRow[], now: number): Promise<boolean> {
    for (const algorithm of SIGNING_ALGORITHMS) {
      const active = rowOf(rows, algorithm, 'active');
      const next = rowOf(rows, algorithm, 'next');
      if (active === undefined) {
        await this.#insert(realm, algorithm, 'active', BY_ITSELF);
        return true;
      }
      if (next !== undefined && now >= next.since + SHOWN_BEFORE_MILLIS) {
        await this.#rotateRows(next, active, BY_ITSELF);
        return true;
      }
      if (next === undefined && now >= active.since + SIGNS_MILLIS - SHOWN_BEFORE_MILLIS) {
        await this.#insert(realm, algorithm, 'next', BY_ITSELF);
        return true;
      }
    }
    const over = rows.find(({ status, since }) => status === 'retired' && now >= since + SHOWN_AFTER_MILLIS);
    if (over === undefined) return false;
    await this.#commit(change({ type: 'signingKey.drop', realm, kid: over.kid }), over, 'KEY_DELETE', BY_ITSELF);
    return true;
  }

  async #insert(
    realm: string,
    algorithm: SigningAlgorithm,
    status: 'active' | 'next',
    cause: RotationCause,
  ): Promise<void> {
    const privateKey = await (this.#dependencies.newPrivateKey ?? newPrivateKey)(algorithm);
    const kid = await kidOf(privateKey);
    const at = this.#dependencies.clock.now();
    const row: SigningKeyRow = { realm, kid, algorithm, status, privateKey, createdAt: at, since: at };
    await this.#commit(change({ type: 'signingKey.insert', row }), row, 'KEY_CREATE', cause);
  }

  async #rotateRows(next: SigningKeyRow, active: SigningKeyRow, cause: RotationCause): Promise<void> {
    const at = this.#dependencies.clock.now();
    const { realm } = next;
    await this.#commit(
      change({ type: 'signingKey.rotate', realm, nextKid: next.kid, activeKid: active.kid, at }),
      next,
      'KEY_ROTATE',
      cause,
    );
  }

  /** One that does not apply was done by somebody else, and is read again. */
  async #commit(it: Change, row: SigningKeyRow, event: string, { transactionId, by }: RotationCause): Promise<void> {
    const { realm, kid, algorithm } = row;
    const at = this.#dependencies.clock.now();
    const detail = { kid, algorithm, ...(by !== undefined && { by }) };
    const audit = auditChange({ at, realm, transactionId }, event, { outcome: 'success', detail });
    await this.#dependencies.committer.commit([it, audit]);
  }

  #import({ realm, kid, algorithm, privateKey: pem }: SigningKeyRow): SigningKey {
    const place = `${realm} ${kid}`;
    const known = this.#imported.get(place);
    if (known !== undefined) return known;
    const privateKey = createPrivateKey(pem);
    const key: SigningKey = { kid, algorithm, privateKey, publicKey: createPublicKey(privateKey) };
    this.#imported.set(place, key);
    return key;
  }
}

const rowOf = (
  rows: readonly SigningKeyRow[],
  algorithm: SigningAlgorithm,
  status: SigningKeyRow['status'],
): SigningKeyRow | undefined => rows.find((row) => row.algorithm === algorithm && row.status === status);
