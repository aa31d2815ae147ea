import type { Account } from './account.ts';
import { firstSettings, type HistoryEntry, MAX_HISTORY, type PhoneSettings, type PhoneStore } from './phone-store.ts';

const NAME = 'assent-phone';
const VERSION = 1;
const ONLY = 'only';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });

const open = (factory: IDBFactory): Promise<IDBDatabase> => {
  const request = factory.open(NAME, VERSION);
  request.addEventListener('upgradeneeded', () => {
    const { result: database } = request;
    database.createObjectStore('accounts', { keyPath: 'id' });
    database.createObjectStore('history', { keyPath: 'messageId' }).createIndex('at', 'at');
    database.createObjectStore('settings');
  });
  return settled(request);
};

/**
 * The phone's memory in this browser, shared by the page and its service worker. A `CryptoKey` is stored as such: what is
 * not extractable stays so, on the disk too.
 */
export const indexedDbStore = (factory: IDBFactory): PhoneStore => {
  let opening: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => {
    opening ??= open(factory).then((opened) => {
      // A newer version of the page, in another tab, may change the shape.
      opened.addEventListener('versionchange', () => {
        opened.close();
        opening = undefined;
      });
      return opened;
    });
    return opening;
  };
  const reading = async (name: string): Promise<IDBObjectStore> =>
    (await database()).transaction(name, 'readonly').objectStore(name);
  /** Resolves when the change is kept, not when it was asked for. */
  const writing = async (name: string, change: (store: IDBObjectStore) => void): Promise<void> => {
    const transaction = (await database()).transaction(name, 'readwrite', { durability: 'strict' });
    const done = new Promise<void>((resolve, reject) => {
      transaction.addEventListener('complete', () => resolve());
      transaction.addEventListener('error', () => reject(transaction.error));
      transaction.addEventListener('abort', () => reject(transaction.error));
    });
    change(transaction.objectStore(name));
    return done;
  };

  return {
    accounts: async () => settled<Account[]>((await reading('accounts')).getAll()),
    putAccount: (account) => writing('accounts', (store) => void store.put(account)),
    removeAccount: (id) => writing('accounts', (store) => void store.delete(id)),
    history: async () => (await settled<HistoryEntry[]>((await reading('history')).index('at').getAll())).reverse(),
    putHistory: (entry) =>
      writing('history', (store) => {
        store.put(entry);
        const keys = store.index('at').getAllKeys();
        keys.addEventListener('success', () => {
          const tooMany = keys.result.slice(0, Math.max(0, keys.result.length - MAX_HISTORY));
          for (const key of tooMany) store.delete(key);
        });
      }),
    settings: async () => ({
      ...firstSettings,
      ...(await settled<Partial<PhoneSettings> | undefined>((await reading('settings')).get(ONLY))),
    }),
    putSettings: (settings) => writing('settings', (store) => void store.put(settings, ONLY)),
  };
};
