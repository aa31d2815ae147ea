import type { PushContext } from '@assent/push/protocol';
import type { Account } from './account.ts';

/** How a request ended, as far as this phone knows: `sent` answers are not yet results (a wrong number is also taken). */
export type RequestEnd = 'approved' | 'denied' | 'not-me' | 'ran-out' | 'withdrawn' | 'refused' | 'unsent';

/** One line of the history. It holds no number and no secret. */
export interface HistoryEntry {
  readonly messageId: string;
  readonly accountId: string;
  readonly title: string;
  readonly name: string;
  readonly end: RequestEnd;
  /** Server time, ms. */
  readonly at: number;
  readonly context: PushContext;
}

/** What its owner has chosen for this phone. */
export interface PhoneSettings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly hidesCodes: boolean;
  /** Approve only after the fingerprint, face or screen lock was checked. */
  readonly alwaysVerifies: boolean;
  /** The credential that checks them, base64url; undefined until it was set up. */
  readonly verifierId: string | undefined;
  /** Whether the question about notifications was answered. */
  readonly wasAskedToRing: boolean;
  /** What a notification is written in. */
  readonly language: string;
}

export const firstSettings: PhoneSettings = Object.freeze({
  theme: 'system',
  hidesCodes: false,
  alwaysVerifies: false,
  verifierId: undefined,
  wasAskedToRing: false,
  language: 'en',
});

/** The phone's memory. Keys in it can be used, never read. */
export interface PhoneStore {
  accounts(): Promise<readonly Account[]>;
  putAccount(account: Account): Promise<void>;
  removeAccount(id: string): Promise<void>;
  /** Newest first, as many as are kept. */
  history(): Promise<readonly HistoryEntry[]>;
  putHistory(entry: HistoryEntry): Promise<void>;
  settings(): Promise<PhoneSettings>;
  putSettings(settings: PhoneSettings): Promise<void>;
}

/** Older lines are forgotten. */
export const MAX_HISTORY = 200;
