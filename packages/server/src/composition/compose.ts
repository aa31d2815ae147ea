import { setTimeout as pause } from 'node:timers/promises';
import { timeOrderedUuid } from '@assent/engine/host';
import { type Store, StoreReplaced } from '@assent/store';
import { WALK_TURNS, WorkTurns } from '../bounds/work-turns.ts';
import type { HttpServer } from '../http/http-server.ts';
import { BEAT_MILLIS } from '../instances/instance-watch.ts';
import { loadCustomNodes } from '../journeys/custom-nodes.ts';
import { KeyWatch } from '../keys/key-watch.ts';
import { PooledMailer } from '../mail/smtp-mailer.ts';
import type { OutboxWorker } from '../outbox/outbox-worker.ts';
import { webRoot } from '../pages/built-views.ts';
import { hasPhonePage } from '../pages/phone-page.ts';
import { BackgroundWork, inBatches } from '../platform/background-work.ts';
import type { Health } from '../platform/health.ts';
import { createLog, type Logger } from '../platform/log.ts';
import { openStore, placeOfData } from '../platform/open-store.ts';
import type { StoreProbe } from '../platform/store-probe.ts';
import { after, systemClock, systemRandom } from '../platform/system-ports.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { heldSecurityTxt } from '../routes/server/security-txt.ts';
import type { LoadedSettings } from '../settings/load-settings.ts';
import { recordedTraceId } from '../tracing/spans.ts';
import { composeApi } from './compose-api.ts';
import { composeApp } from './compose-app.ts';
import { composeAuditChain } from './compose-audit-chain.ts';
import { composeAuditSink } from './compose-audit-sink.ts';
import { composeFoundation, type ThisStart } from './compose-foundation.ts';
import { type ComposedHints, composeHints } from './compose-hints.ts';
import { composeInstances } from './compose-instances.ts';
import { composeJourneys } from './compose-journeys.ts';
import type { ComposeOptions } from './compose-options.ts';
import { composeOutbox } from './compose-outbox.ts';
import { composePush } from './compose-push.ts';
import { composeTelemetry, type Telemetry } from './compose-telemetry.ts';
import { type FirstScreen, firstScreen } from './first-screen.ts';
import { readMeasures } from './read-measures.ts';
import { reload } from './reload.ts';
import { beginOverStore } from './store-at-start.ts';

export type UncaughtKind = 'rejection' | 'exception';

/** A composed server. */
export interface Assent {
  readonly publicUrl: string;
  readonly store: Store;
  /** For tests: requests without a socket. */
  readonly app: HttpServer;
  readonly configuration: LiveConfiguration;
  /** For tests: what the clock would wake. */
  readonly outbox: Pick<OutboxWorker, 'wake' | 'idle'>;
  /** Resolves where the database is found to be another one than this server has opened: it has to end (OPS-61). */
  readonly replaced: Promise<Error>;
  readonly health: Health;
  readonly storeProbe: StoreProbe;
  /** For tests, where nothing listens. */
  readonly hints: Pick<ComposedHints, 'start'>;
  /** All that it answers to, as `METHOD path`; a path of `json` or `oauth2` has that of a realm before its resource. */
  readonly routes: readonly string[];
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Reads settings and files of secrets anew, as far as that is possible while it runs; what comes of it is in the log (OPS-59). */
  reload(load: () => Promise<LoadedSettings>): Promise<void>;
  /** Says from now on that it is not ready, and still answers everything, so that proxies send their requests elsewhere (OPS-33). */
  drain(): void;
  /**
   * Notes what nobody has caught: a promise that was rejected while nobody waited for it, after which everything goes on, or an exception in
   * the midst of something, after which the process is to end at once (REL-24).
   */
  noteUncaught(kind: UncaughtKind, cause: unknown): void;
  /** Closes streams, finishes what is under way, gives back what others can do, and lets go of the store. */
  stop(): Promise<void>;
  readonly firstScreen: FirstScreen;
}

/** Less than what is left of a minute once the lease of one that was killed has ended (OPS-32). */
const SWEEP_MILLIS = 20_000;
const SWEEP_ROWS = 500;
const REFRESH_MILLIS = 1_000;
const KEYS_MILLIS = 1_000;
const RECOVER_MILLIS = 2_000;
const OUTBOX_MILLIS = 2_000;
const AUDIT_MILLIS = 1_000;
const TRIM_MILLIS = 60 * 60_000;

