/** `T` is a Buffer of Node, which the engine has no types of. */
export type DataReader<T> = (piece: T) => void;

type Listener = (...args: never[]) => void;

/** What the filter needs of a socket of `node:net` or `node:tls`. */
interface DataSocket {
  readonly destroyed: boolean;
  destroy(error: Error): unknown;
  on(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
}

/**
 * Puts a filter between a socket and each listener for its data, such as a client library. Where the filter or the listener throws, the
 * connection is destroyed with that error and the listener gets no more data (SEC-94).
 */
export const filteredSocket = <S extends DataSocket, T>(
  socket: S,
  filterOf: (handOn: DataReader<T>) => DataReader<T>,
): S => {
  const on = socket.on.bind(socket) as (event: string, listener: Listener) => S;
  const removeListener = socket.removeListener.bind(socket) as (event: string, listener: Listener) => S;
  const filtered = new WeakMap<Listener, Listener>();
  const readerFor = (listener: DataReader<T>): DataReader<T> => {
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
    const reader = readerFor(listener as DataReader<T>);
    filtered.set(listener, reader);
    return on(event, reader);
  };
  return Object.assign(socket, {
    on: onFiltered,
    removeListener: (event: string, listener: Listener) => removeListener(event, filtered.get(listener) ?? listener),
  });
};
