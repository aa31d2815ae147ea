import { JourneyError, NodeFailure, Unavailable } from '@assent/engine';
import { expect, test } from 'vitest';
import { onStoreFailure } from './store-failure.ts';

test.each([
  [new JourneyError('OVERLOADED', { retryAfterSeconds: 1 })],
  [new NodeFailure('The node has spoken.')],
  [new Unavailable('The store is away.')],
])('%s passes: it is the engine’s to handle', async (error) => {
  await expect(
    onStoreFailure(
      () => Promise.reject(error),
      () => 'covered up',
    ),
  ).rejects.toBe(error);
});

test('any other trouble is answered in the node’s words', async () => {
  const cause = new Error('disk');
  await expect(
    onStoreFailure(
      () => Promise.reject(cause),
      (given) => ({ given }),
    ),
  ).resolves.toEqual({ given: cause });
});

test('no trouble is no concern', async () => {
  await expect(
    onStoreFailure(
      async () => 1,
      () => 2,
    ),
  ).resolves.toBe(1);
});
