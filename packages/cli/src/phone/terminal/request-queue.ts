import type { PushRequest } from '../messages/push-message.ts';

/** A request whose turn it is; it can still be called off while it is on the screen. */
export interface WaitingRequest {
  readonly request: PushRequest;
  readonly calledOff: AbortSignal;
}

/** Requests that wait for the person, in the order in which they came. */
export class RequestQueue {
  readonly #end: AbortSignal;
  readonly #waiting: PushRequest[] = [];
  readonly #calledOff = new Map<string, AbortController>();
  #wake = (): void => {};

  constructor(end: AbortSignal) {
    this.#end = end;
    end.addEventListener('abort', () => this.#wake(), { once: true });
  }

  add(request: PushRequest): void {
    this.#calledOff.set(request.messageId, new AbortController());
    this.#waiting.push(request);
    this.#wake();
  }

  /** The server has withdrawn it, or another one has taken its place. */
  callOff(messageId: string): void {
    this.#calledOff.get(messageId)?.abort();
  }

  /** Waits for the next request that nobody has called off; undefined at the end. */
  async next(): Promise<WaitingRequest | undefined> {
    while (!this.#end.aborted) {
      const request = this.#waiting.shift();
      if (request === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const calledOff = this.#calledOff.get(request.messageId)?.signal;
      if (calledOff !== undefined && !calledOff.aborted) return { request, calledOff };
      this.done(request);
    }
    return undefined;
  }

  /** Nobody waits for an answer to it any more. */
  done({ messageId }: PushRequest): void {
    this.#calledOff.delete(messageId);
  }
}
