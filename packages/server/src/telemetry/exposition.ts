import type { Measures } from './measures.ts';
import { METRICS } from './metric-table.ts';

type Prometheus = typeof import('prom-client');

/** Gauges of the library that are called what counters are called, for which `promtool check metrics` finds fault; others say the same by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

const MAX_LOOK_MILLIS = 1_000;

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Tells what is counted in the words of Prometheus, with what its library knows of the process beside it. That library comes with the first
 * who asks: a server that nobody watches has neither its memory nor its time (ADR 84).
 */
export class Exposition {
  readonly #measures: Measures;
  readonly #after: (millis: number, action: () => void) => () => void;
  #looks: () => readonly Promise<void>[] = () => [];
  #registry: Promise<InstanceType<Prometheus['Registry']>> | undefined;
  #telling: Promise<string> | undefined;

  /** `after` runs something once after so many milliseconds. */
  constructor(measures: Measures, after: (millis: number, action: () => void) => () => void) {
    this.#measures = measures;
    this.#after = after;
  }

  /** What has to be looked up before it is told; what fails is told as it was the last time. */
  lookBefore(...looks: readonly (() => Promise<void>)[]): void {
    this.#looks = () => looks.map((look) => look());
  }

  /** Has everything ready for whoever will ask. */
  async prepare(): Promise<void> {
    this.#registry ??= this.#made();
    await this.#registry;
  }

  /** Whoever asks while it is being told gets the same: it takes looks into the database, and one who asks without end must cost no more than one. */
  text(): Promise<string> {
    this.#telling ??= this.#told().finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async #told(): Promise<string> {
    this.#registry ??= this.#made();
    await this.#look();
    return (await this.#registry).metrics();
  }

  /** Whoever asks is not kept waiting for a database that does not answer: it is what they may be asking for. */
  async #look(): Promise<void> {
    let forgo = () => {};
    const late = new Promise<void>((resolve) => {
      forgo = this.#after(MAX_LOOK_MILLIS, resolve);
    });
    await Promise.race([Promise.allSettled(this.#looks()), late]);
    forgo();
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
    for (const name of MISNAMED) registry.removeSingleMetric(name);
    return registry;
  }
}
