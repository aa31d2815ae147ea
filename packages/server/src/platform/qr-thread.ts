import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type FairQueue, fairQueue, type Lane, type Timer } from '@assent/engine/host';
import type { QrCode } from '@assent/wire';

/** In the thread: renders by the code that the pages render by, as it was built (docs/adr/0021). */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', async ({ id, text }) => {
  try {
    parentPort.postMessage({ id, code: (await import(workerData)).renderQr(text) });
  } catch (error) {
    parentPort.postMessage({ id, error: String(error) });
  }
});
`;

/** Codes that are in the thread and that wait for it. */
const CODES = { concurrency: 2, most: 256, mostOfRealm: 128, deadlineMillis: 10_000 };
/** Characters that the largest code holds, if all are digits (ISO/IEC 18004 table 7, version 40-L), so that a code that waits takes at most 14 KiB. */
const MAX_TEXT_LENGTH = 7_089;
/** Rendering takes some milliseconds. A thread that has not answered for so long is ended. */
const TIMEOUT_MILLIS = 10_000;

interface Rendered {
  readonly id: number;
  readonly code?: QrCode;
  readonly error?: string;
}

/** A code that is in the thread. */
interface Asked {
  cancelTimeout(): void;
  resolve(code: QrCode): void;
  reject(error: Error): void;
}

/**
 * Renders QR codes in a separate thread, since a code takes some milliseconds of the event loop. Realms and their callers take turns (SEC-93). The
 * thread starts with the first code. `tinypool` neither reports that a module cannot be loaded nor ends a thread that is busy (docs/adr/0054).
 */
export class QrThread {
  readonly #module: string;
  readonly #timer: Timer;
  readonly #queue: FairQueue;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #last = 0;
  #isClosed = false;

  /** `webRoot` is where the pages were built to. */
  constructor(webRoot: string, timer: Timer) {
    this.#timer = timer;
    this.#queue = fairQueue({ ...CODES, timer });
    this.#module = pathToFileURL(join(webRoot, 'view/qr.js')).href;
  }

  /** Rejects with `OVERLOADED` where too many codes wait. */
  render(text: string, lane: Lane): Promise<QrCode> {
    if (text.length > MAX_TEXT_LENGTH) return Promise.resolve('too-long');
    return this.#queue(lane, () => this.#ask(text));
  }

  /** Ends the thread and rejects all codes that wait. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #ask(text: string): Promise<QrCode> {
    if (this.#isClosed) return Promise.reject(new Error('The thread for QR codes is closed.'));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#timer(TIMEOUT_MILLIS, () => void this.#worker?.terminate());
      this.#asked.set(id, { cancelTimeout, resolve, reject });
      this.#started().postMessage({ id, text });
    });
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(THREAD, { eval: true, workerData: this.#module });
    worker.unref();
    worker.on('message', ({ id, code, error }: Rendered) => {
      const asked = this.#take(id);
      if (code === undefined) asked?.reject(new Error(`A QR code could not be rendered: ${error}`));
      else asked?.resolve(code);
    });
    const gone = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const id of [...this.#asked.keys()])
        this.#take(id)?.reject(new Error('The thread for QR codes ended.', { cause }));
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    this.#worker = worker;
    return worker;
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.cancelTimeout();
    return asked;
  }
}
