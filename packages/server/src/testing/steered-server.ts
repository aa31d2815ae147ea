import { Writable } from 'node:stream';
import type { PasswordHasher } from '@assent/engine';
import type { Committer, EngineChange } from '@assent/engine/host';
import { type SimulatedClock, simulatedClock } from '@assent/engine/testing';
import { createPasswordHasher, type Store } from '@assent/store';
import { configuring } from '@assent/store/testing';
import type { LoginView } from '@assent/wire';
import { type Assent, compose } from '../composition/compose.ts';
import { equipmentOf } from '../journeys/realm-equipment.ts';
import { createLog } from '../platform/log.ts';
import { openStore } from '../platform/open-store.ts';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { recordedTraceId } from '../tracing/spans.ts';
import type { Point } from './interleaving.ts';

export const TEST_ADMINISTRATOR = Object.freeze({ name: 'amadmin', password: 'steered-server' });

/** The key of a webhook that is handed the audit trail. */
const TEST_SINK_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

export interface SteeredServerOptions {
  /** Part of the public URL, also where nothing listens. */
  readonly port: number;
  /** Where a proxy would stand, and nobody seeds a demo user; this machine where absent. */
  readonly publicUrl?: string;
  /** SQLite in that directory; in memory where absent. */
  readonly dataDir?: string;
  /** PostgreSQL, beside which a directory has no database. */
  readonly databaseUrl?: string;
  /** The clock of another instance; one of its own where absent. */
  readonly clock?: SimulatedClock;
  readonly redisUrl?: string;
  readonly snsEndpoint?: string;
  /** Hosts that may be called though their addresses are private. */
  readonly privateHosts?: readonly string[];
  /** Allows plain http beyond what this machine alone reaches, and calls to this machine. */
  readonly insecure?: boolean;
  readonly sessionCookiePrefix?: 'none' | '__Host-';
  readonly hashCost?: 'owasp' | 'cheap-for-tests';
  /** Off where absent, also without the demo: most suites administer by a password. */
  readonly adminSecondFactor?: boolean;
  readonly trustedProxies?: readonly string[];
  /** Whose pages may call the root realm. */
  readonly corsOrigins?: readonly string[];
  readonly managementPort?: number;
  readonly metricsTokenFile?: string;
  readonly securityTxt?: string;
  /** Where placeholders in settings get their values; nowhere where absent. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Which secrets of that environment which realm may use. */
  readonly realmSecrets?: readonly string[];
  readonly realmConfigurationMebibytes?: number;
  /** Files with metadata of authenticators. */
  readonly authenticatorMetadataFiles?: readonly string[];
  /** Where the audit trail is sent on to. A webhook is signed with a key of 32 nines. */
  readonly auditSink?: string;
  /** Of the built pages where absent. */
  readonly loginView?: LoginView;
  /** The least severe that is logged; `info` where absent. */
  readonly logLevel?: string;
  /** Runs before each commit and each work on a password, and is waited for: a way to get in between. */
  readonly between?: (point: Point) => Promise<void>;
}

/** The production composition under a clock that stands still until somebody moves it. */
export interface SteeredServer {
  readonly assent: Assent;
  readonly clock: SimulatedClock;
  /** What was logged, oldest first. */
  readonly logged: () => readonly Readonly<Record<string, unknown>>[];
  /** What was logged since this was asked last, which nobody sees again: a long run would fill the memory with it. */
  takeLogged(): readonly Readonly<Record<string, unknown>>[];
  createUser(realm: string, username: string, password: string): Promise<void>;
  attributes(realm: string, username: string): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Sets attributes behind the back of the server, as an import does. */
  setAttributes(
    realm: string,
    username: string,
    attributes: Readonly<Record<string, readonly string[]>>,
  ): Promise<void>;
  /** A realm with the shipped journeys and no service. */
  createRealm(realm: string): Promise<void>;
  /** An unusable configuration stands for a service that was taken away. */
  setPushService(realm: string, config: Readonly<Record<string, unknown>>): Promise<void>;
}

type Between = NonNullable<SteeredServerOptions['between']>;

const interruptedStore = (store: Store, between: Between): Store => ({
  ...store,
  committer: {
    async commit(changes) {
      await between(changes);
      return store.committer.commit(changes);
    },
  },
});

const interruptedHasher = (hasher: PasswordHasher, between: Between): PasswordHasher => ({
  needsRehash: (hash) => hasher.needsRehash(hash),
  async hash(password, ...waiting) {
    await between('hash');
    return hasher.hash(password, ...waiting);
  },
  async verify(hash, password, ...waiting) {
    await between('verify');
    return hasher.verify(hash, password, ...waiting);
  },
});

