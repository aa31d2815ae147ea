import type { ServerResponse } from 'node:http';
import { type RequestNews, type RequestWatchDependencies, rowsShownTo, watchRequest } from '@assent/push';
import { HeldPlaces, type HeldStreams, type NoPlace } from '../bounds/held-places.ts';
import type { Logger } from '../platform/log.ts';

export interface PhoneWaitsOptions {
  readonly watch: RequestWatchDependencies;
  /** Calls `action` every so many milliseconds; the result ends that. */
  every(millis: number, action: () => void): () => void;
  readonly log: Logger;
  readonly streams: HeldStreams;
  /** How many answers one server holds. Above it a page polls, as every other client does. */
  readonly most?: number;
}

const MAX_HELD = 10_000;
/** A journey waits in one tab. A second one may be open by a slip; more are no person. */
const MAX_PER_JOURNEY = 4;
/** Behind one address there may be a whole company. */
const MAX_PER_SOURCE = 1_000;
/** A comment this often keeps proxies from closing a quiet answer, and finds what a lost hint hid. */
const KEEP_ALIVE_MILLIS = 15_000;

/** What is to be held open, and until when. */
export interface PhoneWait {
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly transactionId: string;
  /** Path of the realm of the journey. */
  readonly realm: string;
  readonly journeyId: string;
  readonly clientAddress: string;
  /** The request to the phone. */
  readonly awaited: string;
  /** Whom the journey has identified. */
  readonly identifiedUser?: string | undefined;
  /** Whether it is news that none of the phones is rung; only told to whom the user is identified. */
  readonly hearsOfDeadAddresses?: boolean;
  /** What is sent at once. */
  readonly begin: string;
  /** Says nothing, and keeps the connection. */
  readonly comment: string;
  /** What it ends with; undefined where the server stops before there is news. */
  last(news: RequestNews | undefined): string;
}

/** Answers that are held until there is news of a phone: the streams of our script, and pages that have none. */
export class PhoneWaits {
  readonly #options: PhoneWaitsOptions;
  readonly #places: HeldPlaces;

  constructor(options: PhoneWaitsOptions) {
    this.#options = options;
    const { most = MAX_HELD } = options;
    this.#places = new HeldPlaces({ most, mostOfSource: MAX_PER_SOURCE, mostOfOwner: MAX_PER_JOURNEY });
  }

  /** Why there is no place for another one; undefined where there is. */
  refusal(journeyId: string, clientAddress: string): NoPlace | undefined {
    return this.#places.refusal({ owner: journeyId, clientAddress });
  }

  hold(wait: PhoneWait): void {
    const { response, headers, transactionId, realm, journeyId, clientAddress, awaited, identifiedUser } = wait;
    const { begin, comment, last, hearsOfDeadAddresses = false } = wait;
    // A connection that was lost meanwhile does not say so again: its wait would never end.
    if (response.destroyed) return;
    const { watch, every, log, streams } = this.#options;
    response.writeHead(200, headers as Record<string, string | string[]>);
    const leave = this.#places.take({ owner: journeyId, clientAddress });
    let isOpen = true;
    const end = (text: string) => {
      if (!isOpen) return;
      isOpen = false;
      leave();
      endKeepAlive();
      watching.close();
      streams.delete(stop);
      response.end(text);
    };
    const stop = () => end(last(undefined));
    streams.add(stop, realm);
    response.on('close', stop);
    response.write(begin);
    const messages = {
      ofRequest: async (request: string) => rowsShownTo(identifiedUser, await watch.messages.ofRequest(request)),
    };
    const watching = watchRequest({ ...watch, messages }, awaited, {
      hearsOfDeadAddresses,
      onNews: (news) => end(last(news)),
      onError: (cause) =>
        log.warn({ transactionId, cause: cause }, 'A request that a page waits for could not be read.'),
    });
    const endKeepAlive = every(KEEP_ALIVE_MILLIS, () => {
      response.write(comment);
      watching.refresh();
    });
  }
}
