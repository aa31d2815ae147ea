import type { IncomingHttpHeaders } from 'node:http';
import { JourneyError } from '@assent/engine';
import { type FairQueue, fairQueue, type Lane, sourceOf, type Timer } from '@assent/engine/host';

/**
 * How requests begin while the event loop is busy. Within a round of the loop all of them begin at once, as long as the round has not lasted for
 * `busyMillis`; from then on they wait. In each round, requests that wait begin one after the other for as long as the rest of the round has taken,
 * for `busyMillis` at least and for `mostMillis` at most. While connections arrive, no request begins for up to `acceptMillis` after the last
 * one, so that many short rounds accept one connection each. A request that waits has its body as bytes. A body of more than `smallBytes` has 96 KiB
 * at most, and far fewer of them may wait.
 */
export const REQUEST_PACE = Object.freeze({
  busyMillis: 50,
  mostMillis: 500,
  acceptMillis: 25,
  most: 4_096,
  mostOfRealm: 2_048,
  smallBytes: 8 * 1_024,
  mostLarge: 256,
  mostLargeOfRealm: 128,
  deadlineMillis: 10_000,
});

/**
 * The one error for all requests that are refused here. Neither an error nor a line of the log is made for each: a flood of them would take the
 * time of requests that begin.
 */
export const TOO_BUSY = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });

export interface RequestPaceOptions {
  /** Milliseconds of a monotonic clock. */
  readonly elapsed: () => number;
  /** Calls back in the next round of the event loop, in the order of the calls. Promises that are settled go on between two of them. */
  readonly nextRound: (begin: () => void) => void;
  readonly timer: Timer;
}

/** Whose request it is, and how many bytes its body has. */
export interface PacedRequest extends Required<Lane> {
  readonly bytes: number;
}

/** A request for a realm, undefined where there is none, from an address. */
export const pacedRequest = (
  realm: string | undefined,
  clientAddress: string,
  headers: IncomingHttpHeaders,
): PacedRequest => ({
  realm: realm ?? '',
  caller: sourceOf(clientAddress),
  // A body that does not say its length may have any.
  bytes: headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Number.POSITIVE_INFINITY,
});

/** The request that begins next. */
interface Head {
  readonly begin: () => void;
  /** Lets the queue choose the next head. */
  readonly leave: () => void;
}

/**
 * Lets requests of different realms, and of different sources of a realm, take turns while the event loop is busy: any number of slow requests that
 * arrive at once would otherwise all run before the first request of another realm goes on (SEC-93). A request in a loop that is not busy costs two
 * readings of the clock.
 */
export class RequestPace {
  readonly #options: RequestPaceOptions;
  readonly #queue: FairQueue;
  /** A large request takes a place here before it waits with the others. */
  readonly #large: FairQueue;
  /** When the round has begun; undefined before the first request in it. */
  #began: number | undefined;
  #waiting = 0;
  #head: Head | undefined;
  /** How many calls of the next rounds are due, each of which begins one request. */
  #calls = 0;
  /** Whether the next round is timed. */
  #isTimed = false;
  /** The time in which requests that wait begin; the first of them begins however short it is. */
  #window = { began: 0, until: 0, isFirst: false, isOver: true };
  /** When the last request that waited had begun, and had done what it does at once. */
  #ended = 0;
  /** Whether a connection was accepted since the last round was timed. */
  #hasAccepted = false;

