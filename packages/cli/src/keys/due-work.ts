import { isSealingKind, isSigningKind, type KeyKind, type KeyState, type Store } from '@assent/store';
import type { CliIo } from '../command/cli-io.ts';

const ROWS = 200;

/** What a command that changes keys does it as. */
export class KeyWork {
  readonly #io: CliIo;
  readonly #store: Store;
  /** Of this run: what one does for all servers is done by it or by one of them. */
  readonly #holder: string;
  readonly #transactionId: string;

  constructor({ io, store }: { readonly io: CliIo; readonly store: Store }) {
    this.#io = io;
    this.#store = store;
    this.#holder = io.randomUuid();
    this.#transactionId = io.randomUuid();
  }

  /** The time that those who share the store agree about. */
  now(): number {
    return (this.#store.clock ?? this.#io).now();
  }

  order() {
    return { at: this.now(), transactionId: this.#transactionId, by: 'command line' } as const;
  }

  /** Retires what has been good for long enough, and seals anew what lies under keys that are replaced; how many records that were. */
  async catchUp(): Promise<number> {
    const { keys, instances } = this.#store;
    await keys.refresh();
    const now = this.now();
    for (const { kind, id, status, goodUntil = 0 } of await keys.list()) {
      if (status === 'retiring' && isSigningKind(kind) && now >= goodUntil) await keys.retire(kind, id, this.order());
    }
    let sealed = 0;
    try {
      for (;;) {
        const done = await keys.reseal({ ...this.order(), holder: this.#holder }, ROWS);
        sealed += done?.rows ?? 0;
        // A server does it: nobody has to wait for that here.
        if (done === undefined || done.isPass) return sealed;
      }
    } finally {
      await instances.leave(this.#holder);
    }
  }
}

/** How many records lie under a key; undefined for one that signs, which knows nothing of what it has signed. */
export const recordsOf = async (
  store: Store,
  { kind, id }: Pick<KeyState, 'kind' | 'id'>,
): Promise<number | undefined> =>
  isSealingKind(kind as KeyKind) && !isSigningKind(kind) ? store.keys.records(kind, id) : undefined;

export const time = (millis: number): string => new Date(millis).toISOString();
