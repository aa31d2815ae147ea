import type { Store } from '@assent/store';
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
import { httpObserver } from '../telemetry/http-observer.ts';
import { journeyObserver } from '../telemetry/journey-observer.ts';
import { mailObserver } from '../telemetry/mail-observer.ts';
import { newMeasures } from '../telemetry/measures.ts';
import { observedStore, readCounter } from '../telemetry/observed-store.ts';
import { pushObserver } from '../telemetry/push-observer.ts';
import { storeObserver } from '../telemetry/store-observer.ts';

/** What those see who run the server: there before its store is, and the same for each try of a start. */
export const composeTelemetry = (settings: Settings, log: Logger) => {
  const measures = newMeasures();
  measures.buildInfo.readFrom(() => [[1, PRODUCT.version, process.versions.node]]);
  const health = new Health({ elapsed, every });
  const exposition = new Exposition(measures, after);
  const { metricsTokenFile } = settings;
  let token = metricsTokenFile === undefined ? '' : readMetricsToken(metricsTokenFile);
  const push = pushObserver(measures, elapsed);
  const directories = directoryObserver(measures);
  const mail = mailObserver();
  health.watch('providers', push.problems);
  health.watch('directories', directories.problems);
  health.watch('mail', mail.problems);
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
    http: httpObserver(measures, elapsed, log),
    journeys: journeyObserver(measures, elapsed),
    push: push.observer,
    directories: directories.observer,
    mail,
    /** The store as everybody else is to see it. */
    observed(store: Store): Store {
      const commits = commitObserver(measures, { elapsed, now: () => (store.clock ?? systemClock).now() });
      store.observe(storeObserver(measures, { elapsed, expired: commits.expired }));
      return observedStore(store, { read: readCounter(measures), committer: commits.over });
    },
  };
};

export type Telemetry = ReturnType<typeof composeTelemetry>;
