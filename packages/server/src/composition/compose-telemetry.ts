import type { PushDispatcher } from '@assent/push';
import type { Store } from '@assent/store';
import { Registry } from 'prom-client';
import { repeatedRefusals } from '../authentication/repeated-refusals.ts';
import type { OutboxSender } from '../outbox/outbox-worker.ts';
import { Health } from '../platform/health.ts';
import type { Logger } from '../platform/log.ts';
import { PRODUCT } from '../platform/product.ts';
import { after, elapsed, every, systemClock } from '../platform/system-ports.ts';
import { ManagementServer } from '../routes/server/management-server.ts';
import { readMetricsToken } from '../routes/server/metrics-token.ts';
import type { Settings } from '../settings/settings.ts';
import { commitObserver } from '../telemetry/commit-observer.ts';
import { directoryObserver } from '../telemetry/directory-observer.ts';
import { Exposition } from '../telemetry/exposition.ts';
import { type HttpObserver, httpObserver } from '../telemetry/http-observer.ts';
import { journeyObserver } from '../telemetry/journey-observer.ts';
import { mailObserver } from '../telemetry/mail-observer.ts';
import { newMeasures } from '../telemetry/measures.ts';
import { observedStore, readCounter } from '../telemetry/observed-store.ts';
import { observedSender } from '../telemetry/outbox-observer.ts';
import { pushObserver } from '../telemetry/push-observer.ts';
import { storeObserver } from '../telemetry/store-observer.ts';
import { registeredSpans, type Spans } from '../tracing/spans.ts';
import { tracedDirectories } from '../tracing/traced-directories.ts';
import { type TracedHttpOptions, tracedHttp } from '../tracing/traced-http.ts';
import { tracedJourneys } from '../tracing/traced-journeys.ts';
import { tracedSender } from '../tracing/traced-outbox.ts';
import { tracedPush } from '../tracing/traced-push.ts';
import { tracedStore } from '../tracing/traced-store.ts';

/** What those see who run the server: there before its store is, and the same for each try of a start. */
export const composeTelemetry = (settings: Settings, log: Logger) => {
  const registry = new Registry();
  const measures = newMeasures(registry);
  measures.buildInfo.readFrom(() => [[1, PRODUCT.version, process.versions.node]]);
  const health = new Health({ elapsed, every });
  const exposition = new Exposition(registry, after);
  const { metricsTokenFile } = settings;
  let token = metricsTokenFile === undefined ? '' : readMetricsToken(metricsTokenFile);
  const push = pushObserver(measures, elapsed);
  const directories = directoryObserver(measures);
  const mail = mailObserver();
  const spans = registeredSpans();
  if (spans !== undefined) log.info('An SDK of OpenTelemetry is loaded: it is handed spans of what is done.');
  /** With spans around it where somebody takes them, else the very same. */
  const traced = <T>(plain: T, by: (spans: Spans, plain: T) => T): T =>
    spans === undefined ? plain : by(spans, plain);
  const pushSpans = spans && tracedPush(spans);
  const storeSpans = spans && tracedStore(spans, settings);
  const http = httpObserver(measures, elapsed, log);
  const reads = readCounter(measures);
  health.watch('providers', push.problems);
  health.watch('directories', directories.problems);
  health.watch('mail', mail.problems);
  let sweptElsewhere = () => {};
  return {
    health,
    measures,
    exposition,
    management: new ManagementServer({ settings, health, exposition, log }),
    /** Absent where the public port tells no metrics. */
    metricsToken: metricsTokenFile === undefined ? undefined : () => token,
    /** Reads the token anew; it counts from when the result is called. */
    readFiles: () => {
      const next = metricsTokenFile === undefined ? '' : readMetricsToken(metricsTokenFile);
      return () => {
        token = next;
      };
    },
    http: (isFromProxy: TracedHttpOptions['isFromProxy']): HttpObserver =>
      traced(http, (by, plain) => tracedHttp(by, plain, { settings, isFromProxy })),
    journeys: traced(journeyObserver(measures, elapsed), tracedJourneys),
    push: pushSpans?.observer(push.observer) ?? push.observer,
    dispatcher: (plain: PushDispatcher): PushDispatcher => pushSpans?.dispatcher(plain) ?? plain,
    directories: traced(directories.observer, tracedDirectories),
    mail,
    sender: (plain: OutboxSender, kind: string): OutboxSender =>
      traced(observedSender(plain, kind, measures), (by, sender) => tracedSender(by, sender, kind)),
    /** Runs what is of no request, though one of them happens to set it off. */
    apart: <T>(work: () => T): T => (spans === undefined ? work() : spans.apart(work)),
    /** Another instance sweeps for all, and tells of it. */
    sweptElsewhere: () => sweptElsewhere(),
    /** The store as everybody else is to see it. */
    observed(store: Store): Store {
      const commits = commitObserver(measures, { elapsed, now: () => (store.clock ?? systemClock).now() });
      const refusals = repeatedRefusals();
      const observer = storeObserver(measures, { elapsed, expired: commits.expired });
      store.observe(observer);
      sweptElsewhere = observer.sweptElsewhere;
      return observedStore(store, {
        read: storeSpans?.read(reads) ?? reads,
        // Those who count see every refused guess; the audit log has the first of an hour.
        committer: (of) => {
          const counted = commits.over(refusals.over(commits.overRows(of)));
          return storeSpans?.over(counted) ?? counted;
        },
      });
    },
  };
};

export type Telemetry = ReturnType<typeof composeTelemetry>;
