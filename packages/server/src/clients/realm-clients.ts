import type { RealmSettings } from '@assent/engine';
import type { ClientDocument, ServiceDocument } from '@assent/engine/host';
import type { OAuthClient, ProviderSettings } from '@assent/oidc';
import { PROVIDER_TYPE } from '@assent/wire';
import { issuerOf } from '../realms/issuer.ts';
import { isLoopback } from '../settings/loopback.ts';
import { type ReadClient, readClient } from './client-of-document.ts';
import { type ReadProvider, readProvider } from './provider-of-document.ts';

/** What of the configuration in force clients and providers are made of. */
export interface ClientConfiguration {
  realm(path: string): RealmSettings | undefined;
  service(realm: string, type: string): ServiceDocument | undefined;
  client(realm: string, id: string): ClientDocument | undefined;
  clients(realm: string): readonly ClientDocument[];
}

/** The origins of a realm's applications. */
interface Origins {
  readonly exact: ReadonlySet<string>;
  /** Of applications on this machine that get whichever port is free: without it (RFC 8252 §7.3). */
  readonly onAnyPort: ReadonlySet<string>;
}

/** The origin of a page on this machine without its port; undefined for any other. */
const withoutLoopbackPort = (origin: string): string | undefined => {
  if (!URL.canParse(origin)) return undefined;
  const { protocol, hostname } = new URL(origin);
  return isLoopback(hostname) ? `${protocol}//${hostname}` : undefined;
};

/**
 * The clients and the provider of each realm, as they count here. Each is made of its document once, and again when the configuration
 * has been loaded anew.
 */
export class RealmClients {
  readonly #configuration: ClientConfiguration;
  readonly #publicUrl: string;
  /** Of one load of the configuration: the next one brings other settings, with what belongs to them. */
  readonly #providers = new WeakMap<RealmSettings, ReadProvider>();
  readonly #clients = new WeakMap<ClientDocument, { readonly provider: ReadProvider; readonly read: ReadClient }>();

  readonly #origins = new WeakMap<RealmSettings, Origins>();

  constructor(configuration: ClientConfiguration, publicUrl: string) {
    this.#configuration = configuration;
    this.#publicUrl = publicUrl;
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
    const { exact, onAnyPort } = this.#originsOf(settings);
    return exact.has(origin) || onAnyPort.has(withoutLoopbackPort(origin) ?? '');
  }

  #originsOf(settings: RealmSettings): Origins {
    const made = this.#origins.get(settings);
    if (made !== undefined) return made;
    const clients = this.#configuration
      .clients(settings.realm)
      .flatMap(({ id }) => this.find(settings.realm, id) ?? [])
      .filter(({ isActive }) => isActive);
    const origins = {
      exact: new Set(clients.flatMap((client) => client.origins)),
      onAnyPort: new Set(
        clients.flatMap((client) =>
          client.anyLoopbackPort ? client.origins.flatMap((it) => withoutLoopbackPort(it) ?? []) : [],
        ),
      ),
    };
    this.#origins.set(settings, origins);
    return origins;
  }

  /** The provider with what does not work of it. */
  provider(settings: RealmSettings): ReadProvider {
    const made = this.#providers.get(settings);
    if (made !== undefined) return made;
    const document = this.#configuration.service(settings.realm, PROVIDER_TYPE._id)?.config ?? {};
    const provider = readProvider(document, settings, issuerOf(this.#publicUrl, settings.realm));
    this.#providers.set(settings, provider);
    return provider;
  }
}
