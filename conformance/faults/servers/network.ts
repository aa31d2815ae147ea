import type { Random } from '../random.ts';

/** What a request gets back. `wasRepeated`: it came more than once, so which of them was carried out nobody knows. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly wasRepeated: boolean;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Sent {
  readonly outcome: Omit<Answer, 'wasRepeated'> | string;
  readonly isDoubled: boolean;
}

/** What is broken at the moment, and what may therefore go wrong with what is under way. */
export type Excuse =
  /** An answer may be lost or late, and nothing more: whoever asks again goes on. */
  | 'answers'
  /** A login may end, too: some wait longer than they last. */
  | 'logins'
  /** Whoever has the official app may wait for a message in vain; nobody else notices anything. */
  | 'messages';

/** What else is excused where that is. */
const IMPLIED: Readonly<Record<Excuse, readonly Excuse[]>> = {
  answers: [],
  logins: ['answers', 'messages'],
  messages: [],
};

interface Window {
  readonly excuse: Excuse;
  readonly from: number;
  until: number;
}

/** What was begun while something was broken may end this much later. */
const AFTERMATH_MILLIS = 3_000;
const PATIENCE_MILLIS = 100_000;
/** What HAProxy says where it knows of no instance that is ready. */
const OF_PROXY = 'No server is available to handle this request';
const RETRIABLE = new Set([500, 502, 503, 504]);

/**
 * The way from browsers and phones to the instances. As every good client, it asks again with the same bytes where an answer is lost or
 * says 5xx (REL-06), and keeps account of which of these nothing excuses (I4).
 */
export class Network {
  readonly #random: Random;
  #windows: Window[] = [];
  /** Of so many requests the answer is thrown away, and so many are sent twice (F36). */
  unreliable = 0;
  readonly counts = { requests: 0, repeated: 0, dropped: 0, doubled: 0 };
  /** On a slow machine the proxy may find no instance whose answer about its health is in time: then its own 503 says nothing about them. */
  isOnSlowMachine = false;
  /** How long the slowest 503 has taken since somebody set it to zero (OPS-34). */
  slowestRefusalMillis = 0;
  /** Answers of 5xx, and lost ones, for which there was no excuse. */
  readonly unexplained: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now until the returned function is called, and a little longer, something is broken. */
  breaks(excuse: Excuse): () => void {
    const window: Window = { excuse, from: performance.now(), until: Number.POSITIVE_INFINITY };
    this.#windows.push(window);
    return () => {
      window.until = performance.now() + AFTERMATH_MILLIS;
    };
  }

  /** Everything is whole again, and nothing is under way that was begun before. */
  isWhole(): void {
    this.#windows = [];
  }

  /** Whether something of that kind was broken at any moment since then. */
  isExcused(excuse: Excuse, since: number): boolean {
    return this.#windows.some((it) => it.until > since && [it.excuse, ...IMPLIED[it.excuse]].includes(excuse));
  }

  async send(request: Request): Promise<Answer> {
    const since = performance.now();
    let wasRepeated = false;
    for (let attempt = 0; ; attempt += 1) {
      const { outcome, isDoubled } = await this.#attempt(request);
      wasRepeated ||= isDoubled;
      if (typeof outcome !== 'string' && !RETRIABLE.has(outcome.status)) return { ...outcome, wasRepeated };
      const seen = typeof outcome === 'string' ? outcome : `${outcome.status} ${outcome.text.slice(0, 200)}`;
      const isOfProxy = this.isOnSlowMachine && seen.includes(OF_PROXY);
      if (!isOfProxy && !this.isExcused('answers', since)) {
        this.unexplained.push(`${request.method} ${new URL(request.url).pathname}: ${seen.replaceAll('\n', ' ')}`);
      }
      if (performance.now() - since > PATIENCE_MILLIS) throw new Error(`There is no answer, but ${seen}`);
      // A 503 of an instance says that nothing was done, but for the one that does not know; whoever asks cannot tell them apart.
      wasRepeated = true;
      this.counts.repeated += 1;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(1_000, 50 * 2 ** attempt) * (0.5 + this.#random.next())),
      );
    }
  }

  /** One request, which the network may make two of: the answer to the first, or why there is none. */
  async #attempt({ url, method, headers, body }: Request): Promise<Sent> {
    this.counts.requests += 1;
    const once = async () => {
      const since = performance.now();
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      if (response.status === 503) {
        this.slowestRefusalMillis = Math.max(this.slowestRefusalMillis, performance.now() - since);
      }
      return { status: response.status, headers: Object.fromEntries(response.headers), text };
    };
    const isDoubled = this.#random.next() < this.unreliable;
    if (isDoubled) this.counts.doubled += 1;
    try {
      const [answer] = await Promise.all([once(), isDoubled ? once().catch(() => {}) : undefined]);
      if (this.#random.next() >= this.unreliable) return { outcome: answer, isDoubled };
      this.counts.dropped += 1;
      return { outcome: 'dropped on the way', isDoubled };
    } catch (error) {
      return { outcome: String((error as Error).cause ?? error), isDoubled };
    }
  }
}
