import { type IncomingMessage, ServerResponse } from 'node:http';
import type { OwnerOfAnswer, UnsentAnswers } from './unsent-answers.ts';

/** A response that knows whether so many bytes more may wait for its reader. */
export interface BoundedResponse extends ServerResponse {
  hasRoomFor(bytes: number): boolean;
}

export const isBounded = (response: ServerResponse): response is BoundedResponse => 'hasRoomFor' in response;

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
    #release: (() => boolean) | undefined;

    hasRoomFor(bytes: number): boolean {
      return unsent.makeRoomFor(ownerOf(this.req), bytes);
    }

    override write(...given: unknown[]): boolean {
      const isTaken: boolean = Reflect.apply(super.write, this, given);
      if (!isTaken) this.#hold();
      return isTaken;
    }

    override end(...given: unknown[]): this {
      Reflect.apply(super.end, this, given);
      if (!this.writableFinished) this.#hold();
      return this;
    }

    /** Counts what waits by now; what an earlier write has left is part of it. */
    #hold(): void {
      const { socket } = this.req;
      if (this.destroyed || socket.destroyed) return;
      const isFirst = this.#release === undefined;
      this.#release?.();
      const release = unsent.hold(ownerOf(this.req), this.writableLength, socket);
      if (release === false) {
        socket.destroy();
        return;
      }
      this.#release = release;
      this.setTimeout(stallMillis);
      if (!isFirst) return;
      const onTaken = () => {
        this.off('drain', onTaken);
        this.off('finish', onTaken);
        const isBusy = this.#release?.() === true;
        this.#release = undefined;
        // Where the connection rests, Node has set the time that it may.
        if (!isBusy && socket.timeout === stallMillis) socket.setTimeout(0);
      };
      this.on('drain', onTaken);
      this.on('finish', onTaken);
    }
  };
};
