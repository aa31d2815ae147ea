/** `T` is a Buffer of Node, which the engine has no types of. */
export type DataReader<T> = (piece: T) => void;

type Listener = (...args: never[]) => void;

/** What the filter needs of a socket of `node:net` or `node:tls`. */
interface DataSocket {
  readonly destroyed: boolean;
  destroy(error?: Error): unknown;
  on(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
}

/**
 * Puts a filter between a socket and each listener for its data, such as a client library. Where the filter or the listener throws, the
 * connection is destroyed with that error and the listener gets no more data (SEC-94). A filter may hand on a piece in several parts: where the
 * listener was removed by one of them, the connection is destroyed without an error, since the rest belongs to no answer.
 */
export const filteredSocket = <S extends DataSocket, T>(
  socket: S,
  filterOf: (handOn: DataReader<T>) => DataReader<T>,
): S => {
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => S;
  const removeListener = socket.removeListener.bind(socket) as (event: string, listener: Listener) => S;
  /** The readers that stand in the place of listeners. */
  const readers = new WeakMap<Listener, DataReader<T>>();
  const readerFor = (listener: DataReader<T>): DataReader<T> => {
    const read = filterOf((piece) => {
      if (readers.get(listener) === reader) listener.call(socket, piece);
      else socket.destroy();
    });
    const reader: DataReader<T> = (piece) => {
      if (socket.destroyed) return;
      try {
        read(piece);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    };
    return reader;
  };
  const onFiltered = (event: string, listener: Listener): S => {
    if (event !== 'data') return on(event, listener);
    const reader = readerFor(listener as DataReader<T>);
    readers.set(listener, reader);
    return on(event, reader);
  };
  const removeFiltered = (event: string, listener: Listener): S => {
    const reader = event === 'data' ? readers.get(listener) : undefined;
    if (reader === undefined) return removeListener(event, listener);
    readers.delete(listener);
    return removeListener(event, reader);
  };
  return Object.assign(socket, {
    on: onFiltered,
    addListener: onFiltered,
    removeListener: removeFiltered,
    off: removeFiltered,
  });
};
