import { Health } from '../platform/health.ts';
import type { Logger } from '../platform/log.ts';
import { PRODUCT } from '../platform/product.ts';
import { elapsed, every } from '../platform/system-ports.ts';
import { ManagementServer } from '../routes/server/management-server.ts';
import { readMetricsToken } from '../routes/server/metrics-token.ts';
import type { Settings } from '../settings/settings.ts';
import { Exposition } from '../telemetry/exposition.ts';
import { httpObserver } from '../telemetry/http-observer.ts';
import { newMeasures } from '../telemetry/measures.ts';

/** What those see who run the server: there before its store is, and the same for each try of a start. */
export const composeTelemetry = (settings: Settings, log: Logger) => {
  const measures = newMeasures();
  measures.buildInfo.readFrom(() => [[1, PRODUCT.version, process.versions.node]]);
  const health = new Health({ elapsed, every });
  const exposition = new Exposition(measures);
  const { metricsTokenFile } = settings;
  let token = metricsTokenFile === undefined ? '' : readMetricsToken(metricsTokenFile);
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
  };
};

export type Telemetry = ReturnType<typeof composeTelemetry>;
