import type { Clock } from '@assent/engine';
import type { Instance, Instances } from '@assent/store';
import type { Logger } from '../platform/log.ts';
import { differencesAmong, isGone, textOfDifference } from './differences.ts';

export interface InstanceWatchOptions {
  readonly instances: Instances;
  readonly self: Omit<Instance, 'seenAt' | 'configurationVersion' | 'keysVersion'>;
  readonly configuration: { readonly version: number };
  readonly keys: { version(): number };
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often an instance tells that it is there (OPS-31). */
export const BEAT_MILLIS = 10_000;

/** Tells of this instance among those that share the store, and the log where they differ and should not. */
export class InstanceWatch {
  readonly #options: InstanceWatchOptions;
  #lastBeat: number | undefined;
  /** What the log was told already: each difference is said once, and once more if it has changed. */
  #said: readonly string[] = [];
  #wasNamesake = false;
  #count = 0;

  constructor(options: InstanceWatchOptions) {
    this.#options = options;
  }

  /** How many there are, this one included, as far as it has heard; 0 before the first beat. */
  get count(): number {
    return this.#count;
  }

  async beat(): Promise<void> {
    const { instances, self, configuration, keys, clock } = this.#options;
    const others = (await instances.list()).filter(({ processId }) => processId !== self.processId);
    const now = clock.now();
    this.#noteNamesake(others);
    const own = { ...self, seenAt: now, configurationVersion: configuration.version, keysVersion: keys.version() };
    await instances.put(own);
    this.#lastBeat = now;
    this.#count = [...others, own].filter((it) => !isGone(it, now)).length;
    this.#noteDifferences([...others, own], now);
  }

  /** Ends what others know of it, so that what it did for all is done by the next at once. */
  async leave(): Promise<void> {
    const { instances, self, log } = this.#options;
    try {
      await instances.leave(self.processId);
    } catch (error) {
      log.warn(
        { cause: error },
        'The other instances could not be told that this one ends; they find out in half a minute.',
      );
    }
  }

  /** Another process that has written under our name since we did is no earlier start of ours. */
  #noteNamesake(others: readonly Instance[]): void {
    const { self, log } = this.#options;
    const since = this.#lastBeat;
    const namesake = others.find(({ name, seenAt }) => name === self.name && since !== undefined && seenAt > since);
    if (namesake !== undefined && !this.#wasNamesake) {
      log.warn(
        { instance: self.name, host: namesake.host, fix: 'Give each instance an ASSENT_INSTANCE of its own, or none.' },
        'Another instance goes by the same name: each takes the pushes of the other for its own, and both may send them.',
      );
    }
    this.#wasNamesake = namesake !== undefined;
  }

  #noteDifferences(instances: readonly Instance[], now: number): void {
    const { log } = this.#options;
    const found = differencesAmong(instances, now).map(textOfDifference);
    const news = found.filter((it) => !this.#said.includes(it));
    if (news.length > 0) {
      log.warn(
        { differences: news, see: 'assent instances' },
        'Instances differ in what all of them should have alike.',
      );
    }
    if (found.length === 0 && this.#said.length > 0) log.info('Instances do not differ any more.');
    this.#said = found;
  }
}
