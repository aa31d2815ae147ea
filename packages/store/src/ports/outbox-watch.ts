import type { OutboxEntry } from '@assent/engine/host';

export type OutboxListener = (entry: OutboxEntry, became: 'waiting' | 'lost') => void;

/** Tells whoever sends that there is something to send, after the commit that has put it there. */
export class OutboxWatch {
  readonly #listeners: OutboxListener[] = [];

  readonly watch = (listener: OutboxListener): void => {
    this.#listeners.push(listener);
  };

  /** Within a commit, which may still be taken back: a listener that finds nothing has lost nothing. */
  readonly note = (entry: OutboxEntry, became: 'waiting' | 'lost'): void => {
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(entry, became);
    });
  };
}
