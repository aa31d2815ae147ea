import type { Measures } from './measures.ts';
import { METRICS } from './metric-table.ts';

type Prometheus = typeof import('prom-client');

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Tells what is counted in the words of Prometheus, with what its library knows of the process beside it. That library comes with the first
 * who asks: a server that nobody watches has neither its memory nor its time (ADR 84).
 */
export class Exposition {
  readonly #measures: Measures;
  #registry: Promise<InstanceType<Prometheus['Registry']>> | undefined;

  constructor(measures: Measures) {
    this.#measures = measures;
  }

  /** Has everything ready for whoever will ask. */
  async prepare(): Promise<void> {
    this.#registry ??= this.#made();
    await this.#registry;
  }

  async text(): Promise<string> {
    this.#registry ??= this.#made();
    return (await this.#registry).metrics();
  }

  async #made() {
    const { default: prometheus } = await import('prom-client');
    const registry = new prometheus.Registry();
    for (const [key, metric] of Object.entries(METRICS)) {
      const measure = this.#measures[key as keyof Measures];
      const { name, kind: type, help } = metric;
      // All that a registry asks of what is registered.
      const told = {
        name,
        type,
        help,
        aggregator: 'sum',
        get: async () => ({ name, type, help, values: measure.samples() }),
      };
      registry.registerMetric(told as never);
    }
    prometheus.collectDefaultMetrics({ register: registry });
    return registry;
  }
}
