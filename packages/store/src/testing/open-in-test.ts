import { afterEach, beforeEach } from 'vitest';
import type { Store } from '../ports/store.ts';

export type OpenStore = () => Promise<Store>;

/** A new store for each test of the suite it is called in. */
export const freshStore = (open: OpenStore): (() => Store) => {
  let store: Store | undefined;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });
  return () => {
    if (store === undefined) throw new Error('the store is open within a test only');
    return store;
  };
};
