import type { Clock } from '@assent/engine';
import { type HintBus, newestHint, requestHint } from '../delivery/hints.ts';
import { isUnreachableRequest, statusOf } from '../model/message-status.ts';
import type { MessageReader, MessageSummary } from '../model/messages.ts';

/**
 * What a page that waits has to know of its request: there is something to fetch, nobody answered in time, another
 * sign-in of the user has taken its place, or none of the phones is rung any more.
 */
export type RequestNews = 'ready' | 'expired' | 'withdrawn' | 'unreachable';

export interface RequestWatchDependencies {
  readonly messages: Pick<MessageReader, 'ofRequest'>;
  readonly hints: HintBus;
  readonly clock: Clock;
  /** Runs `action` once after so many milliseconds; the result takes it back. */
  after(millis: number, action: () => void): () => void;
}

export interface RequestListener {
  /** Whether it is news that no phone is rung; to who knows that already, it is none. */
  readonly hearsOfDeadAddresses?: boolean;
  /** Comes once; the watch has ended by then. */
  onNews(news: RequestNews): void;
  /** The rows could not be read; the next hint or `refresh` looks again. */
  onError(cause: unknown): void;
}

export interface RequestWatch {
  /** Looks again: hints may get lost. */
  refresh(): void;
  close(): void;
}

/** What the rows of a request say to a page; undefined while there is nothing to say. */
export function newsOf(rows: readonly MessageSummary[], now: number): Exclude<RequestNews, 'unreachable'> | undefined {
  const [first] = rows;
  if (first === undefined) return 'expired';
  const { status } = statusOf(rows, now);
  if (status === 'approved' || status === 'denied') return 'ready';
  if (now >= first.expiresAt) return 'expired';
  if (rows.some(({ reason }) => reason === 'superseded')) return 'withdrawn';
  // Closed before its time by the journey itself: in another tab, or because the phone was removed.
  return status === 'expired' ? 'ready' : undefined;
}

/** Watches one request until there is news of it. */
export function watchRequest(
  { messages, hints, clock, after }: RequestWatchDependencies,
  request: string,
  { onNews, onError, hearsOfDeadAddresses = false }: RequestListener,
): RequestWatch {
  let isOpen = true;
  let looking = false;
  let again = false;
  let cancelTimer = () => {};
  let forgetNewer: (() => void) | undefined;

  const close = () => {
    isOpen = false;
    forget();
    forgetNewer?.();
    cancelTimer();
  };
  const look = async (): Promise<void> => {
    const rows = await messages.ofRequest(request);
    if (!isOpen) return;
    const now = clock.now();
    const news = newsOf(rows, now) ?? (hearsOfDeadAddresses && isUnreachableRequest(rows) ? 'unreachable' : undefined);
    if (news !== undefined) {
      close();
      onNews(news);
      return;
    }
    const [first] = rows;
    if (first !== undefined) forgetNewer ??= hints.subscribe(newestHint(first.userId), refresh);
    cancelTimer();
    cancelTimer = after((first?.expiresAt ?? now) - now, refresh);
  };
  /** One look at a time; a hint in between makes one more, however many there were. */
  const refresh = (): void => {
    again = looking;
    if (looking || !isOpen) return;
    looking = true;
    look()
      .catch(onError)
      .finally(() => {
        looking = false;
        if (again) refresh();
      });
  };
  // Before the first look: an answer in between would otherwise be missed.
  const forget = hints.subscribe(requestHint(request), refresh);
  refresh();
  return { refresh, close };
}
