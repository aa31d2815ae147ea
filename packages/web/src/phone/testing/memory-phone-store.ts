import type { Account } from '../accounts/account.ts';
import { firstSettings, type HistoryEntry, type PhoneStore } from '../accounts/phone-store.ts';

/** The phone's memory for tests. */
export const memoryPhoneStore = (): PhoneStore => {
  const accounts = new Map<string, Account>();
  const history = new Map<string, HistoryEntry>();
  let settings = firstSettings;
  return {
    accounts: async () => [...accounts.values()],
    putAccount: async (account) => void accounts.set(account.id, account),
    removeAccount: async (id) => void accounts.delete(id),
    history: async () => [...history.values()].sort((a, b) => b.at - a.at),
    putHistory: async (entry) => void history.set(entry.messageId, entry),
    settings: async () => settings,
    putSettings: async (next) => {
      settings = next;
    },
  };
};
