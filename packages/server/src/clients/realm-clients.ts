import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RealmSettings } from '@assent/engine';
import {
  type ClientDocument,
  type PlaceholderSource,
  type PublishedTree,
  type ServiceDocument,
  STEPS_OF_REQUEST,
  type TreeReading,
} from '@assent/engine/host';
import { nodeCatalogue } from '@assent/nodes';
import type { OAuthClient, ProviderSettings } from '@assent/oidc';
import { PROVIDER_TYPE } from '@assent/wire';
import { LRUCache } from 'lru-cache';
import { issuerOf } from '../realms/issuer.ts';
import { treeOfAcrIn, waysOfClasses } from './acr-classes.ts';
import { originsOfDocument, type ReadClient, readClient } from './client-of-document.ts';
import { type ReadProvider, readProvider } from './provider-of-document.ts';

/** What of the configuration in force clients and providers are made of. */
export interface ClientConfiguration {
  realm(path: string): RealmSettings | undefined;
  service(realm: string, type: string): ServiceDocument | undefined;
  client(realm: string, id: string): ClientDocument | undefined;
  clients(realm: string): readonly ClientDocument[];
  trees(realm: string): readonly PublishedTree[];
}

/** What the trees of all realms are read by. */
interface RealmReading {
  readonly catalogue: TreeReading['catalogue'];
  readonly placeholderValue?: PlaceholderSource;
}

/** Clients and origins that are read in one turn of the event loop: 1 to 2 milliseconds of work. */
export const READ_IN_TURN = 200;

/** More realms than any installation has; beyond it providers are made once for each load. */
const MAX_REALMS = 10_000;

interface MadeProvider {
  readonly service: ServiceDocument | undefined;
  /** The settings of the realm as JSON. */
  readonly text: string;
  readonly trees: readonly PublishedTree[];
  readonly provider: ReadProvider;
}

const isSameList = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((it, at) => it === other[at]);

/**
 * The clients and the provider of each realm, as they count here. Each is made of its document once, and again when the configuration
 * has been loaded anew.
 */
export class RealmClients {
  readonly #configuration: ClientConfiguration;
  readonly #publicUrl: string;
  readonly #reading: RealmReading;
  /** Of one load of the configuration: the next one brings other settings, with what belongs to them. */
  readonly #providers = new WeakMap<RealmSettings, ReadProvider>();
  /** What each was made of: the next load takes the same one where nothing of it has changed, so that no client is read again. */
  readonly #madeOf = new LRUCache<string, MadeProvider>({ max: MAX_REALMS });
  readonly #clients = new WeakMap<ClientDocument, { readonly provider: ReadProvider; readonly read: ReadClient }>();

  /** Origins need the document of a client alone: a change of the provider or of a journey reads none again. */
  readonly #originsOfClients = new WeakMap<ClientDocument, readonly string[]>();
  readonly #origins = new WeakMap<RealmSettings, ReadonlySet<string>>();
  readonly #originsUnderWay = new WeakMap<RealmSettings, Promise<void>>();

  constructor(
    configuration: ClientConfiguration,
    publicUrl: string,
    reading: RealmReading = { catalogue: nodeCatalogue },
  ) {
    this.#configuration = configuration;
    this.#publicUrl = publicUrl;
    this.#reading = reading;
  }

  find(realm: string, id: string): OAuthClient | undefined {
    return this.read(realm, id)?.client;
  }

  /** The client with what does not work of it. */
  read(realm: string, id: string): ReadClient | undefined {
    const settings = this.#configuration.realm(realm);
    const stored = this.#configuration.client(realm, id);
    if (settings === undefined || stored === undefined) return undefined;
    const provider = this.provider(settings);
    const made = this.#clients.get(stored);
    if (made?.provider === provider) return made.read;
    const read = readClient(stored, provider);
    this.#clients.set(stored, { provider, read });
    return read;
  }

  settings(realm: RealmSettings): ProviderSettings {
    return this.provider(realm).settings;
  }

  /** Whether it is the origin of an application that the realm has: its pages may call. */
  isOrigin(settings: RealmSettings, origin: string): boolean {
    return this.#originsOf(settings).has(origin);
  }

  /**
   * Reads the origins of all clients of a realm in turns of the event loop, once for each load of the configuration; undefined where that
   * is done. Requests that come meanwhile share the work. A preflight needs no client and no session, so any caller can start it (SEC-93).
   */
  readOrigins(settings: RealmSettings): Promise<void> | undefined {
    if (this.#origins.has(settings)) return undefined;
    const underWay = this.#originsUnderWay.get(settings);
    if (underWay !== undefined) return underWay;
    const begun = this.#readInTurns(settings);
    this.#originsUnderWay.set(settings, begun);
    return begun;
  }

  async #readInTurns(settings: RealmSettings): Promise<void> {
    const origins = new Set<string>();
    let read = 0;
    for (const client of this.#configuration.clients(settings.realm)) {
      const ofClient = this.#originsOfClient(client);
      for (const origin of ofClient) origins.add(origin);
      read += 1 + ofClient.length;
      if (read < READ_IN_TURN) continue;
      await nextTurn();
      read = 0;
    }
    this.#origins.set(settings, origins);
  }

  #originsOfClient(client: ClientDocument): readonly string[] {
    const made = this.#originsOfClients.get(client);
    if (made !== undefined) return made;
    const origins = originsOfDocument(client);
    this.#originsOfClients.set(client, origins);
    return origins;
  }

  #originsOf(settings: RealmSettings): ReadonlySet<string> {
    const made = this.#origins.get(settings);
    if (made !== undefined) return made;
    const clients = this.#configuration.clients(settings.realm);
    const origins = new Set(clients.flatMap((client) => this.#originsOfClient(client)));
    this.#origins.set(settings, origins);
    return origins;
  }

  /** The provider with what does not work of it. */
  provider(settings: RealmSettings): ReadProvider {
    const made = this.#providers.get(settings);
    if (made !== undefined) return made;
    const service = this.#configuration.service(settings.realm, PROVIDER_TYPE._id);
    const trees = this.#configuration.trees(settings.realm);
    const earlier = this.#madeOf.get(settings.realm);
    const text = JSON.stringify(settings);
    if (earlier?.service === service && earlier?.text === text && isSameList(earlier.trees, trees)) {
      this.#providers.set(settings, earlier.provider);
      return earlier.provider;
    }
    const document = service?.config ?? {};
    const { catalogue, placeholderValue } = this.#reading;
    const waysOfAcr = waysOfClasses(treeOfAcrIn(document), () => ({
      catalogue,
      ...(placeholderValue && { placeholderValue: placeholderValue(settings.realm) }),
      trees,
      maxSteps: STEPS_OF_REQUEST,
    }));
    const provider = readProvider(document, settings, issuerOf(this.#publicUrl, settings.realm), waysOfAcr);
    this.#providers.set(settings, provider);
    this.#madeOf.set(settings.realm, { service, text, trees, provider });
    return provider;
  }
}
