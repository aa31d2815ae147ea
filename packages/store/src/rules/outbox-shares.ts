import type { OutboxEntry, OutboxShares } from '@assent/engine/host';

/** Whom entries are for. */
export type Recipient = Pick<OutboxEntry, 'realm' | 'kind' | 'recipient'>;

/** How many of the longest due entries one recipient is given. */
export interface OutboxShare extends Recipient {
  readonly count: number;
}

/** In the order of their keys, those after the last one before the others. */
const afterLast = <T>(found: ReadonlyMap<string, T>, last = ''): readonly (readonly [key: string, one: T])[] => {
  const ordered = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...ordered.filter(([key]) => key > last), ...ordered.filter(([key]) => key <= last)];
};

const keyOf = ({ kind, recipient }: Omit<Recipient, 'realm'>): string => `${kind}\0${recipient}`;

/**
 * Shares a number of entries out among the realms of those for whom something is due, and in each among these: with few who wait, each gets
 * as many as it may, and with many each gets one. What one does not use is left to the next round, so that nobody has to know how much waits.
 */
export const sharesOf = (
  due: readonly Recipient[],
  limit: number,
  perRecipient: number,
  { lastRealm, lastRecipients, busyRealms }: OutboxShares = {},
): readonly (readonly OutboxShare[])[] => {
  const realms = new Map<string, Map<string, Recipient>>();
  for (const one of due) {
    if (busyRealms?.has(one.realm) === true) continue;
    const recipients = realms.get(one.realm) ?? new Map<string, Recipient>();
    realms.set(one.realm, recipients.set(keyOf(one), one));
  }
  const served = afterLast(realms, lastRealm).slice(0, limit);
  const perRealm = Math.ceil(limit / served.length);
  return served.map(([realm, recipients]) => {
    const last = lastRecipients?.get(realm);
    const first = afterLast(recipients, last && keyOf(last)).slice(0, perRealm);
    const count = Math.min(perRecipient, Math.ceil(perRealm / first.length));
    return first.map(([, one]) => ({ ...one, count }));
  });
};

/** The first of each list, then the second of each, until all have come to their end. */
export const inTurn = <T>(lists: readonly (readonly T[])[]): readonly T[] => {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
};
