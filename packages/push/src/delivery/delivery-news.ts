import type { Committer, EngineChange } from '@assent/engine/host';
import type { MessageChange, PushMessage } from '../model/messages.ts';
import { type HintBus, requestHint } from './hints.ts';
import type { InFlight } from './in-flight.ts';

type Mark = Extract<MessageChange, { type: 'push.delivery' }>['marks'][number];
type Deferral = Extract<MessageChange, { type: 'push.defer' }>;

/** What became of messages, and is not committed yet. */
interface News {
  readonly marks: Mark[];
  readonly deferrals: Deferral[];
  readonly audits: EngineChange[];
  /** Requests of which a phone turned out to be out of reach, whose pages are told once that is committed. */
  readonly unreached: string[];
}

interface DeliveryNewsDependencies {
  readonly committer: Committer;
  readonly hints: Pick<HintBus, 'publish'>;
  readonly inFlight: Pick<InFlight, 'delete'>;
  readonly log: { warn(msg: string, fields: Readonly<Record<string, unknown>>): void };
  readonly onceWritten: () => void;
}

const noNews = (): News => ({ marks: [], deferrals: [], audits: [], unreached: [] });

/** Writes what became of messages, one commit at a time: what comes meanwhile goes with the next, so a busy server marks in batches. */
export class DeliveryNews {
  readonly #with: DeliveryNewsDependencies;
  #news = noNews();
  #isWriting = false;

  constructor(dependencies: DeliveryNewsDependencies) {
    this.#with = dependencies;
  }

  get isWriting(): boolean {
    return this.#isWriting;
  }

  mark(mark: Mark): void {
    this.#news.marks.push(mark);
  }

  /** The message is to be sent later, by this instance or another. */
  defer(deferral: Omit<Deferral, 'type'>): void {
    this.#news.deferrals.push({ type: 'push.defer', ...deferral });
  }

  audit(change: EngineChange): void {
    this.#news.audits.push(change);
  }

  /** The page of the request is told, once that is committed, that a phone is out of reach. */
  addUnreached({ request }: Pick<PushMessage, 'request'>): void {
    this.#news.unreached.push(request);
  }

  /** Begins to write, unless that is under way or nothing is new. */
  flush(): void {
    if (!this.#isWriting && this.#isAny()) void this.#writeAll();
  }

  #isAny(): boolean {
    const { marks, deferrals, audits } = this.#news;
    return marks.length > 0 || deferrals.length > 0 || audits.length > 0;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#isAny()) {
      const news = this.#news;
      this.#news = noNews();
      try {
        await this.#write(news);
      } catch (error) {
        this.#keep(news);
        const cause = error instanceof Error ? error.name : 'Unknown';
        this.#with.log.warn('Push deliveries could not be marked.', { cause });
        break;
      }
    }
    // In the very turn in which nothing was left: what comes after it begins another flush.
    this.#isWriting = false;
    this.#with.onceWritten();
  }

  async #write({ marks, deferrals, audits, unreached }: News): Promise<void> {
    const { committer, hints, inFlight } = this.#with;
    const delivery = { type: 'push.delivery', marks } satisfies MessageChange;
    await committer.commit([...(marks.length > 0 ? [delivery] : []), ...deferrals, ...audits]);
    for (const { id } of marks) inFlight.delete(id);
    for (const { id } of deferrals) inFlight.delete(id);
    for (const request of unreached) hints.publish(requestHint(request));
  }

  /** For the next flush: until then these messages are not sent again by this instance. */
  #keep(news: News): void {
    const since = this.#news;
    this.#news = {
      marks: [...news.marks, ...since.marks],
      deferrals: [...news.deferrals, ...since.deferrals],
      audits: [...news.audits, ...since.audits],
      unreached: [...news.unreached, ...since.unreached],
    };
  }
}