  constructor(options: RequestPaceOptions) {
    this.#options = options;
    const { timer } = options;
    const { most, mostOfRealm, mostLarge, mostLargeOfRealm, deadlineMillis } = REQUEST_PACE;
    this.#queue = fairQueue({ concurrency: 1, most, mostOfRealm, deadlineMillis, timer });
    // One half has a place in the queue of all requests, and the other half waits for one.
    const half = { most: mostLarge / 2, mostOfRealm: mostLargeOfRealm / 2 };
    this.#large = fairQueue({
      ...half,
      concurrency: half.most,
      concurrencyOfRealm: half.mostOfRealm,
      deadlineMillis,
      timer,
    });
  }

  /** Undefined where the request may begin now; else when it may. It rejects with `TOO_BUSY` where too many wait, or for too long. */
  next(requestOf: () => PacedRequest): Promise<void> | undefined {
    const { elapsed, nextRound } = this.#options;
    if (this.#began === undefined) {
      this.#began = elapsed();
      nextRound(() => {
        this.#began = undefined;
      });
    }
    const now = elapsed();
    if (this.#waiting === 0 && now - this.#began < REQUEST_PACE.busyMillis) return undefined;
    if (!this.#isTimed) {
      // The requests of this round that did not wait have had the time before.
      this.#window = { began: this.#began, until: now, isFirst: false, isOver: true };
      this.#ended = now;
      this.#timeRound();
    }
    const { bytes, ...lane } = requestOf();
    this.#waiting += 1;
    this.#call();
    this.#beginInLongRound(now);
    return new Promise<void>((begin, refuse) => {
      const chosen = () =>
        new Promise<void>((leave) => {
          this.#head = { begin, leave };
        });
      const waits = () => this.#queue(lane, chosen);
      (bytes > REQUEST_PACE.smallBytes ? this.#large(lane, waits) : waits()).catch(() => {
        this.#waiting -= 1;
        refuse(TOO_BUSY);
      });
    });
  }

  /**
   * A connection was accepted. Node accepts one in each round of the loop (libuv 1.45 and later). A flood of new connections would otherwise fill the
   * backlog of the listening socket, which serves connections in their order and knows no realms.
   */
  accepted(): void {
    this.#hasAccepted = true;
  }

  /** Times the next round, and those after it as long as requests wait. Planned before any call of the round, it runs before them. */
  #timeRound(): void {
    this.#isTimed = true;
    this.#options.nextRound(() => {
      this.#isTimed = this.#waiting > 0;
      if (!this.#isTimed) return;
      this.#timeRound();
      const now = this.#options.elapsed();
      const isToAccept = this.#hasAccepted && now - this.#ended < REQUEST_PACE.acceptMillis;
      this.#hasAccepted = false;
      if (isToAccept) this.#window.isOver = true;
      else this.#openWindow(now);
    });
  }

  /** Since the last window the loop was busy with other things, such as refusals. Requests that wait have as much time as these had. */
  #openWindow(now: number): void {
    const { busyMillis, mostMillis } = REQUEST_PACE;
    const until = now + Math.min(Math.max(busyMillis, now - this.#ended), mostMillis);
    this.#window = { began: now, until, isFirst: true, isOver: false };
  }

  /**
   * A round lasts for seconds where more than 1,024 connections have sent something at any moment: Node reads from up to 48 times as many before it
   * makes the calls that are due. Each request that arrives begins another in a window, and windows open once other things have had as much time.
   */
  #beginInLongRound(now: number): void {
    const { began, isOver } = this.#window;
    const others = now - this.#ended;
    if (isOver && others >= Math.max(REQUEST_PACE.busyMillis, this.#ended - began)) this.#openWindow(now);
    this.#beginNext(now);
  }

  /** Plans one call for each request that waits. */
  #call(): void {
    if (this.#calls >= this.#waiting) return;
    this.#calls += 1;
    this.#options.nextRound(this.#onCall);
  }

  readonly #onCall = (): void => {
    this.#calls -= 1;
    if (!this.#window.isOver) this.#beginNext(this.#options.elapsed());
    this.#call();
  };

  /** Begins the request at the head, where the window has time for it. */
  #beginNext(now: number): void {
    const head = this.#head;
    const window = this.#window;
    if (head === undefined || window.isOver) return;
    this.#ended = now;
    window.isOver = !window.isFirst && now >= window.until;
    window.isFirst = false;
    if (window.isOver) return;
    this.#head = undefined;
    this.#waiting -= 1;
    head.begin();
    head.leave();
  }
}
