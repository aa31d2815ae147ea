import { Registry } from 'prom-client';
import { type Measures, newMeasures } from '../telemetry/measures.ts';
import { METRICS } from '../telemetry/metric-table.ts';

/** Measures, and what they have counted: the values of the labels and the number, of a histogram the count or the sum. */
export const observedMeasures = () => {
  const registry = new Registry();
  const measures = newMeasures(registry);
  const samplesOf = async (
    name: keyof Measures,
    part: 'count' | 'sum' = 'count',
  ): Promise<readonly (readonly unknown[])[]> => {
    const metric = await registry.getSingleMetric(METRICS[name].name)?.get();
    const values: readonly { labels: object; value: number; metricName?: string }[] = metric?.values ?? [];
    return values
      .filter(({ metricName }) => (metricName === undefined ? part === 'count' : metricName.endsWith(`_${part}`)))
      .map(({ labels, value }) => [...Object.values(labels), value]);
  };
  return { measures, registry, samplesOf };
};
