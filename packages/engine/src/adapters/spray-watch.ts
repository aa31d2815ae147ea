import { LRUCache } from 'lru-cache';
import type { Clock } from '../model/clock.ts';

/** What makes wrong passwords a spray: so many accounts, within that time, and more wrong ones than right ones (A137). */
export const SPRAY = Object.freeze({ accounts: 100, windowMillis: 10 * 60_000 });

/** Realms that are watched at once; each keeps {@link SPRAY} digests at the most. */
const MAX_REALMS = 1_000;

interface Window {
  readonly since: number;
  readonly accounts: Set<string>;
  wrong: number;
  right: number;
  isTold: boolean;
}

/** Sees what no counter of an account or a source does: a few passwords tried at many accounts from many addresses. */
export interface SprayWatch {
  right(realm: string): void;
  /** The facts, once in a window, where this wrong password is the one that makes a spray of them. */
  wrong(realm: string, account: string): Spray | undefined;
}

export interface Spray {
  /** At how many accounts; more are not counted. */
  readonly accounts: number;
  readonly wrong: number;
}

/**
 * Watches what this instance alone sees. It locks nobody out: whoever could make it would lock out a realm. In the morning of an office
 * many mistype, and most do not.
 */
export const sprayWatch = (clock: Clock): SprayWatch => {
  const windows = new LRUCache<string, Window>({ max: MAX_REALMS });
  const windowOf = (realm: string): Window => {
    const now = clock.now();
    const known = windows.get(realm);
    if (known !== undefined && now - known.since < SPRAY.windowMillis && now >= known.since) return known;
    const window = { since: now, accounts: new Set<string>(), wrong: 0, right: 0, isTold: false };
    windows.set(realm, window);
    return window;
  };
  return {
    right(realm) {
      windowOf(realm).right += 1;
    },
    wrong(realm, account) {
      const window = windowOf(realm);
      window.wrong += 1;
      if (window.accounts.size < SPRAY.accounts) window.accounts.add(account);
      const isSpray = window.accounts.size >= SPRAY.accounts && window.wrong > window.right;
      if (!isSpray || window.isTold) return undefined;
      window.isTold = true;
      return { accounts: window.accounts.size, wrong: window.wrong };
    },
  };
};
