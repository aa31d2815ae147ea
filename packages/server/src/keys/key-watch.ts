import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@assent/engine';
import type { ConfigurationReader } from '@assent/engine/host';
import { isSealingKind, isSigningKind, type KeyState, type Keys } from '@assent/store';
import type { Logger } from '../platform/log.ts';
import { keyLives } from './key-lives.ts';

export interface KeyWatchOptions {
  readonly keys: Keys;
  readonly configuration: Pick<ConfigurationReader, 'load'>;
  /** Of this process: one of those that share the store does what is due for all of them. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tells the others what this instance knows, so that nobody waits for its next beat. */
  readonly tell: () => Promise<void>;
}

/** A store reads keys once a second at the most for names that nobody knows: anybody can make names up. */
const LOOK_MILLIS = 1_000;

/** One batch; a turn for everybody else stands between two. */
const RESEALED_ROWS = 50;
const BATCHES_AT_ONCE = 10;

const LIVES_MILLIS = 60_000;

const TRANSACTION = 'key-rotation';

/**
 * Keeps the keys of this instance those of the store, and does what is due to them: uses the next ones once every instance knows them, seals
 * records anew under the newest, and retires what nothing rests on any more (SEC-75, SEC-76).
 */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  #told = -1;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #failed = false;
  #knownLives: { readonly at: number; readonly lives: ReturnType<typeof keyLives> } | undefined;
  #isStopping = false;

  constructor(options: KeyWatchOptions) {
    this.#options = options;
  }

  /** Reads the keys for a name that is not among them; undefined where that was done within the second. */
  lookForKeys(): Promise<unknown> | undefined {
    const { keys, clock } = this.#options;
    const now = clock.now();
    if (Math.abs(now - this.#lookedAt) < LOOK_MILLIS) return undefined;
    this.#lookedAt = now;
    return keys.refresh();
  }

  async look(): Promise<void> {
    const { keys, tell, log } = this.#options;
    const version = await keys.refresh();
    if (version !== this.#told) {
      const isFirst = this.#told < 0;
      this.#told = version;
      if (!isFirst) {
        log.info('Keys were changed: assent key list shows them.');
        await tell();
      }
    }
    const due = keysDue(await this.#known(), this.#options.clock.now());
    if (due.length > 0) await this.#do(due);
  }

  stop(): void {
    this.#isStopping = true;
  }

  #lastKnown: { readonly version: number; readonly keys: readonly KeyState[] } = { version: -1, keys: [] };

  /** As of the last change, so that an idle server reads one number a second and no more. */
  async #known(): Promise<readonly KeyState[]> {
    const { keys } = this.#options;
    if (this.#lastKnown.version !== keys.version())
      this.#lastKnown = { version: keys.version(), keys: await keys.list() };
    return this.#lastKnown.keys;
  }

  async #do(due: readonly KeyState[]): Promise<void> {
    const { keys, holder, clock } = this.#options;
    const order = () => ({ at: clock.now(), transactionId: TRANSACTION });
    // The lease of those who seal anew is that of all that is due to keys.
    const mayDo = await keys.reseal({ ...order(), holder }, RESEALED_ROWS);
    if (mayDo === undefined) return;
    const lives = await this.#lives();
    for (const { kind, id, status } of due) {
      if (status === 'next') {
        await keys.activate(kind, { ...order(), goodFor: isSigningKind(kind) ? lives[kind] : 0 });
      } else if (isSigningKind(kind)) await keys.retire(kind, id, order());
    }
    if (due.some(({ kind, status }) => isSealingKind(kind) && status === 'retiring')) await this.#reseal(order, holder);
  }

  /** A next key that somebody does not know is looked at every second: what is configured is not read each time. */
  async #lives(): Promise<ReturnType<typeof keyLives>> {
    const { configuration, clock } = this.#options;
    const now = clock.now();
    if (this.#knownLives === undefined || Math.abs(now - this.#knownLives.at) >= LIVES_MILLIS)
      this.#knownLives = { at: now, lives: keyLives(await configuration.load()) };
    return this.#knownLives.lives;
  }

  async #reseal(order: () => { readonly at: number; readonly transactionId: string }, holder: string): Promise<void> {
    const { keys, log } = this.#options;
    try {
      for (let batch = 0; batch < BATCHES_AT_ONCE && !this.#isStopping; batch += 1) {
        const done = await keys.reseal({ ...order(), holder }, RESEALED_ROWS);
        if (done === undefined || done.isPass) break;
        await nextTurn();
      }
      this.#failed = false;
    } catch (cause) {
      // Once: it is tried again every second, and a database that does not answer is told of by others.
      if (!this.#failed) log.warn({ cause }, 'Records could not be sealed under the newest keys; it is tried again.');
      this.#failed = true;
    }
  }
}

/** Keys to which something is to be done now, or which may come to that at any moment. */
const keysDue = (keys: readonly KeyState[], now: number): readonly KeyState[] =>
  keys.filter(
    ({ kind, status, goodUntil }) =>
      status === 'next' || (status === 'retiring' && (isSealingKind(kind) || now >= (goodUntil ?? 0))),
  );
