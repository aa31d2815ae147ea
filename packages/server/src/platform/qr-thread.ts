import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
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

/** More than this many waiting are no people in front of a page. */
const MAX_WAITING = 256;

interface Rendered {
  readonly id: number;
  readonly code?: QrCode;
  readonly error?: string;
}

/**
 * Renders QR codes in a thread of its own, since one takes some milliseconds in which nobody else would be answered
 * (performance.md rule 5). The thread starts with the first code. A pool of threads would bring what one thread has no use for,
 * and `tinypool` neither says that a module cannot be loaded nor ends a thread that is busy (docs/adr/0054).
 */
export class QrThread {
  readonly #module: string;
  readonly #waiting = new Map<number, { resolve(code: QrCode): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #last = 0;

  /** `webRoot` is where the pages were built to. */
  constructor(webRoot: string) {
    this.#module = pathToFileURL(join(webRoot, 'view/qr.js')).href;
  }

  render(text: string): Promise<QrCode> {
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(new Error('Too many QR codes are waiting.'));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#started().postMessage({ id, text });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(THREAD, { eval: true, workerData: this.#module });
    worker.unref();
    worker.on('message', ({ id, code, error }: Rendered) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (code === undefined) waiting?.reject(new Error(`A QR code could not be rendered: ${error}`));
      else waiting?.resolve(code);
    });
    const gone = (cause: unknown) => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(new Error('The thread for QR codes ended.', { cause }));
      this.#waiting.clear();
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    this.#worker = worker;
    return worker;
  }
}