/**
 * Puts the server together, from the ground up; each part knows those above it in this list.
 *
 *     settings ─► store ─► foundation   seeds the store, reads the configuration, knows the nodes, sends mail
 *                            ├─► hints      what wakes those who wait, here and in other instances
 *                            ├─► push       transports, dispatcher
 *                            ├─► journeys   the engine, its ports bound to all of that
 *                            ├─► api        the table of routes under {am}/json
 *                            ├─► app        the HTTP server: the API, and the pages beside it
 *                            └─► outbox     what commits have left to be sent
 */
export const compose = async (options: ComposeOptions): Promise<Assent> => {
  const customNodes = await loadCustomNodes(options.settings.nodes, process.cwd());
  const { settings, store: given, wait } = options;
  const processId = timeOrderedUuid(systemRandom, systemClock.now());
  const securityTxt = settings.securityTxt === undefined ? undefined : heldSecurityTxt(settings.securityTxt);
  const start: ThisStart = {
    processId,
    instance: settings.instance ?? processId,
    ...(securityTxt && { securityTxt }),
  };
  const { logLevel: level, logFormat: format } = settings;
  const log = options.log ?? createLog({ level, format, instance: start.instance, traceId: recordedTraceId });
  for (const problem of options.warnings ?? []) log.warn({ problem }, 'A setting works, and should be mended.');
  const all = { ...options, log, nodes: [...(options.nodes ?? []), ...customNodes] };
  const telemetry = composeTelemetry(settings, log);
  const { health, management } = telemetry;
  const begin = async () => {
    const store = telemetry.observed(given ?? (await openStore(settings)));
    try {
      return await composeOver(store, all, start, telemetry);
    } catch (error) {
      if (given === undefined) await store.close();
      throw error;
    }
  };
  try {
    return await beginOverStore({ settings, log, health, management, begin, ...(wait && { wait }) });
  } catch (error) {
    await management.close();
    await given?.close();
    throw error;
  }
};

