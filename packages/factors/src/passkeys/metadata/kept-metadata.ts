import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Clock, madeOnce } from '@assent/engine';
import { type FairQueue, fairQueue, type Timer } from '@assent/engine/host';
import { type RealmSenders, readDocument } from '@assent/push';
import type { RevocationList } from '../../certificates/revocation-list.ts';
import type {
  AuthenticatorMetadataChange,
  AuthenticatorMetadataReader,
  AuthenticatorMetadataRow,
} from '../../model/authenticator-metadata.ts';
import type { ModelMetadata } from '../trust/model-metadata.ts';
import type { PasskeyLibrary } from '../verification/passkey-library.ts';
import { type MetadataLibrary, verifyMetadataBlob } from './metadata-blob.ts';
import { RealmCache } from './realm-cache.ts';

/** For so long an edition counts as the last one. */
const FRESH_MILLIS = 24 * 3_600_000;
/** So soon an instance sees what another one has kept, and asks again an address that did not answer. */
const LOOK_MILLIS = 10 * 60_000;
const TIMEOUT_MILLIS = 20_000;
/** That of the FIDO Alliance has eight million, most of them pictures. */
const MAX_BLOB_BYTES = 12 * 1_024 * 1_024;
/** Of what is kept of it: without pictures it has less than a million. */
const MAX_KEPT_LENGTH = 4 * 1_024 * 1_024;
/** Characters of all editions of all realms in memory. */
const MAX_EDITIONS_LENGTH = 64 * 1_024 * 1_024;
/**
 * Characters of all editions of one realm, 16 times what the FIDO Alliance publishes. An edition above it is left out: a realm that names 20 large
 * ones would otherwise evict and parse them again for each request.
 */
const MAX_EDITIONS_LENGTH_OF_REALM = 16 * 1_024 * 1_024;
/** What an edition counts at least, so that the number of editions without models is bounded, too. */
const MIN_EDITION_LENGTH = 16 * 1_024;
/**
 * Addresses that are read at once: one of a realm, so that a realm whose addresses do not answer holds up only itself (SEC-93). A realm may name 20, and
 * all of them may wait.
 */
const READS = {
  concurrency: 4,
  concurrencyOfRealm: 1,
  most: 256,
  mostOfRealm: 32,
  deadlineMillis: TIMEOUT_MILLIS,
};

/** Where a realm has metadata read, and by what it counts. */
export interface MetadataSource {
  readonly realm: string;
  /** Of the address in the realm's list. */
  readonly place: number;
  readonly address: string;
  /** Named by the operator of the server, and not by the realm. */
  readonly isOfServer?: true;
  /** PEM; that of the FIDO Alliance where empty. */
  readonly roots: string;
  readonly signer: string;
  /** Absent where it need not be known that the signer is still good. */
  readonly revocationLists?: (() => Promise<readonly RevocationList[]>) | undefined;
}

export interface KeptMetadataOptions {
  readonly rows: AuthenticatorMetadataReader;
  readonly committer: {
    commit(changes: readonly AuthenticatorMetadataChange[]): Promise<{ readonly committed: boolean }>;
  };
  readonly requests: RealmSenders;
  readonly library: PasskeyLibrary;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void };
}

type Models = ReadonlyMap<string, ModelMetadata>;

interface Edition {
  readonly source: string;
  readonly models: Models | undefined;
  readonly lookAt: number;
  /** Characters that the models were read from. */
  readonly length: number;
}

/**
 * Metadata of authenticators as it was verified last, by whichever instance: read at the first use and once a day, kept in the store, and given
 * up for no earlier edition (spec: webauthn §5.4).
 */
