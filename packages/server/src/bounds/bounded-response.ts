import { type IncomingMessage, ServerResponse } from 'node:http';
import type { HeldAnswer, OwnerOfAnswer, UnsentAnswers } from './unsent-answers.ts';

/** A response that knows whether so many bytes more may wait for its reader. */
export interface BoundedResponse extends ServerResponse {
  hasRoomFor(bytes: number): boolean;
}

export const isBounded = (response: ServerResponse): response is BoundedResponse => 'hasRoomFor' in response;

/** Counted for each answer that waits: the timers, listeners and entries that wait with it. */
export const BYTES_BESIDE_ANSWER = 2_048;

const shared = new WeakSet<Buffer>();

/**
 * Says that a buffer is kept for the life of the process, such as a file that is served. It is in memory once, however many answers wait with
 * it, and so its bytes are counted for none of them.
 */
export const shareInMemory = (buffer: Buffer): Buffer => {
  shared.add(buffer);
  return buffer;
};

export const isShared = (body: unknown): boolean => Buffer.isBuffer(body) && shared.has(body);

/** How much more memory a piece of an answer has than Node counts for it while it waits: Node counts the characters of a text, and every buffer. */
const uncountedOf = ([piece, encoding]: readonly unknown[]): number => {
  if (typeof piece === 'string') return encoding === 'latin1' ? 0 : Buffer.byteLength(piece) - piece.length;
  return Buffer.isBuffer(piece) && shared.has(piece) ? -piece.length : 0;
};

/**
 * The class of all responses of a server: all bytes of an answer that its reader does not take at once are counted until they are taken, and a
 * connection that takes none is destroyed. A response that is taken at once, as small ones are, costs one comparison.
 */
export const boundedResponses = (
  unsent: UnsentAnswers,
  ownerOf: (request: IncomingMessage) => OwnerOfAnswer,
): typeof ServerResponse => {
  const { stallMillis } = unsent.limits;

  return class Bounded<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
    #held: HeldAnswer | undefined;
    /** What waits beyond what Node counts. */
    #uncounted = 0;

    hasRoomFor(bytes: number): boolean {
      return unsent.makeRoomFor(ownerOf(this.req), bytes + BYTES_BESIDE_ANSWER, this.req.socket);
    }

    override write(...given: unknown[]): boolean {
      const isTaken: boolean = Reflect.apply(super.write, this, given);
      if (!isTaken) this.#hold(given);
      return isTaken;
    }

    override end(...given: unknown[]): this {
      Reflect.apply(super.end, this, given);
      if (!this.writableFinished) this.#hold(given);
      return this;
    }

    /** Counts what waits by now; what an earlier write has left is part of it. */
    #hold(piece: readonly unknown[]): void {
      const { socket } = this.req;
      if (this.destroyed || socket.destroyed) return;
      this.#uncounted += uncountedOf(piece);
      const bytes = BYTES_BESIDE_ANSWER + Math.max(0, this.writableLength + this.#uncounted);
      const isFirst = this.#held === undefined;
      if (this.#held === undefined) this.#held = unsent.hold(ownerOf(this.req), bytes, socket) || undefined;
      else if (!unsent.resize(this.#held, bytes)) this.#held = undefined;
      if (this.#held === undefined) {
        socket.destroy();
        return;
      }
      this.setTimeout(stallMillis);
      if (!isFirst) return;
      const onTaken = () => {
        this.off('drain', onTaken);
        this.off('finish', onTaken);
        const isBusy = this.#held !== undefined && unsent.release(this.#held);
        this.#held = undefined;
        this.#uncounted = 0;
        // Where the connection rests, Node has set the time that it may.
        if (!isBusy && socket.timeout === stallMillis) socket.setTimeout(0);
      };
      this.on('drain', onTaken);
      this.on('finish', onTaken);
    }
  };
};
