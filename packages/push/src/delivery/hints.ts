import type { PushMessage } from '../model/messages.ts';
import type { DeliveredMessage } from '../protocol/index.ts';

/**
 * Wakes whoever waits. A hint may get lost: the database is the only truth, and a listener reads it again (design.md
 * decision 3), unless the hint brings what was written there a moment ago.
 */
export interface HintBus {
  /** What was just committed may go with it, to spare listeners of this very process a read; those elsewhere never get it. */
  publish(key: string, committed?: Committed): void;
  /** Calls the listener some time after each `publish` of the key; the result ends that. */
  subscribe(key: string, listener: (committed?: Committed) => void): () => void;
}

/** What a hint may bring. */
export type Committed = CommittedMessage | CommittedEnd;

/** A message to a phone that was committed a moment ago. */
export interface CommittedMessage {
  readonly request: string;
  readonly message: DeliveredMessage;
}

/** A request was answered or closed a moment ago: none of its phones has anything to answer any more. */
export interface CommittedEnd {
  readonly isOver: true;
}

/** Hint of a request: one of its rows was answered or closed. */
export const requestHint = (request: string): string => `push:${request}`;

/** Hint of a user: a new request has taken the place of those that were pending. */
export const newestHint = (userId: string): string => `newest:${userId}`;

/** Hint of a phone of a user: there is something new to list for it. Its address would say too much to those who carry the hint. */
export const phoneHint = ({ userId, deviceUuid }: Pick<PushMessage, 'userId' | 'deviceUuid'>): string =>
  `phone:${userId}:${deviceUuid}`;

/** What somebody who has the hint of this key waits for, in the database; undefined where another key tells of the same. */
export const awaitedBy = (key: string): AwaitedRows | undefined => {
  const [kind, ...rest] = key.split(':');
  if (kind === 'push') return { request: rest.join(':') };
  const [userId, deviceUuid] = rest;
  // A newer request of a user shows in the one whose place it takes.
  return kind === 'phone' && userId !== undefined && deviceUuid !== undefined ? { userId, deviceUuid } : undefined;
};

export type AwaitedRows =
  | { readonly request: string; readonly userId?: never }
  | { readonly request?: never; readonly userId: string; readonly deviceUuid: string };

/** A hint bus that knows what its process waits for. */
export interface LocalHints extends HintBus {
  /** The keys that have listeners. */
  keys(): Iterable<string>;
}

/** A hint bus for one process. A listener that throws disturbs neither the publisher nor other listeners. */
export function localHints(onError: (cause: unknown) => void = () => undefined): LocalHints {
  type Listener = Parameters<HintBus['subscribe']>[1];
  const listeners = new Map<string, Set<Listener>>();
  const call = (listener: Listener, committed: Committed | undefined) => {
    try {
      listener(committed);
    } catch (cause) {
      onError(cause);
    }
  };
  return {
    publish(key, committed) {
      if (!listeners.has(key)) return;
      // A promise and no `queueMicrotask`, which makes an object to trace each call by.
      void Promise.resolve().then(() => {
        for (const listener of [...(listeners.get(key) ?? [])]) call(listener, committed);
      });
    },
    keys: () => listeners.keys(),
    subscribe(key, listener) {
      // A function of its own per subscription, so that one listener may listen twice.
      const own: Listener = (committed) => listener(committed);
      const known = listeners.get(key);
      if (known === undefined) listeners.set(key, new Set([own]));
      else known.add(own);
      return () => {
        const left = listeners.get(key);
        if (left?.delete(own) && left.size === 0) listeners.delete(key);
      };
    },
  };
}