export class KeptMetadata {
  readonly #with: KeptMetadataOptions;
  readonly #editions = new RealmCache<Edition>({
    maxSize: MAX_EDITIONS_LENGTH,
    maxSizeOfRealm: MAX_EDITIONS_LENGTH_OF_REALM,
    sizeOf: ({ length }) => sizeOfEdition(length),
  });
  readonly #underWay = new Map<string, Promise<Edition>>();
  readonly #queue: FairQueue;
  /**
   * One blob after the other is read, since it is large: at most as many wait as addresses are read at once. Lists of revoked certificates are read
   * before, so that a realm whose lists do not answer holds up only itself.
   */
  #reading: Promise<unknown> = Promise.resolve();
  #loading: Promise<unknown> = Promise.resolve();

  constructor(options: KeptMetadataOptions) {
    this.#with = options;
    this.#queue = fairQueue({ ...READS, timer: options.timer });
  }

  /**
   * The model by the first of the realm's sources that knows it; undefined where none does. A caller that does not wait gets what is in memory, and
   * starts the reading for the next caller.
   */
  async modelOf(
    sources: readonly MetadataSource[],
    aaguid: string,
    options: { readonly waits: boolean },
  ): Promise<ModelMetadata | undefined> {
    for (const source of sources) {
      const model = (await this.#models(source, sources, options))?.get(aaguid);
      if (model !== undefined) return model;
    }
    return undefined;
  }

  async #models(
    source: MetadataSource,
    sources: readonly MetadataSource[],
    { waits }: { readonly waits: boolean },
  ): Promise<Models | undefined> {
    const { realm, place } = source;
    const mark = sourceMark(source);
    const known = this.#editions.get(realm, place);
    const usable = known?.source === mark ? known : undefined;
    if (usable !== undefined && this.#with.clock.now() < usable.lookAt) return usable.models;
    // Editions of addresses that the realm no longer names take no room.
    const marks = sources.map(sourceMark);
    this.#editions.retain(realm, (at, edition) => marks[at] === edition.source);
    const name = `${realm}\0${place}\0${mark}`;
    const looking = this.#underWay.get(name) ?? this.#look(source, mark, usable);
    this.#underWay.set(name, looking);
    const done = looking.finally(() => this.#underWay.delete(name));
    // What there is stays good while somebody looks for more.
    if (usable?.models !== undefined || !waits) {
      done.catch((cause: unknown) => this.#warn(source, cause));
      return usable?.models;
    }
    return (await done).models;
  }

  async #look(source: MetadataSource, mark: string, before: Edition | undefined): Promise<Edition> {
    const { rows, clock } = this.#with;
    const stored = await rows.get(source.realm, source.place);
    const row = stored?.source === mark ? stored : undefined;
    const isDue = row === undefined || clock.now() >= row.readAt + FRESH_MILLIS;
    const read = isDue ? await this.#readInTurn(source, mark, row) : row;
    return this.#inTurnOfLoop(() => {
      const { models, length } = read === undefined ? (before ?? NO_EDITION) : this.#load(source, read);
      const edition = { source: mark, models, lookAt: clock.now() + LOOK_MILLIS, length };
      this.#editions.set(source.realm, source.place, edition);
      return edition;
    });
  }

  #load(source: MetadataSource, row: AuthenticatorMetadataRow): Pick<Edition, 'models' | 'length'> {
    const { realm, place } = source;
    const { length } = row.models;
    if (this.#editions.hasRoomFor(realm, place, sizeOfEdition(length))) return { models: modelsOf(row), length };
    const bound = `The editions of the realm have together more than ${MAX_EDITIONS_LENGTH_OF_REALM} characters: name fewer addresses.`;
    this.#warn(source, new Error(bound));
    return NO_EDITION;
  }

  /** Without a place in the queue, what is stored stays good; where nothing is stored, the caller is refused and may retry. */
  async #readInTurn(
    source: MetadataSource,
    mark: string,
    row: AuthenticatorMetadataRow | undefined,
  ): Promise<AuthenticatorMetadataRow | undefined> {
    try {
      return await this.#queue({ realm: source.realm }, () => this.#readAnew(source, mark, row));
    } catch (cause) {
      if (row === undefined) throw cause;
      this.#warn(source, cause);
      return row;
    }
  }

  /** What is stored stays where the address does not answer, or answers with what is not signed as it has to be, or is older. */
  async #readAnew(
    source: MetadataSource,
    mark: string,
    row: AuthenticatorMetadataRow | undefined,
  ): Promise<AuthenticatorMetadataRow | undefined> {
    const { requests, clock, rows, committer } = this.#with;
    const { realm, place, address, roots, signer } = source;
    try {
      const blob = await readDocument(address, {
        requests: requests.of(realm),
        timeoutMillis: TIMEOUT_MILLIS,
        maxBytes: MAX_BLOB_BYTES,
        mayBeFile: source.isOfServer === true,
      });
      const now = clock.now();
      const { revocationLists } = source;
      const verified = await verifyMetadataBlob(blob, { roots, signer, revocationLists, now }, this.#libraryOf(realm));
      const { no, nextUpdate, models } = verified;
      if (row !== undefined && no < row.no)
        throw new Error(`It is number ${no}, and number ${row.no} was there before.`);
      const text = JSON.stringify(models);
      if (text.length > MAX_KEPT_LENGTH) throw new Error(`It says more of models than ${MAX_KEPT_LENGTH} characters.`);
      const next = { realm, place, source: mark, no, nextUpdate, readAt: now, models: text };
      const { committed } = await committer.commit([{ type: 'metadata.keep', row: next }]);
      // Another instance has a later one meanwhile.
      return committed ? next : await rows.get(realm, place);
    } catch (cause) {
      this.#warn(source, cause);
      return row;
    }
  }

  #libraryOf(realm: string): MetadataLibrary {
    const { library } = this.#with;
    return {
      metadataRoots: () => library.metadataRoots(),
      judgeChain: (call) => library.inLane({ realm }).judgeChain(call),
      readMetadata: (call) => this.#inTurn(() => library.readMetadata(call)),
    };
  }

  /** One edition in a turn of the event loop: parsing 4 MiB takes some 10 ms. */
  #inTurnOfLoop<T>(load: () => T): Promise<T> {
    const turn = this.#loading.then(() => setImmediate()).then(load);
    this.#loading = turn.catch(() => undefined);
    return turn;
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(read);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  #warn({ realm, address }: MetadataSource, cause: unknown): void {
    this.#with.log.warn('The metadata of authenticators cannot be read anew.', { realm, address, cause });
  }
}

const NO_EDITION: Pick<Edition, 'models' | 'length'> = { models: undefined, length: 0 };

const sizeOfEdition = (length: number): number => Math.max(length, MIN_EDITION_LENGTH);

/** Names what a stored edition was verified by: an edition of another address, root or signer does not count. */
export const sourceMark = madeOnce(({ address, roots, signer, revocationLists }: MetadataSource): string =>
  createHash('sha256')
    .update(JSON.stringify([address, roots, signer, revocationLists !== undefined]))
    .digest('base64url'),
);

const modelsOf = ({ models }: AuthenticatorMetadataRow): Models =>
  new Map((JSON.parse(models) as readonly ModelMetadata[]).map((model) => [model.aaguid, model]));
