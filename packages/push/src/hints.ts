/**
 * Wakes whoever waits. A hint carries nothing and may get lost: the database is the only truth, and a listener reads it
 * again (design.md decision 3).
 */
export interface HintBus {
  publish(key: string): void;
  /** Calls the listener some time after each `publish` of the key; the result ends that. */
  subscribe(key: string, listener: () => void): () => void;
}

/** Hint of a request: one of its rows was answered or closed. */
export const requestHint = (request: string): string => `push:${request}`;

/** Hint of a phone on the relay: there is something new to list for it. */
export const relayHint = (communicationId: string): string => `relay:${communicationId}`;

/** A hint bus for one process. A listener that throws disturbs neither the publisher nor other listeners. */
export function localHints(onError: (cause: unknown) => void = () => undefined): HintBus {
  const listeners = new Map<string, Set<() => void>>();
  const call = (listener: () => void) => {
    try {
      listener();
    } catch (cause) {
      onError(cause);
    }
  };
  return {
    publish(key) {
      if (!listeners.has(key)) return;
      queueMicrotask(() => {
        for (const listener of [...(listeners.get(key) ?? [])]) call(listener);
      });
    },
    subscribe(key, listener) {
      // A function of its own per subscription, so that one listener may listen twice.
      const own = () => listener();
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
