import type { OutboxEntry } from '@assent/engine/host';

/** Of entries that one commit has put together: those that wait now, or those that there was no place for. There is at least one. */
export type OutboxListener = (entries: readonly OutboxEntry[], became: 'waiting' | 'lost') => void;

/** Tells whoever sends that there is something to send, after the commit that has put it there. */
export class OutboxWatch {
  readonly #listeners: OutboxListener[] = [];

  readonly watch = (listener: OutboxListener): void => {
    this.#listeners.push(listener);
  };

  /** Within a commit, which may still be taken back: a listener that finds nothing has lost nothing. */
  readonly note = (entries: readonly OutboxEntry[], became: 'waiting' | 'lost'): void => {
    if (entries.length === 0) return;
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(entries, became);
    });
  };
}
