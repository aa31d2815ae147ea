import type { Worker } from 'node:worker_threads';
import { createPasswordHasher } from '@assent/store';
import { compose } from '../composition/compose.ts';
import { openStore } from '../platform/open-store.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { type FaultPoint, FaultPoints } from './fault-points.ts';

// An instance for `npm run tools -- faults`: the production composition over a store whose commits come by points at which something can be made
// to happen (OPS-78). The points are handed in here, by whoever starts this very file over a channel that only a parent process has: no
// setting, variable or flag of the product leads to them, and nothing that serves people imports this file.
export type FaultCommand =
  | { readonly do: 'arm'; readonly point?: FaultPoint }
  /** The loop does nothing else for so long (F37). */
  | { readonly do: 'block'; readonly millis: number }
  /** The threads that it has beside the loop end at what they are at, as one does whose engine breaks down (F37). */
  | { readonly do: 'endThreads' };

/** The clock of this process is wrong by so much, as that of a machine would be (F32). */
const moveClock = (millis: number): void => {
  const { Date: Real } = globalThis;
  globalThis.Date = class extends Real {
    constructor(...given: readonly []) {
      // A date of somebody's own is what they say.
      super(...((given.length === 0 ? [Real.now() + millis] : given) as readonly []));
    }
    static override now(): number {
      return Real.now() + millis;
    }
  } as DateConstructor;
};

const [movedBy = '0'] = process.argv.slice(2);
if (Number(movedBy) !== 0) moveClock(Number(movedBy));

const threads = new Set<Worker>();
process.on('worker', (thread: Worker) => {
  threads.add(thread);
  thread.once('exit', () => threads.delete(thread));
});

const { settings } = await loadSettings({ flags: {}, env: process.env });
const points = new FaultPoints();
const store = points.over(await openStore(settings));
// What is measured here is no password: the cost of one would be most of what two cores can do.
const assent = await compose({ settings, store, hasher: createPasswordHasher({ cost: 'cheap-for-tests' }) });
await assent.listen();

process.on('message', (command: FaultCommand) => {
  const ended = threads.size;
  if (command.do === 'arm') points.arm(command.point);
  else if (command.do === 'endThreads') for (const thread of threads) void thread.terminate();
  else {
    const end = performance.now() + command.millis;
    while (performance.now() < end);
  }
  process.send?.({ did: command.do, ...(command.do === 'endThreads' && { ended }) });
});
// Whoever started it is gone, or wants nothing more.
process.once('disconnect', () => process.exit());
// As the command line does it (OPS-33).
process.once('SIGTERM', () => {
  assent.drain();
  setTimeout(() => void assent.stop().then(() => process.exit()), settings.drainSeconds * 1_000);
});
process.send?.({ isReady: true });
