import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Gauges of the library that are called what counters are called, for which `promtool check metrics` finds fault; others say the same by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

const MAX_LOOK_MILLIS = 1_000;

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * What is counted in the text format of Prometheus, with what its library knows of the process: that is observed from the first request for it on, so a
 * server that is not scraped pays nothing for it (ADR 84).
 */
export class Exposition {
  readonly #registry: Registry;
  readonly #after: (millis: number, action: () => void) => () => void;
  #looks: () => readonly Promise<void>[] = () => [];
  #isPrepared = false;
  #telling: Promise<string> | undefined;

  /** `after` runs something once after so many milliseconds. */
  constructor(registry: Registry, after: (millis: number, action: () => void) => () => void) {
    this.#registry = registry;
    this.#after = after;
  }

  /** What has to be looked up before it is told; what fails is told as it was the last time. */
  lookBefore(...looks: readonly (() => Promise<void>)[]): void {
    this.#looks = () => looks.map((look) => look());
  }

  /** Observes the process from now on. */
  prepare(): void {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** Whoever asks while it is being told gets the same: it takes looks into the database, and one who asks without end must cost no more than one. */
  text(): Promise<string> {
    this.#telling ??= this.#told().finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async #told(): Promise<string> {
    this.prepare();
    await this.#look();
    return this.#registry.metrics();
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
}
