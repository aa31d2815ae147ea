import { createHmac, hash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import {
  backChannels as backChannelsPort,
  type Clock,
  type NodeDefinition,
  type PasswordHasher,
  type Random,
  type RealmSettings,
} from '@assent/engine';
import { backChannelsAdapter, Journeys, variableOfPlaceholder } from '@assent/engine/host';
import {
  cookieKey as cookieKeyPort,
  journeyMetrics as journeyMetricsPort,
  keyFiles as keyFilesPort,
  scripts as scriptsPort,
  templateMailer as templateMailerPort,
} from '@assent/nodes';
import { type DeviceChange, type MessageChange, phoneEndpoint, pushResends, relay } from '@assent/push';
import { bindScripts, Sandbox } from '@assent/scripting';
import { createPasswordHasher, type Store } from '@assent/store';
import type { LoginView } from '@assent/wire';
import type { FastifyInstance } from 'fastify';
import { AuthIdSigner } from '../authentication/auth-id-signer.ts';
import { KnownBrowsers } from '../authentication/known-browsers.ts';
import { LiveSessions } from '../authentication/live-sessions.ts';
import { passwordCheck } from '../authentication/password-check.ts';
import { newSessionToken } from '../authentication/session-tokens.ts';
import { createApp } from '../http/app.ts';
import { Cookies } from '../http/cookies.ts';
import { JsonApi } from '../http/json-api.ts';
import { OriginRules } from '../http/origin-rules.ts';
import { PublicHost } from '../http/public-host.ts';
import { RouteTable } from '../http/route-table.ts';
import { backChannelLinks } from '../journeys/back-channel-links.ts';
import { catalogueWith, loadCustomNodes } from '../journeys/custom-nodes.ts';
import { textCatalogue } from '../journeys/custom-texts.ts';
import { JourneyFigures } from '../journeys/journey-metrics.ts';
import { nodePorts } from '../journeys/node-ports.ts';
import { PhoneWaits } from '../journeys/phone-waits.ts';
import { logTreeFindingsAtStart, realmsUnderCheck, treeFindings } from '../journeys/tree-findings.ts';
import { AccountNotices } from '../mail/account-notices.ts';
import { RealmMail } from '../mail/realm-mail.ts';
import { smtpMailer } from '../mail/smtp-mailer.ts';
import { addLoginPageRoutes } from '../pages/login-page.ts';
import { openLoginView } from '../pages/login-view.ts';
import { pageContexts } from '../pages/page-context.ts';
import { addPageRoutes } from '../pages/pages.ts';
import { addPhonePageRoutes, hasPhonePage } from '../pages/phone-page.ts';
import { BackgroundWork } from '../platform/background-work.ts';
import { dataDirectoryKeys } from '../platform/key-files.ts';
import { createLog, journeyLog, type Logger } from '../platform/log.ts';
import { openStore } from '../platform/open-store.ts';
import { QrThread } from '../platform/qr-thread.ts';
import { sealAlarm } from '../platform/seal-alarm.ts';
import { after, every, systemClock, systemRandom } from '../platform/system-ports.ts';
import { ConfigurationWrites } from '../realms/configuration-writes.ts';
import { LiveConfiguration } from '../realms/live-configuration.ts';
import { isAllowedRedirect } from '../realms/redirects.ts';
import { resumeLink } from '../realms/resume-link.ts';
import { authenticateRoutes } from '../routes/authenticate/authenticate.ts';
import { resendRoutes } from '../routes/authenticate/resend.ts';
import { waitStreamRoutes } from '../routes/authenticate/wait-stream.ts';
import { absentConfigurationRoutes } from '../routes/configuration/absent-configuration.ts';
import { emailTemplatesRoutes } from '../routes/configuration/email-templates.ts';
import { realmAuthenticationRoutes } from '../routes/configuration/realm-authentication.ts';
import { realmsRoutes } from '../routes/configuration/realms.ts';
import { servicesRoutes } from '../routes/configuration/services.ts';
import { deviceProfilesRoutes } from '../routes/devices/device-profiles.ts';
import { devicesRoutes } from '../routes/devices/devices.ts';
import { addOAuth2Routes } from '../routes/oauth2/oauth2.ts';
import { pushRoutes } from '../routes/push/push.ts';
import { scriptsRoutes } from '../routes/scripts/scripts.ts';
import { addHealthRoutes, healthRoutes } from '../routes/server/health.ts';
import { metricsRoutes } from '../routes/server/metrics.ts';
import { serverInfoRoutes } from '../routes/server/server-info.ts';
import { sessionsRoutes } from '../routes/sessions/sessions.ts';
import { nodesRoutes } from '../routes/trees/nodes.ts';
import { treesRoutes } from '../routes/trees/trees.ts';
import { activityRoutes } from '../routes/users/activity.ts';
import { usersRoutes } from '../routes/users/users.ts';
import type { Settings } from '../settings/settings.ts';
import { composePush } from './compose-push.ts';
import { type FirstScreen, firstScreen } from './first-screen.ts';
import { seed } from './seed.ts';

export interface ComposeOptions {
  readonly settings: Settings;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Opened by the settings where absent; the composition closes it either way. */
  readonly store?: Store;
  /** At OWASP's cost where absent; any other is for tests and measurements, and no setting chooses one. */
  readonly hasher?: PasswordHasher;
  /** Where placeholders in the settings of nodes get their values; of the process where absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Beside the catalogue and the modules that the settings name. */
  readonly nodes?: readonly NodeDefinition[];
  /** Draws the login page; of the built pages where absent. */
  readonly loginView?: LoginView;
}

/** A composed server. */
export interface Assent {
  readonly publicUrl: string;
  readonly store: Store;
  /** For tests: requests without a socket. */
  readonly app: FastifyInstance;
  readonly configuration: LiveConfiguration;
  /** All that it answers to, as `METHOD path`; a path of `json` or `oauth2` has that of a realm before its resource. */
  readonly routes: readonly string[];
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Finishes what is under way, closes streams, and lets go of the store. */
  stop(): Promise<void>;
  readonly firstScreen: FirstScreen;
}

const sha256 = (text: string): string => hash('sha256', text, 'base64url');

const SWEEP_MILLIS = 30_000;
const SWEEP_ROWS = 500;
const REFRESH_MILLIS = 1_000;
const RECOVER_MILLIS = 2_000;

const webRoot = (): string => join(dirname(createRequire(import.meta.url).resolve('@assent/web/package.json')), 'dist');

/** Binds every port to its implementation: the one place that knows them all. */
export const compose = async (options: ComposeOptions): Promise<Assent> => {
  const ownNodes = await loadCustomNodes(options.settings.nodes, process.cwd());
  const store = options.store ?? (await openStore(options.settings));
  try {
    return await composeOver(store, { ...options, nodes: [...(options.nodes ?? []), ...ownNodes] });
  } catch (error) {
    await store.close();
    throw error;
  }
};

const composeOver = async (store: Store, options: ComposeOptions): Promise<Assent> => {
  const { settings, clock = systemClock, random = systemRandom, hasher = createPasswordHasher() } = options;
  const log = options.log ?? createLog(settings.logLevel);
  store.watchSeals(sealAlarm({ committer: store.committer, clock, log }));
  const seeded = await seed(store, hasher, settings, { clock, random });
  const configuration = await LiveConfiguration.open(store.configuration);
  const push = await composePush({ settings, store, configuration, clock, random, log });

  const { identities, devices, oathDevices } = store;
  const mailer = smtpMailer();
  const { publicUrl } = settings;
  const notices = new AccountNotices({ configuration, identities, mailer, log, publicUrl });
  const committer = notices.over(store.committer);
  const cookies = new Cookies(settings);
  const figures = new JourneyFigures();
  const realmMail = new RealmMail({ configuration, mailer, log });
  const persistentCookieKey = await store.secrets.getOrCreate('persistent-cookie-key', () => randomBytes(32));
  const environment = options.environment ?? process.env;
  const placeholderValue = (name: string) => environment[variableOfPlaceholder(name) ?? ''];
  // No thread is started before the first script comes.
  const sandbox = new Sandbox({ workers: Math.min(4, availableParallelism()) });
  const catalogue = catalogueWith(options.nodes ?? []);
  for (const realm of realmsUnderCheck(await store.configuration.load())) {
    logTreeFindingsAtStart(log, realm, treeFindings(realm, { catalogue, placeholderValue }));
  }
  const mayLeadTo = (url: string, realm: RealmSettings) => isAllowedRedirect(url, realm, settings.publicUrl);
  const submitCodeKey = await store.secrets.getOrCreate('submit-code-key', () => randomBytes(32));
  const journeys = new Journeys({
    configuration,
    catalogue,
    bindings: nodePorts({ store, push, hasher, mailer, digest: sha256 })
      .bind(scriptsPort, bindScripts({ configuration, sandbox, random }))
      .bind(cookieKeyPort, () => ({ key: () => persistentCookieKey }))
      .bind(keyFilesPort, () => dataDirectoryKeys(settings.dataDir))
      .bind(journeyMetricsPort, figures.bind)
      .bind(templateMailerPort, realmMail.bind)
      .bind(
        backChannelsPort,
        backChannelsAdapter({
          reader: store.backChannels,
          configuration,
          clock,
          random,
          digest: sha256,
          links: backChannelLinks(settings.publicUrl),
        }),
      ),
    placeholderValue,
    committer,
    journeySessions: store.journeySessions,
    backChannels: store.backChannels,
    identities,
    clock,
    random,
    texts: textCatalogue(join(settings.dataDir, 'texts'), catalogue),
    log: journeyLog(log),
    newToken: newSessionToken,
    digest: sha256,
    isAllowedRedirect: mayLeadTo,
    submitCode: (text) => createHmac('sha256', submitCodeKey).update(text).digest('base64url'),
    resumeLink: (journey) =>
      resumeLink(configuration.realm(journey.realm)?.externalLoginPageUrl || `${settings.publicUrl}/login`, journey),
    isReservedCookie: (name) => cookies.isReserved(name),
    changesAtEnd: (journeyId) => [
      { type: 'push.closeJourney', journeyId, reason: 'ended' } satisfies MessageChange,
      { type: 'device.discard', journeyId } satisfies DeviceChange,
    ],
  });

  const sessions = new LiveSessions(store.sessions, committer, clock);
  const signer = new AuthIdSigner(await store.secrets.getOrCreate('auth-id-key', () => randomBytes(32)));
  const browserKey = await store.secrets.getOrCreate('known-browser-key', () => randomBytes(32));
  const browsers = new KnownBrowsers(browserKey, { cookies, clock, random });
  const streams = new Set<() => void>();
  const waits = new PhoneWaits({ watch: { ...push, after }, every, log, streams });
  const resends = pushResends({ ...push, committer });
  const writes = new ConfigurationWrites(store.configuration, configuration, committer);
  const callers = { sessions, cookies, identities, adminSecondFactor: settings.adminSecondFactor };
  const administration = { ...callers, configuration, writes, committer, clock };
  const journeyConfiguration = { ...administration, catalogue, placeholderValue, random, log };
  const hasPhone = hasPhonePage(webRoot());
  let isStopping = false;
  const health = { store, isStopping: () => isStopping };
  const routes = new RouteTable(
    healthRoutes(health),
    authenticateRoutes({
      journeys,
      signer,
      cookies,
      browsers,
      sessions,
      configuration,
      identities,
      hasher,
      isAllowedRedirect: mayLeadTo,
      pages: pageContexts({ journeys, messages: push.messages, devices, resends, throttles: push.throttles, clock }),
    }),
    waitStreamRoutes({ journeys, signer, cookies, waits }),
    resendRoutes({ journeys, signer, cookies, resends, clock }),
    sessionsRoutes({ ...callers, clock, configuration }),
    usersRoutes({
      ...callers,
      browsers,
      settings,
      devices,
      oathDevices,
      configuration,
      committer,
      hasher,
      checkPassword: passwordCheck({
        identities,
        hasher,
        throttles: store.throttles,
        isKnownSource: push.isKnownSource,
        clock,
        digest: sha256,
        committer,
      }),
      clock,
      random,
    }),
    activityRoutes({ ...callers, audit: store.audit, clock }),
    deviceProfilesRoutes({ ...callers, committer, clock }),
    // Before the services, whose names any would be.
    absentConfigurationRoutes(administration),
    servicesRoutes({ ...administration, log, publicUrl: settings.publicUrl, contextPath: settings.contextPath }),
    realmsRoutes({ ...administration, store, publicUrl: settings.publicUrl }),
    realmAuthenticationRoutes({ ...administration, log }),
    devicesRoutes({
      ...callers,
      devices,
      oathDevices,
      configuration,
      committer,
      clock,
      random,
      codePepper: push.codePepper,
    }),
    scriptsRoutes({ ...administration, random, sandbox, log }),
    treesRoutes(journeyConfiguration),
    nodesRoutes(journeyConfiguration),
    serverInfoRoutes({ publicUrl: settings.publicUrl, hasPhone }),
    emailTemplatesRoutes({ ...administration, log }),
    metricsRoutes({ ...callers, figures }),
    pushRoutes({
      phones: phoneEndpoint({ ...push, committer }),
      relay: relay({ ...push, committer }),
      log,
      streams,
    }),
  );
  const origins = new OriginRules(settings.publicUrl, settings.corsOrigins);
  const ownHost = new PublicHost(settings, (host) => configuration.realmPathOfHost(host) !== undefined);
  const api = new JsonApi({ settings, configuration, routes, origins, ownHost, log });
  const app = createApp({ settings, api, ownHost, log });
  const pageRoutes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    if (!url.endsWith('*'))
      for (const name of [method].flat()) pageRoutes.push(`${name} ${url.slice(settings.contextPath.length)}`);
  });
  addHealthRoutes(app, settings.contextPath, health);
  const oauth2 = addOAuth2Routes(app, { ...settings, configuration, origins });
  const pages = addPageRoutes(app, settings.contextPath, webRoot(), settings.publicUrl);
  const qrThread = new QrThread(webRoot());
  const loginView = options.loginView ?? (await openLoginView(webRoot()));
  if (loginView !== undefined) {
    const { contextPath: context } = settings;
    addLoginPageRoutes(app, {
      view: loginView,
      context,
      publicUrl,
      routes,
      configuration,
      hasPhone,
      log,
      origins,
      renderQr: (text) => qrThread.render(text),
      held: { journeys, signer, waits },
    });
  }
  addPhonePageRoutes(app, {
    context: settings.contextPath,
    webRoot: webRoot(),
    publicUrl: settings.publicUrl,
    applicationServerKey: push.applicationServerKey,
  });
  await app.ready();

  const { dispatcher, transports } = push;
  const background = new BackgroundWork(log);
  return {
    publicUrl: settings.publicUrl,
    store,
    app,
    configuration,
    routes: [
      ...routes.keys.map((key) => key.replace(' ', ' /json/')),
      ...oauth2.keys.map((key) => key.replace(' ', ' /oauth2/')),
      ...pageRoutes,
    ],
    firstScreen: await firstScreen({ settings, pages, hasPhone, seeded, identities, transports }),
    async listen() {
      await app.listen({ host: settings.host, port: settings.port });
      await dispatcher.recover();
      background.every(SWEEP_MILLIS, 'Expired rows could not be swept.', async () => {
        while ((await store.sweep(clock.now(), SWEEP_ROWS)) === SWEEP_ROWS);
      });
      background.every(REFRESH_MILLIS, 'The configuration could not be read.', () => configuration.refresh());
      background.every(RECOVER_MILLIS, 'Unsent messages could not be read.', () => dispatcher.recover());
      const address = app.server.address();
      const port = typeof address === 'object' && address !== null ? address.port : settings.port;
      return { host: settings.host, port };
    },
    async stop() {
      isStopping = true;
      for (const end of streams) end();
      await background.stop();
      await app.close();
      await sandbox.close();
      await qrThread.close();
      await dispatcher.idle();
      await realmMail.idle();
      await notices.idle();
      await store.close();
    },
  };
};
