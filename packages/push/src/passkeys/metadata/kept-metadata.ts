import { createHash } from 'node:crypto';
import type { Clock } from '@assent/engine';
import { type FairQueue, fairQueue, type Timer } from '@assent/engine/host';
import type { RevocationList } from '../../certificates/revocation-list.ts';
import type {
  AuthenticatorMetadataChange,
  AuthenticatorMetadataReader,
  AuthenticatorMetadataRow,
} from '../../model/authenticator-metadata.ts';
import type { RealmSenders } from '../../outbound/guarded-requests.ts';
import { readDocument } from '../../outbound/read-document.ts';
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
    sizeOf: ({ length }) => Math.max(length, MIN_EDITION_LENGTH),
  });
  readonly #underWay = new Map<string, Promise<Edition>>();
  readonly #queue: FairQueue;
  readonly #library: MetadataLibrary;
  /**
   * One blob after the other is read, since it is large: at most as many wait as addresses are read at once. Lists of revoked certificates are read
   * before, so that a realm whose lists do not answer holds up only itself.
   */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: KeptMetadataOptions) {
    this.#with = options;
    const { library } = options;
    this.#library = {
      metadataRoots: () => library.metadataRoots(),
      judgeChain: (call) => library.judgeChain(call),
      readMetadata: (call) => this.#inTurn(() => library.readMetadata(call)),
    };
    this.#queue = fairQueue({ ...READS, timer: options.timer });
  }

  /**
   * By AAGUID what there is; undefined where there is no metadata, and nobody knows anything. Who does not wait gets what is at hand, and sees to
   * it that the next one has more.
   */
  async models(source: MetadataSource, { waits }: { readonly waits: boolean }): Promise<Models | undefined> {
    const { realm, place } = source;
    const mark = sourceMark(source);
    const known = this.#editions.get(realm, place);
    const usable = known?.source === mark ? known : undefined;
    if (usable !== undefined && this.#with.clock.now() < usable.lookAt) return usable.models;
    const name = `${realm}\0${place}\0${mark}`;
    const looking =
      this.#underWay.get(name) ??
      this.#look(source, mark, usable).then((edition) => {
        this.#editions.set(realm, place, edition);
        return edition;
      });
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
    const models = read === undefined ? before?.models : modelsOf(read);
    const length = read?.models.length ?? before?.length ?? 0;
    return { source: mark, models, lookAt: clock.now() + LOOK_MILLIS, length };
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
      const verified = await verifyMetadataBlob(blob, { roots, signer, revocationLists, now }, this.#library);
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

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(read);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  #warn({ realm, address }: MetadataSource, cause: unknown): void {
    this.#with.log.warn('The metadata of authenticators cannot be read anew.', { realm, address, cause });
  }
}

/** Whoever changes one of them goes by another source. */
export const sourceMark = ({ address, roots, signer, revocationLists }: MetadataSource): string =>
  createHash('sha256')
    .update(JSON.stringify([address, roots, signer, revocationLists !== undefined]))
    .digest('base64url');

const modelsOf = ({ models }: AuthenticatorMetadataRow): Models =>
  new Map((JSON.parse(models) as readonly ModelMetadata[]).map((model) => [model.aaguid, model]));
