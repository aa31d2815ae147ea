import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  Bindings,
  bindIdentities,
  bindPasswords,
  bindThrottle,
  type Clock,
  clock as clockPort,
  identities as identitiesPort,
  Journeys,
  type NodeDefinition,
  passwords as passwordsPort,
  type Random,
  random as randomPort,
  TextCatalogue,
  throttle as throttlePort,
} from '@assent/engine';
import { nodeCatalogue } from '@assent/nodes';
import {
  bindPushDevices,
  bindPushMessages,
  bindRecoveryCodes,
  bindSkipSettings,
  localHints,
  type MessageChange,
  type PushDependencies,
  phoneEndpoint,
  pushDevices as pushDevicesPort,
  pushDispatcher,
  pushMessages as pushMessagesPort,
  realmTransports,
  recoveryCodes as recoveryCodesPort,
  relay,
  relayTransport,
  skipSettings as skipSettingsPort,
  snsTransport,
} from '@assent/push';
import { createPasswordHasher, type Store } from '@assent/store';
import type { FastifyInstance } from 'fastify';
import { AuthIdSigner } from './auth-id-signer.ts';
import { createApp } from './http/app.ts';
import { Cookies } from './http/cookies.ts';
import { OriginRules } from './http/origin-rules.ts';
import { RouteTable } from './http/route-table.ts';
import { LiveConfiguration } from './live-configuration.ts';
import { LiveSessions } from './live-sessions.ts';
import { createLog, journeyLog, type Logger } from './log.ts';
import { openStore } from './open-store.ts';
import { isAllowedRedirect } from './redirects.ts';
import { authenticateRoutes } from './routes/authenticate.ts';
import { devicesRoutes } from './routes/devices.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addPageRoutes } from './routes/pages.ts';
import { pushRoutes } from './routes/push.ts';
import { serverInfoRoutes } from './routes/server-info.ts';
import { sessionsRoutes } from './routes/sessions.ts';
import { usersRoutes } from './routes/users.ts';
import { DEMO_USER, seed } from './seed.ts';
import { newSessionToken } from './session-tokens.ts';
import type { Settings } from './settings.ts';
import { systemClock, systemRandom } from './system-ports.ts';

export interface ComposeOptions {
  readonly settings: Settings;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Opened by the settings where absent; the composition closes it either way. */
  readonly store?: Store;
  /** How hard passwords are to hash; anything but the default is for tests and measurements. */
  readonly hashCost?: 'owasp' | 'cheap-for-tests';
  /** Beside the catalogue and the modules that the settings name. */
  readonly nodes?: readonly NodeDefinition[];
}

/** What the first screen may promise, because it answers. */
export interface FirstScreen {
  readonly login: string;
  readonly phone?: string;
  readonly designer?: string;
  readonly account?: string;
  readonly demoUser?: { readonly name: string; readonly password: string };
  /** Only when it was generated now. */
  readonly adminPassword?: string;
  readonly data: string;
  readonly off: readonly string[];
}

/** A composed server. */
export interface Assent {
  readonly publicUrl: string;
  readonly store: Store;
  /** For tests: requests without a socket. */
  readonly app: FastifyInstance;
  readonly configuration: LiveConfiguration;
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Finishes what is under way, closes streams, and lets go of the store. */
  stop(): Promise<void>;
  readonly firstScreen: FirstScreen;
}

const SWEEP_MILLIS = 30_000;
const SWEEP_ROWS = 500;
const REFRESH_MILLIS = 1_000;
const RECOVER_MILLIS = 2_000;

/** Some phones refuse codes and messages without a cookie to stick to a server; ours are all alike. */
const LOAD_BALANCER_COOKIE = 'amlbcookie=01';

/** Node definitions of an operator's own modules (setting `nodes`). */
const loadNodes = async (modules: readonly string[]): Promise<readonly NodeDefinition[]> => {
  const definitions: NodeDefinition[] = [];
  for (const name of modules) {
    const module = (await import(name)) as Readonly<Record<string, unknown>>;
    const found = Object.values(module).filter(
      (value): value is NodeDefinition =>
        typeof value === 'object' && value !== null && 'type' in value && 'process' in value,
    );
    if (found.length === 0) throw new TypeError(`The module ${name} (setting nodes) exports no node definition.`);
    definitions.push(...found);
  }
  return definitions;
};

const webRoot = (): string => join(dirname(createRequire(import.meta.url).resolve('@assent/web/package.json')), 'dist');

