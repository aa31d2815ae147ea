import { expect, test } from 'vitest';
import { commit, mustCommit, NOW, newUser } from '../testing/rows.ts';
import { openMemoryStore } from './memory-store.ts';

test('stores in one process begin with the same tables and share no row', async () => {
  const stores = [await openMemoryStore(), await openMemoryStore(), await openMemoryStore()];
  for (const store of stores) {
    await store.check();
    await mustCommit(store, newUser());
  }
  const [one, other] = stores;
  if (one === undefined || other === undefined) throw new Error('There are three.');
  await mustCommit(one, { type: 'identity.password', id: 'user-1', hash: 'new' });
  expect(await one.identities.passwordHash('user-1')).toBe('new');
  expect(await other.identities.passwordHash('user-1')).not.toBe('new');
  // The next one begins without a row as well.
  expect(await (await openMemoryStore()).identities.findById('user-1')).toBeUndefined();
});

test('a refused commit leaves nothing', async () => {
  const store = await openMemoryStore();
  const result = await commit(store, newUser(), newUser());
  expect(result).toMatchObject({ committed: false, refused: 'identity.insert' });
  expect(await store.identities.findById('user-1')).toBeUndefined();
});

test('what is kept ends with the store, and no other process changes it', async () => {
  const store = await openMemoryStore();
  await mustCommit(store, newUser());
  expect(store.mayHaveChangedElsewhere()).toBe(false);
  expect(await store.sweep(NOW, 100)).toBe(0);
  await store.close();
  await expect(store.check()).rejects.toThrow('the store is closed');
});
