import type { ConfigurationChange } from '@assent/engine/host';

/** What a document counts in addition to its JSON text: the memory of its entries in maps and lists. */
const BYTES_PER_DOCUMENT = 1_024;
const MEBIBYTE = 1_024 * 1_024;

/**
 * What one change of a caller may write. A tree is written with all its nodes whenever one of them changes, and each version is kept for journeys
 * that are on it: without this bound a change of a few bytes would write as much as the realm has.
 */
export const MEBIBYTES_OF_CHANGE = 2;

/**
 * How many JSON values a node, service, script or client of a caller's change may have, objects and lists counted with their members. What reads such a
 * document often compares the entries of its lists, so a long list costs more than its bytes say. A tree has a node in each entry, and is bounded by
 * its bytes alone.
 */
export const VALUES_OF_DOCUMENT = 5_000;

/**
 * How many journeys a realm may have. A check of one journey looks at which journeys all others run, and each journey is compiled and kept apart,
 * however small it is.
 */
export const JOURNEYS_OF_REALM = 1_000;

/**
 * How many inputs the nodes of one journey may declare: each step of a journey compares what it keeps with the inputs ahead of it, and a script may
 * declare thousands.
 */
export const INPUTS_OF_JOURNEY = 20_000;

/** Documents of one realm by kind and key. */
export type RealmDocuments = ReadonlyMap<string, object>;

/** A caller's change of the configuration writes more than it may (SEC-93). */
export abstract class ConfigurationTooLarge extends Error {}

/** @internal The caller's change would make the configuration of a realm larger than the server allows (SEC-93). */
export class RealmQuotaExceeded extends ConfigurationTooLarge {
  override readonly name = 'RealmQuotaExceeded';

  constructor(realm: string, mebibytes: number) {
    super(
      `The configuration of the realm ${realm} would be larger than ${mebibytes} MiB, the limit of this server. Delete documents that are not used, or ask the operator of the server to raise ASSENT_REALM_CONFIGURATION_MEBIBYTES.`,
    );
  }
}

/** @internal The caller's change would write more than one change may (SEC-93). */
export class ChangeTooLarge extends ConfigurationTooLarge {
  override readonly name = 'ChangeTooLarge';

  constructor() {
    super(
      `One change may write ${MEBIBYTES_OF_CHANGE} MiB, with the journeys that have a changed node and all their nodes. Split it, or make the nodes smaller.`,
    );
  }
}

/** @internal The caller's change would write a document with too many values (SEC-93). */
export class DocumentTooLong extends ConfigurationTooLarge {
  override readonly name = 'DocumentTooLong';

  constructor(key: string, values: number) {
    super(
      `The ${key} would have ${values} values, and ${VALUES_OF_DOCUMENT} are the most: each entry of a list and each member of an object counts. Shorten its longest list.`,
    );
  }
}

/** @internal The caller's change would give a realm more journeys than it may have (SEC-93). */
export class TooManyJourneys extends ConfigurationTooLarge {
  override readonly name = 'TooManyJourneys';

  constructor(realm: string, journeys: number) {
    super(
      `The realm ${realm} would have ${journeys} journeys, and ${JOURNEYS_OF_REALM.toLocaleString('en')} are the most. Delete journeys that are not used, or add this one to another realm.`,
    );
  }
}

const valuesOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, member) => sum + valuesOf(member), 1)
    : 1;

const sizes = new WeakMap<object, number>();
/** Bytes of the JSON text in UTF-8, measured once for each object. */
export const sizeOfDocument = (document: object): number => {
  let size = sizes.get(document);
  if (size === undefined) {
    size = Buffer.byteLength(JSON.stringify(document)) + BYTES_PER_DOCUMENT;
    sizes.set(document, size);
  }
  return size;
};
const sizeOfAll = (documents: RealmDocuments): number =>
  [...documents.values()].reduce((sum, document) => sum + sizeOfDocument(document), 0);

