import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const require = createRequire(import.meta.url);

/** In the thread: bcrypt is JavaScript, and a single check takes 80 ms at cost 10. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { compareSync } = require(workerData);
parentPort.on('message', ({ id, password, hash }) => {
  let isRight = false;
  try {
    isRight = compareSync(password, hash);
  } finally {
    parentPort.postMessage({ id, isRight });
  }
});
`;

interface Waiting {
  readonly resolve: (isRight: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Checks bcrypt hashes beside the event loop, one after the other. The thread starts with the first, and is there no longer than
 * the process. How many wait is bounded by the queue that whoever calls stands in.
 */
export const bcryptThread = (): ((password: string, hash: string) => Promise<boolean>) => {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let last = 0;

  const started = (): Worker => {
    if (worker !== undefined) return worker;
    const made = new Worker(THREAD, {
      eval: true,
      workerData: require.resolve('bcryptjs'),
    });
    // While something waits the process must not end, and else the thread must not keep it.
    made.on('message', ({ id, isRight }: { id: number; isRight: boolean }) => {
      waiting.get(id)?.resolve(isRight);
      waiting.delete(id);
      if (waiting.size === 0) made.unref();
    });
    const gone = (cause: unknown): void => {
      if (worker !== made) return;
      worker = undefined;
      for (const { reject } of waiting.values()) reject(new Error('The thread for bcrypt ended.', { cause }));
      waiting.clear();
    };
    made.on('error', gone);
    made.on('exit', gone);
    worker = made;
    return made;
  };

  return (password, hash) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      const thread = started();
      thread.ref();
      thread.postMessage({ id: last, password, hash });
    });
};