const composeOver = async (
  store: Store,
  options: ComposeOptions & { readonly log: Logger },
  start: ThisStart,
  telemetry: Telemetry,
): Promise<Assent> => {
  const root = webRoot();
  const hasPhone = hasPhonePage(root);
  let isStopping = false;

  const foundation = await composeFoundation(store, options, { start, telemetry });
  const hints = composeHints(foundation, telemetry.measures);
  const push = await composePush({ ...foundation, telemetry }, hints.bus);
  const workTurns = new WorkTurns(after);
  const walkTurns = new WorkTurns(after, WALK_TURNS);
  const journeys = await composeJourneys(foundation, push, telemetry.journeys, walkTurns);
  const instances = await composeInstances(foundation);
  const keyWatch = new KeyWatch({
    keys: store.keys,
    configuration: store.configuration,
    holder: foundation.processId,
    clock: foundation.clock,
    log: foundation.log,
    tell: () => instances.beat(),
  });
  const api = await composeApi({ foundation, keyWatch, push, journeys, hasPhone, telemetry, workTurns });
  const { app, provider, pages, qrThread, routes } = await composeApp({
    foundation,
    api,
    journeys,
    webRoot: root,
    hasPhone,
    applicationServerKey: push.applicationServerKey,
    loginView: options.loginView,
    telemetry,
  });

  const { health, management } = telemetry;
  const { settings, configuration, clock, log, seeded, sandbox, passkeyLibrary, guard, requests, directories } =
    foundation;
  const { dispatcher, transports } = push;
  const background = new BackgroundWork(log);
  const pooledMailer = new PooledMailer({ guard });
  const mailer = telemetry.mail.over(pooledMailer);
  const outbox = composeOutbox(foundation, provider, { mailer, push, telemetry });
  const auditSealer = await composeAuditChain(foundation, telemetry);
  const auditSink = await composeAuditSink(foundation, telemetry);
  let holdsSweep = false;
  readMeasures(telemetry, {
    foundation,
    hints,
    streams: api.streams,
    instances,
    leases: () => ({ sweep: holdsSweep, ...(auditSink && { 'audit-sink': auditSink.holds }) }),
  });
  /** By the one instance that sweeps for all. */
  const sweepBatch = async (): Promise<boolean> => {
    const swept = await store.sweep(clock.now(), SWEEP_ROWS, foundation.processId);
    holdsSweep = swept !== undefined;
    if (!holdsSweep) telemetry.sweptElsewhere();
    return swept === SWEEP_ROWS;
  };
  const sweep = () => inBatches(sweepBatch, { clock, wait: (millis) => pause(millis), isStopping: () => isStopping });
  let noteReplaced: (error: Error) => void = () => undefined;
  const replaced = new Promise<Error>((resolve) => {
    noteReplaced = resolve;
  });
  const refresh = async () => {
    try {
      await configuration.refresh();
    } catch (error) {
      if (!(error instanceof StoreReplaced)) throw error;
      // What is remembered is of another life: nobody is to be sent here any more.
      health.drain();
      log.error({ database: placeOfData(settings) }, error.message);
      noteReplaced(error);
    }
  };
  let isFirst = true;
  /** Also what this instance held before, until a database has been there to ask for it. */
  const recover = async () => {
    await dispatcher.recover(isFirst);
    isFirst = false;
  };
  return {
    publicUrl: settings.publicUrl,
    store,
    app,
    configuration,
    outbox,
    replaced,
    hints,
    health,
    storeProbe: api.probe,
    routes,
    firstScreen: await firstScreen({
      settings,
      pages,
      hasPhone,
      seeded,
      identities: store.identities,
      devices: store.devices,
      oathDevices: store.oathDevices,
      passkeys: store.passkeys,
      transports,
      configuration,
    }),
    async listen() {
      const at = await management.open();
      if (at !== undefined) log.info(at, 'The management port is open.');
      health.watchLoop();
      await app.listen({ host: settings.host, port: settings.port });
      if (at !== undefined) telemetry.exposition.prepare();
      hints.start();
      background.every(SWEEP_MILLIS, 'Expired rows could not be swept.', sweep);
      background.every(REFRESH_MILLIS, 'The configuration could not be read.', refresh);
      background.every(KEYS_MILLIS, 'The keys could not be looked after.', () => keyWatch.look());
      background.every(OUTBOX_MILLIS, 'The outbox could not be read.', () => outbox.wake());
      background.every(AUDIT_MILLIS, 'The audit trail could not be sealed.', () => auditSealer.seal());
      background.every(TRIM_MILLIS, 'Old rows of the audit trail could not be let go.', () => auditSealer.trim());
      if (auditSink !== undefined)
        background.every(AUDIT_MILLIS, 'The audit trail could not be read.', () => auditSink.forward());
      // From here on a database that does not answer costs no start, but only what is asked again a little later (OPS-34).
      await background.nowAndEvery(RECOVER_MILLIS, 'Unsent messages could not be read.', recover);
      await background.nowAndEvery(BEAT_MILLIS, 'The other instances could not be told of this one.', () =>
        instances.beat(),
      );
      api.probe.start();
      health.start(api.probe);
      const address = app.server.address();
      const port = typeof address === 'object' && address !== null ? address.port : settings.port;
      return { host: settings.host, port };
    },
    async reload(load) {
      auditSink?.reopen();
      const { live } = foundation;
      const rereadSecrets = () => configuration.rereadSecrets();
      const readFiles = () => {
        const takeOver = [telemetry.readFiles(), start.securityTxt?.reread()];
        return () => {
          for (const count of takeOver) count?.();
        };
      };
      if (!isStopping) await reload({ live, log, readFiles, rereadSecrets }, load);
    },
    drain() {
      health.drain();
      log.info(
        { seconds: settings.drainSeconds },
        'Stopping: not ready any more; everything is still answered until the time is over.',
      );
    },
    noteUncaught(kind, cause) {
      const fields = { transactionId: systemRandom.uuid(), cause };
      if (kind === 'rejection') return log.error(fields, 'A promise was rejected, and nobody waited for it.');
      health.drain();
      log.fatal(fields, 'An exception was caught by nobody: what it has left undone is not known, so the server ends.');
    },
    async stop() {
      health.drain();
      isStopping = true;
      for (const streams of [api.streams.wait, api.streams.relay]) streams.endAll();
      hints.stop();
      api.probe.stop();
      auditSealer.stop();
      auditSink?.stop();
      keyWatch.stop();
      await Promise.all([app.close(), background.stop()]);
      await auditSink?.close();
      await sandbox.close();
      await passkeyLibrary.close();
      await qrThread.close();
      await dispatcher.stop();
      const sending = outbox.stop();
      requests.close();
      directories.close();
      await sending;
      pooledMailer.close();
      await auditSealer.close().catch((cause: unknown) => {
        log.error({ cause }, 'The end of the audit trail could not be sealed. The next server does it.');
      });
      await instances.leave();
      await store.close();
      health.end();
      await management.close();
    },
  };
};