/** How a kind of document is named in {@link RealmDocuments}. */
export const documentKey = {
  service: ({ type }: { readonly type: string }) => `service ${type}`,
  script: ({ id }: { readonly id: string }) => `script ${id}`,
  node: ({ id }: { readonly id: string }) => `node ${id}`,
  tree: ({ name }: { readonly name: string }) => `tree ${name}`,
  client: ({ id }: { readonly id: string }) => `client ${id}`,
} as const;

/**
 * Throws {@link ChangeTooLarge} as soon as these documents are more than one change may write. What is made of documents one after the other stops
 * there: a node can stand in so many journeys that they take seconds to make.
 */
export const checkChangeSize = (documents: Iterable<object>): void => {
  let written = 0;
  for (const document of documents) {
    written += sizeOfDocument(document);
    if (written > MEBIBYTES_OF_CHANGE * MEBIBYTE) throw new ChangeTooLarge();
  }
};

const journeysIn = (documents: RealmDocuments): number => {
  let journeys = 0;
  for (const key of documents.keys()) if (key.startsWith('tree ')) journeys += 1;
  return journeys;
};

type Change = Omit<ConfigurationChange, 'type' | 'seenVersion'>;
interface Entry {
  readonly realm: string;
  readonly key: string;
}

const entries = <T extends { readonly realm: string }>(list: readonly T[] = [], keyOf: (document: T) => string) =>
  list.map((document) => ({ realm: document.realm, key: keyOf(document), document }));

const putBy = (change: Change): readonly (Entry & { readonly document: object })[] => [
  ...entries(change.putServices, documentKey.service),
  ...entries(change.putScripts, documentKey.script),
  ...entries(change.putNodes, documentKey.node),
  ...entries(change.publishTrees, documentKey.tree),
  ...entries(change.putClients, documentKey.client),
];
const deletedBy = (change: Change): readonly Entry[] => [
  ...entries(change.deleteServices, documentKey.service),
  ...entries(change.deleteScripts, documentKey.script),
  ...entries(change.deleteNodes, documentKey.node),
  ...entries(change.deleteTrees, documentKey.tree),
  ...entries(change.deleteClients, documentKey.client),
];

/**
 * Throws {@link RealmQuotaExceeded} where a change makes the documents of a realm larger than `mebibytes`, {@link ChangeTooLarge} where it writes too
 * much, {@link DocumentTooLong} where it writes a document with too many values, and {@link TooManyJourneys} where a realm gets too many journeys. What
 * is larger already may become smaller. Infinity is no limit at all.
 */
export const checkRealmQuota = (
  change: Change,
  documentsOf: (realm: string) => RealmDocuments,
  mebibytes: number,
): void => {
  const puts = putBy(change);
  if (Number.isFinite(mebibytes)) {
    checkChangeSize(puts.map(({ document }) => document));
    for (const { realm, key, document } of puts) {
      const values = key.startsWith('tree ') ? 0 : valuesOf(document);
      const stored = values > VALUES_OF_DOCUMENT ? documentsOf(realm).get(key) : undefined;
      if (values > Math.max(VALUES_OF_DOCUMENT, stored === undefined ? 0 : valuesOf(stored))) {
        throw new DocumentTooLong(key, values);
      }
    }
  }
  const deleted = deletedBy(change);
  for (const realm of new Set(puts.map((it) => it.realm))) {
    const before = realm === change.createRealm?.realm ? new Map<string, object>() : documentsOf(realm);
    const after = new Map(before);
    for (const it of deleted) if (it.realm === realm) after.delete(it.key);
    for (const it of puts) if (it.realm === realm) after.set(it.key, it.document);
    if (Number.isFinite(mebibytes)) {
      const journeys = journeysIn(after);
      if (journeys > Math.max(JOURNEYS_OF_REALM, journeysIn(before))) throw new TooManyJourneys(realm, journeys);
    }
    const size = sizeOfAll(after);
    if (size > mebibytes * MEBIBYTE && size > sizeOfAll(before)) throw new RealmQuotaExceeded(realm, mebibytes);
  }
};
