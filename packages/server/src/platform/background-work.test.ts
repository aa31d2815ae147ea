import { expect, test } from 'vitest';
import { inBatches } from './background-work.ts';

const worked = async (took: readonly number[], stopAfter = Number.POSITIVE_INFINITY) => {
  let now = 0;
  let done = 0;
  const pauses: number[] = [];
  const batch = async () => {
    now += took[done] ?? 0;
    done += 1;
    return done < took.length;
  };
  const wait = async (millis: number) => {
    pauses.push(millis);
  };
  await inBatches(batch, { clock: { now: () => now }, wait, isStopping: () => done >= stopAfter });
  return { done, pauses };
};

test('waits after each batch as long as it took, and a second at most (SEC-93)', async () => {
  expect(await worked([5, 0, 400, 30_000, 7])).toEqual({ done: 5, pauses: [5, 400, 1_000] });
});

test('begins no batch once the server stops', async () => {
  expect(await worked([5, 5, 5, 5], 2)).toEqual({ done: 2, pauses: [5, 5] });
  expect(await worked([5], 0)).toEqual({ done: 0, pauses: [] });
});
