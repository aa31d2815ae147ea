import type { Socket } from 'node:net';

/** What all answers to one call may come to: a page of users with pictures, and not the memory of this process. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** The library takes apart all messages of a piece by calling itself, so a piece holds few. */
const PIECE_BYTES = 4 * 1024;

/** How many bytes may still come. */
export interface Allowance {
  left: number;
}

type Listener = (...args: never[]) => void;

/** Makes a socket end, rather than hand on more than was allowed or what its reader fails at. */
export const boundedSocket = <S extends Socket>(socket: S, allowance: Allowance): S => {
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => S;
  const removeListener = socket.removeListener.bind(socket) as (event: string, listener: Listener) => S;
  const bounds = new WeakMap<Listener, Listener>();
  const read = (piece: Buffer, listener: (data: Buffer) => void): void => {
    allowance.left -= piece.length;
    if (allowance.left < 0) {
      socket.destroy(new Error(`The answer is larger than ${MAX_ANSWER_BYTES} bytes.`));
      return;
    }
    try {
      for (let at = 0; at < piece.length; at += PIECE_BYTES)
        listener.call(socket, piece.subarray(at, at + PIECE_BYTES));
    } catch (cause) {
      socket.destroy(new Error('The answer cannot be read.', { cause }));
    }
  };
  const bounded = (event: string, listener: Listener): S => {
    if (event !== 'data') return on(event, listener);
    const bound = (piece: Buffer): void => read(piece, listener as (data: Buffer) => void);
    bounds.set(listener, bound);
    return on(event, bound);
  };
  return Object.assign(socket, {
    on: bounded,
    removeListener: (event: string, listener: Listener) => removeListener(event, bounds.get(listener) ?? listener),
  });
};
