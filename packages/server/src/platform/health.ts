import type { StoreProbe } from './store-probe.ts';

/** How often the event loop shows that it turns, and for how long that holds. */
const TURN_MILLIS = 1_000;
const TURNS_FOR_MILLIS = 5_000;

/** What this server can do without for a while, worse than with it: none of them sends requests elsewhere (OPS-53). */
export type Part = 'hintBus' | 'providers' | 'mail' | 'directories' | 'auditTrail' | 'auditSink';

/** One of those that does badly, and what about it; without an address, a user or a secret. */
export interface Degraded {
  readonly part: Part;
  readonly problem: string;
}

/** Why nobody should send requests here; never a version, a user or an address (SEC-84). */
export type Unready = 'starting' | 'stopping' | 'store unavailable';

export interface HealthOptions {
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsed: () => number;
  /** Calls `action` every so many milliseconds; the result ends that. */
  readonly every: (millis: number, action: () => void) => () => void;
}

/**
 * Whether this process lives, has started and is ready (OPS-53), for whoever asks at whichever address. It is there before the store is, and
 * what it is told of last holds: a start that begins again brings another store.
 */
export class Health {
  readonly #options: HealthOptions;
  readonly #degraded = new Map<Part, () => readonly string[]>();
  #turnedAt: number | undefined;
  #endTurns = () => {};
  #probe: Pick<StoreProbe, 'isWell'> | undefined;
  #state: 'starting' | 'awaiting the store' | 'started' | 'stopping' = 'starting';

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** From now on the event loop has to turn. */
  watchLoop(): void {
    this.#endTurns();
    const turn = () => {
      this.#turnedAt = this.#options.elapsed();
    };
    turn();
    this.#endTurns = this.#options.every(TURN_MILLIS, turn);
  }

  /** The database does not answer yet. */
  awaitStore(): void {
    this.#state = 'awaiting the store';
  }

  /** Schema and configuration are there, and the server listens. */
  start(probe: Pick<StoreProbe, 'isWell'>): void {
    this.#probe = probe;
    this.#state = 'started';
  }

  /** It still answers everything, and nobody should come any more (OPS-33). */
  drain(): void {
    this.#state = 'stopping';
  }

  end(): void {
    this.#endTurns();
    this.#turnedAt = undefined;
  }

  /** `problems` says what is wrong with that part when it is asked; nothing where it does well. */
  watch(part: Part, problems: () => readonly string[]): void {
    this.#degraded.set(part, problems);
  }

  /** Whether the event loop has turned of late. A process that does not live answers late, or not at all. */
  get isLive(): boolean {
    return this.#turnedAt === undefined || this.#options.elapsed() - this.#turnedAt < TURNS_FOR_MILLIS;
  }

  get isStarted(): boolean {
    return this.#state === 'started' || this.#state === 'stopping';
  }

  get isDraining(): boolean {
    return this.#state === 'stopping';
  }

  /** Undefined where requests may come. */
  async unready(): Promise<Unready | undefined> {
    switch (this.#state) {
      case 'starting':
        return 'starting';
      case 'stopping':
        return 'stopping';
      case 'awaiting the store':
        return 'store unavailable';
      case 'started':
        return (await this.#probe?.isWell()) === true ? undefined : 'store unavailable';
    }
  }

  degraded(): readonly Degraded[] {
    return [...this.#degraded].flatMap(([part, problems]) => problems().map((problem) => ({ part, problem })));
  }
}
