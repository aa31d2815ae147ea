import type { Socket } from 'node:net';

export type DataReader = (piece: Buffer) => void;

type Listener = (...args: never[]) => void;

/**
 * Puts a filter between a socket and each listener for its data, such as a client library. Where the filter or the listener throws, the
 * connection is destroyed with that error and the listener gets no more data (SEC-94).
 */
export const filteredSocket = <S extends Socket>(socket: S, filterOf: (handOn: DataReader) => DataReader): S => {
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => S;
  const removeListener = socket.removeListener.bind(socket) as (event: string, listener: Listener) => S;
  const filtered = new WeakMap<Listener, Listener>();
  const readerFor = (listener: DataReader): DataReader => {
    const read = filterOf((piece) => listener.call(socket, piece));
    return (piece) => {
      if (socket.destroyed) return;
      try {
        read(piece);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    };
  };
  const onFiltered = (event: string, listener: Listener): S => {
    if (event !== 'data') return on(event, listener);
    const reader = readerFor(listener as DataReader);
    filtered.set(listener, reader);
    return on(event, reader);
  };
  return Object.assign(socket, {
    on: onFiltered,
    removeListener: (event: string, listener: Listener) => removeListener(event, filtered.get(listener) ?? listener),
  });
};
