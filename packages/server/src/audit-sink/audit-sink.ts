import type { AuditBatch } from './audit-line.ts';

/** Where the audit trail is sent on to. */
export interface AuditSink {
  /** Where that is, for operators; without a secret. */
  readonly name: string;
  /** Resolves when the other side has all of the batch. Where it fails, the other side may have some of it. */
  send(batch: AuditBatch, signal: AbortSignal): Promise<void>;
  /** Rejects where nothing could be sent by now, as far as that is known without sending anything. */
  look(signal: AbortSignal): Promise<void>;
  /** What lies under the name may be another file by now. */
  reopen(): void;
  close(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** What has nothing to be opened or closed between two batches. */
export const UNOPENED = { reopen: () => undefined, close: nothing } as const;

/** What is there as long as we are. */
export const ALWAYS_THERE = { look: nothing } as const;

/** Rejects as soon as the signal comes, whatever becomes of the work. */
export const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((done, fail) => {
    const abort = () => fail(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(done, fail).finally(() => signal.removeEventListener('abort', abort));
  });