/** Composes a server for tests; nothing listens before `assent.listen()`. */
export const steeredServer = async (options: SteeredServerOptions): Promise<SteeredServer> => {
  const { settings } = await loadSettings({
    flags: {
      port: options.port,
      ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
      ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
      ...((options.databaseUrl !== undefined || options.dataDir === undefined) && {
        databaseUrl: options.databaseUrl ?? 'memory:',
      }),
      // A provider on this machine without TLS is allowed with it alone.
      ...(options.snsEndpoint !== undefined && { snsEndpoint: options.snsEndpoint, insecure: true }),
      ...(options.insecure !== undefined && { insecure: options.insecure }),
      ...(options.sessionCookiePrefix !== undefined && { sessionCookiePrefix: options.sessionCookiePrefix }),
      ...(options.privateHosts !== undefined && { privateHosts: options.privateHosts.join(',') }),
      ...(options.trustedProxies !== undefined && { trustedProxies: options.trustedProxies.join(',') }),
      ...(options.authenticatorMetadataFiles !== undefined && {
        authenticatorMetadataFiles: options.authenticatorMetadataFiles.join(','),
      }),
      ...(options.realmConfigurationMebibytes !== undefined && {
        realmConfigurationMebibytes: options.realmConfigurationMebibytes,
      }),
      ...(options.realmSecrets !== undefined && { realmSecrets: options.realmSecrets.join(',') }),
      ...(options.corsOrigins !== undefined && { corsOrigins: options.corsOrigins.join(',') }),
      ...(options.managementPort !== undefined && { managementPort: options.managementPort }),
      ...(options.metricsTokenFile !== undefined && { metricsTokenFile: options.metricsTokenFile }),
      ...(options.securityTxt !== undefined && { securityTxt: options.securityTxt }),
      ...(options.redisUrl !== undefined && { redisUrl: options.redisUrl }),
      adminSecondFactor: options.adminSecondFactor ?? false,
      ...(options.auditSink !== undefined && { auditSink: options.auditSink }),
      // The demo user is for this machine alone.
      seed: options.publicUrl === undefined ? 'demo' : 'none',
    },
    env: {
      ASSENT_ADMIN_PASSWORD: TEST_ADMINISTRATOR.password,
      ASSENT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      ...(options.auditSink?.startsWith('http') === true && { ASSENT_AUDIT_SINK_SECRET: TEST_SINK_SECRET }),
    },
  });
  const lines: Readonly<Record<string, unknown>>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Readonly<Record<string, unknown>>);
      done();
    },
  });
  // Starts at the real time, so that certificates, cookies and file times make sense beside it.
  const clock = options.clock ?? simulatedClock(Date.now());
  const store = await openStore(settings);
  const hasher = createPasswordHasher({ cost: options.hashCost ?? 'cheap-for-tests' });
  const assent = await compose({
    settings,
    store: options.between ? interruptedStore(store, options.between) : store,
    clock,
    hasher: options.between ? interruptedHasher(hasher, options.between) : hasher,
    environment: options.environment ?? {},
    ...(options.loginView && { loginView: options.loginView }),
    log: createLog({ level: options.logLevel ?? 'info', destination, traceId: recordedTraceId }),
  });

  const write = async (committer: Committer, change: EngineChange): Promise<void> => {
    if (!(await committer.commit([change])).committed) throw new Error(`${change.type} was refused`);
  };
  const identityOf = async (realm: string, username: string) => {
    const identity = await store.identities.find(realm, username);
    if (identity === undefined) throw new RangeError(`there is no user ${username} in ${realm}`);
    return identity;
  };

  return {
    assent,
    clock,
    logged: () => lines,
    takeLogged: () => lines.splice(0),
    async createUser(realm, username, password) {
      const hash = await hasher.hash(password, { realm: '/' });
      const id = crypto.randomUUID();
      await write(store.committer, { type: 'identity.insert', id, realm, username, hash, attributes: {} });
    },
    attributes: async (realm, username) => (await identityOf(realm, username)).attributes,
    async setAttributes(realm, username, attributes) {
      const { id, rev } = await identityOf(realm, username);
      await write(store.committer, { type: 'identity.attributes', id, seenRev: rev, attributes });
    },
    async createRealm(realm) {
      const { publishTrees, putNodes } = equipmentOf(realm);
      const createRealm = newRealmSettings(realm, settings.publicUrl);
      await configuring(store).change({ createRealm, publishTrees, putNodes });
      await assent.configuration.refresh();
    },
    async setPushService(realm, config) {
      await configuring(store).saveService({ realm, type: 'pushNotification', config });
      await assent.configuration.refresh();
    },
  };
};
