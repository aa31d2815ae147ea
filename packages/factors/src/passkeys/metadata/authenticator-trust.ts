import type { X509Certificate } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { type Configuration, madeOnce } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import { cachedDocuments } from '@assent/push';
import { readCertificates } from '../../certificates/certificates.ts';
import { type RevocationList, readRevocationList } from '../../certificates/revocation-list.ts';
import {
  type MetadataSettings,
  readMetadataSettings,
  readTrustStores,
  WEBAUTHN_METADATA_SERVICE,
} from '../trust/metadata-service.ts';
import type { ModelMetadata } from '../trust/model-metadata.ts';
import { KeptMetadata, type KeptMetadataOptions, type MetadataSource } from './kept-metadata.ts';

/** What a realm goes by where authenticators say what they are: of that realm alone (WA-21). */
export interface AuthenticatorTrust {
  /** None where the realm has no such store. */
  rootsUnder(alias: string): readonly X509Certificate[];
  /** One that cannot be read is left out, so that what it would speak for is not known to be good. */
  revocationLists(): Promise<readonly RevocationList[]>;
  /**
   * What the FIDO Alliance says of the model: undefined where nobody has told of it. Who does not wait gets what is at hand: a page that is shown
   * waits for no other server.
   */
  modelOf(aaguid: string, options?: { readonly waits: boolean }): Promise<ModelMetadata | undefined>;
}

export interface AuthenticatorTrustDependencies extends KeptMetadataOptions {
  readonly configuration: Pick<Configuration, 'service'>;
  /** Files that the operator of the server has named; none where absent. */
  readonly files?: TrustFiles;
}

/** Paths of documents that count for each realm with the service, after those that the realm names. */
export interface TrustFiles {
  readonly metadata: readonly string[];
  readonly revocationLists: readonly string[];
}

const MIB = 1_024 * 1_024;
/** A realm may name 20 lists. Those of authorities have some kilobytes, and few have more than one MiB. */
const LIST_BOUNDS = { one: 2 * MIB, ofRealm: 8 * MIB, all: 64 * MIB };
/** They count once for all realms. */
const OF_SERVER = '';

const NO_FILES: TrustFiles = { metadata: [], revocationLists: [] };

const addressesOf = (paths: readonly string[]): readonly string[] => paths.map((path) => pathToFileURL(path).href);

type TrustStores = ReadonlyMap<string, readonly X509Certificate[]>;

export type AuthenticatorTrusts = (realm: string) => AuthenticatorTrust;

/** The trust of each realm, as its service says (spec: webauthn §8.2). */
export const authenticatorTrusts = (dependencies: AuthenticatorTrustDependencies): AuthenticatorTrusts => {
  const { configuration, requests, clock, log, files = NO_FILES } = dependencies;
  const reading = { requests, clock, timer: dependencies.timer, bounds: LIST_BOUNDS, parse: readRevocationList };
  const listsAt = cachedDocuments(reading);
  const listsOfServer = cachedDocuments({
    ...reading,
    bounds: { ...LIST_BOUNDS, ofRealm: LIST_BOUNDS.all },
    mayBeFile: true,
  });
  const kept = new KeptMetadata(dependencies);

  const storesOf = madeOnce(({ realm, config }: ServiceDocument): TrustStores => {
    const { success, data, error: cause } = readTrustStores(config);
    if (!success) log.warn('The realm trusts no authenticator: its trust stores cannot be read.', { realm, cause });
    const texts = Object.entries(data?.trustStores ?? {}).filter(([, text]) => text.trim() !== '');
    return new Map(texts.map(([alias, text]) => [alias, readCertificates(text)]));
  });
  const metadataOf = madeOnce(({ realm, config }: ServiceDocument): MetadataSettings | undefined => {
    const { success, data, error: cause } = readMetadataSettings(config);
    if (!success)
      log.warn('The realm has no metadata of authenticators: its service cannot be read.', { realm, cause });
    return data;
  });

  const revocationListsOf = async (realm: string, settings: MetadataSettings): Promise<readonly RevocationList[]> => {
    const read = async (lists: typeof listsAt, owner: string, addresses: readonly string[]) =>
      (await lists.read(owner, addresses)).flatMap((it, at) => {
        if (it.status === 'fulfilled') return [it.value];
        const { reason: cause } = it;
        log.warn('A list of revoked certificates cannot be read.', { realm, address: addresses[at], cause });
        return [];
      });
    const all = [
      read(listsAt, realm, settings.revocationLists),
      read(listsOfServer, OF_SERVER, addressesOf(files.revocationLists)),
    ];
    return (await Promise.all(all)).flat();
  };
  const sourcesOf = madeOnce((document: ServiceDocument): readonly MetadataSource[] => {
    const { realm } = document;
    const settings = metadataOf(document);
    if (settings === undefined) return [];
    return metadataSources(realm, settings, () => revocationListsOf(realm, settings), files.metadata);
  });

  return (realm) => {
    const stored = configuration.service(realm, WEBAUTHN_METADATA_SERVICE);
    const settings = stored && metadataOf(stored);
    return {
      rootsUnder(alias) {
        return (stored && storesOf(stored).get(alias)) ?? [];
      },
      async revocationLists() {
        return settings === undefined ? [] : revocationListsOf(realm, settings);
      },
      async modelOf(aaguid, options = { waits: true }) {
        return stored && kept.modelOf(sourcesOf(stored), aaguid, options);
      },
    };
  };
};

/** In the order in which they are asked. */
export const metadataSources = (
  realm: string,
  settings: MetadataSettings,
  revocationLists: MetadataSource['revocationLists'] = () => Promise.resolve([]),
  files: readonly string[] = [],
): readonly MetadataSource[] =>
  [
    ...settings.fidoMetadataServiceUris.map((address) => ({ address })),
    ...addressesOf(files).map((address) => ({ address, isOfServer: true as const })),
  ].map((source, place) => ({
    realm,
    place,
    ...source,
    roots: settings.metadataRoots,
    signer: settings.metadataSigner,
    ...(settings.enforceRevocationCheck && { revocationLists }),
  }));
