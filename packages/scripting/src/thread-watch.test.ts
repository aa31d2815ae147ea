import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cpuMillisOfLinux, watchThread } from './thread-watch.ts';

/** A watch whose clock and thread the test moves; the thread gets `share` of the processor. */
const watched = (given: { cpuMillis: number; clockMillis: number; share?: number }) => {
  const pauses: number[] = [];
  let next: (() => void) | undefined;
  let clock = 0;
  let killedAt: number | undefined;
  const timer = (millis: number, action: () => void) => {
    pauses.push(millis);
    next = () => {
      clock += millis;
      action();
    };
    return () => {
      next = undefined;
    };
  };
  const { share, ...limits } = given;
  const cpuMillisOf = () => (share === undefined ? undefined : 7 + clock * share);
  const end = watchThread({ threadId: '1', cpuMillisOf, timer, ...limits }, () => {
    killedAt = clock;
  });
  const run = () => {
    for (let looks = 0; looks < 1_000 && killedAt === undefined && next !== undefined; looks += 1) {
      const look = next;
      next = undefined;
      look();
    }
    return killedAt;
  };
  return { run, end, pauses };
};

test('a thread that has the processor for itself is killed when its processor time is over (SEC-68, SEC-93)', () => {
  const watch = watched({ cpuMillis: 200, clockMillis: 2_000, share: 1 });
  expect(watch.run()).toBe(200);
  expect(watch.pauses).toEqual([200]);
});

test('a thread on a busy machine is killed by what it has used, and not by the clock', () => {
  const watch = watched({ cpuMillis: 200, clockMillis: 2_000, share: 0.25 });
  const at = watch.run() ?? 0;
  expect(at).toBeGreaterThanOrEqual(800);
  expect(at).toBeLessThan(810);
});

test('a thread that gets next to nothing of the processor is killed by the clock', () => {
  expect(watched({ cpuMillis: 200, clockMillis: 2_000, share: 0.001 }).run()).toBe(2_000);
});

test('where the platform tells no processor time, the clock decides', () => {
  const watch = watched({ cpuMillis: 200, clockMillis: 2_000 });
  expect(watch.run()).toBe(2_000);
  expect(watch.pauses).toEqual([2_000]);
});

test('a thread whose script has ended is not killed', () => {
  const watch = watched({ cpuMillis: 200, clockMillis: 2_000, share: 1 });
  watch.end();
  expect(watch.run()).toBeUndefined();
});

test.runIf(process.platform === 'linux')(
  'Linux tells the processor time of a thread, and none of an unknown one',
  () => {
    const own = readlinkSync('/proc/thread-self').split('/').at(-1) ?? '';
    const before = cpuMillisOfLinux(own) ?? Number.NaN;
    for (let at = 0; at < 2e7; at += 1) Math.sqrt(at);
    expect(cpuMillisOfLinux(own)).toBeGreaterThan(before);
    expect(cpuMillisOfLinux('')).toBeUndefined();
    expect(cpuMillisOfLinux('0')).toBeUndefined();
  },
);