/** Binds every port to its implementation: the one place that knows them all. */
export const compose = async (options: ComposeOptions): Promise<Assent> => {
  const { settings, clock = systemClock, random = systemRandom } = options;
  const log = options.log ?? createLog(settings.logLevel);
  const store = options.store ?? (await openStore(settings));
  const hasher = createPasswordHasher({
    concurrency: availableParallelism(),
    queue: 4 * availableParallelism(),
    ...(options.hashCost && { cost: options.hashCost }),
  });
  const { adminPassword } = await seed(store, hasher, settings, () => random.uuid());
  const configuration = await LiveConfiguration.open(store.configuration);

  const hints = localHints((cause) => log.error({ err: cause }, 'A listener of a hint failed.'));
  const transports = realmTransports({
    configuration,
    relay: relayTransport(hints),
    sns: (service) =>
      snsTransport({
        settings: service,
        clock,
        random,
        wait: (millis) => wait(millis),
        ...(settings.snsEndpoint !== undefined && { endpoint: settings.snsEndpoint }),
      }),
  });
  const dispatcher = pushDispatcher({
    transports,
    messages: store.messages,
    committer: store.committer,
    clock,
    log: { warn: (msg, fields) => log.warn(fields, msg) },
    wait: (millis) => wait(millis, undefined, { ref: false }),
  });
  const push: PushDependencies = {
    messages: store.messages,
    devices: store.devices,
    throttles: store.throttles,
    identities: store.identities,
    configuration,
    transports,
    dispatcher,
    hints,
    clock,
    random,
    publicUrl: settings.publicUrl,
    loadBalancerCookie: LOAD_BALANCER_COOKIE,
    codePepper: await store.secrets.getOrCreate('recovery-code-pepper', () => randomBytes(32)),
  };

  const bindings = new Bindings()
    .bind(clockPort, () => clock)
    .bind(randomPort, () => random)
    .bind(identitiesPort, bindIdentities(store.identities))
    .bind(passwordsPort, bindPasswords(store.identities, hasher, store.throttles, clock))
    .bind(throttlePort, bindThrottle(store.throttles, clock))
    .bind(pushMessagesPort, bindPushMessages(push))
    .bind(pushDevicesPort, bindPushDevices(push))
    .bind(skipSettingsPort, bindSkipSettings(push))
    .bind(recoveryCodesPort, bindRecoveryCodes(push));

  const catalogue = new Map(nodeCatalogue);
  for (const definition of [...(options.nodes ?? []), ...(await loadNodes(settings.nodes))]) {
    catalogue.set(definition.type, definition);
  }
  const journeys = new Journeys({
    configuration,
    catalogue,
    bindings,
    committer: store.committer,
    journeySessions: store.journeySessions,
    identities: store.identities,
    clock,
    random,
    texts: new TextCatalogue(),
    log: journeyLog(log),
    newToken: newSessionToken,
    digest: (text) => createHash('sha256').update(text).digest('base64url'),
    isAllowedRedirect: (url, realm) => isAllowedRedirect(url, realm, settings.publicUrl),
    changesAtEnd: (journeyId) => [{ verb: 'push.closeJourney', journeyId, reason: 'ended' } satisfies MessageChange],
  });

  const cookies = new Cookies(settings);
  const sessions = new LiveSessions(store.sessions, store.committer, clock);
  const signer = new AuthIdSigner(await store.secrets.getOrCreate('auth-id-key', () => randomBytes(32)));
  const { identities, committer, devices } = store;
  const streams = new Set<() => void>();
  const origins = new OriginRules(settings.publicUrl, settings.corsOrigins);
  const routes = new RouteTable(
    authenticateRoutes({ journeys, signer, cookies, sessions, configuration, identities }),
    sessionsRoutes({ sessions, cookies, clock, configuration, identities }),
    usersRoutes({ sessions, cookies, settings }),
    devicesRoutes({ sessions, cookies, identities, devices, committer, clock, random }),
    serverInfoRoutes(settings),
    pushRoutes({
      phones: phoneEndpoint({ ...push, committer }),
      relay: relay({ ...push, committer }),
      log,
      streams,
    }),
  );
  const app = createApp({ settings, configuration, routes, origins, log });
  let isStopping = false;
  addHealthRoutes(app, settings.contextPath, store, () => isStopping);
  const pages = addPageRoutes(app, settings.contextPath, webRoot(), settings.publicUrl);
  await app.ready();

  const timers: NodeJS.Timeout[] = [];
  /** Background work: one run at a time, off the request path, and a failure only costs this run. */
  const every = (millis: number, what: string, run: () => Promise<unknown>): void => {
    let isRunning = false;
    const timer = setInterval(() => {
      if (isRunning) return;
      isRunning = true;
      run()
        .catch((error: unknown) => log.error({ err: error }, what))
        .finally(() => {
          isRunning = false;
        });
    }, millis);
    timer.unref();
    timers.push(timer);
  };

  const page = (name: string) => (pages.names.includes(name) ? `${settings.publicUrl}/${name}` : undefined);
  const phone = page('phone');
  const designer = page('admin');
  const account = page('account');
  const hasDemo = settings.seed === 'demo' && (await identities.find('/', DEMO_USER.name)) !== undefined;
  const served = transports.served('/');

  return {
    publicUrl: settings.publicUrl,
    store,
    app,
    configuration,
    async listen() {
      await app.listen({ host: settings.host, port: settings.port });
      const address = app.server.address();
      await dispatcher.recover();
      every(SWEEP_MILLIS, 'Expired rows could not be swept.', async () => {
        while ((await store.sweep(clock.now(), SWEEP_ROWS)) === SWEEP_ROWS);
      });
      every(REFRESH_MILLIS, 'The configuration could not be read.', () => configuration.refresh());
      every(RECOVER_MILLIS, 'Unsent messages could not be read.', () => dispatcher.recover());
      const port = typeof address === 'object' && address !== null ? address.port : settings.port;
      return { host: settings.host, port };
    },
    async stop() {
      isStopping = true;
      for (const timer of timers) clearInterval(timer);
      for (const end of streams) end();
      await app.close();
      await dispatcher.idle();
      await store.close();
    },
    firstScreen: {
      login: `${settings.publicUrl}/login`,
      ...(phone !== undefined && { phone }),
      ...(designer !== undefined && { designer }),
      ...(account !== undefined && { account }),
      ...(hasDemo && { demoUser: DEMO_USER }),
      ...(adminPassword !== undefined && { adminPassword }),
      data: settings.databaseUrl === 'memory:' ? 'in memory (nothing is kept)' : `${settings.dataDir} (SQLite)`,
      off: [...(served.includes('gcm') && served.includes('apns') ? [] : ['Amazon SNS (not configured)'])],
    },
  };
};
