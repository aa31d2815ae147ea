import { createHash } from 'node:crypto';
import { type Clock, foldUsername, type ThrottlePolicy } from '@assent/engine';
import { afterHit, type Committer, DAY_MILLIS, hitsWithin, type ThrottleReader } from '@assent/engine/host';

const HOUR = 3_600_000;

/** How many notices go out within an hour and within a day. */
export interface NoticeBound {
  readonly hour: number;
  readonly day: number;
}

/** To the proven address of a user: a user may change an account often. */
export const NOTICES_TO_OWNER: NoticeBound = { hour: 10, day: 30 };
/** Of one user to an address that the user only claims: it may be the address of another person (SEC-13). */
export const NOTICES_OF_CLAIMANT: NoticeBound = { hour: 3, day: 10 };
/** Of all users who claim an address together. One of them uses up a small part: another may be the owner, who is to be told. */
export const NOTICES_OF_CLAIMANTS: NoticeBound = { hour: 30, day: 90 };

/** What is judged are the hits and no lock, since a notice that was not sent is taken back. */
const policyOf = ({ day }: NoticeBound): ThrottlePolicy => ({
  windowMillis: DAY_MILLIS,
  free: day,
  lockMillis: 0,
  maxLockMillis: 0,
  most: day,
});

/** Instances and tries at a time, all at one row, that one of them may lose to. */
const MAX_RACES = 20;

/** To whom a notice goes. */
export interface NoticeRecipient {
  readonly realm: string;
  /** Without a display name: all spellings of one address are counted together. */
  readonly address: string;
  readonly userId: string;
  /** Whether the address is proven to be that of the user. */
  readonly isProven: boolean;
}

export interface NoticeLimitDependencies {
  readonly throttles: ThrottleReader;
  readonly committer: Committer;
  readonly clock: Clock;
}

/** What has come of counting a notice. */
export type CountedNotice = { readonly takeBack: () => Promise<void> } | 'used up' | 'busy';

const countRow = async (
  { throttles, committer, clock }: NoticeLimitDependencies,
  subject: string,
  bound: NoticeBound,
): Promise<CountedNotice> => {
  for (let races = 0; races < MAX_RACES; races += 1) {
    const [row] = await throttles.get([subject]);
    const hits = row?.hits ?? [];
    const now = clock.now();
    if (hitsWithin(hits, now, HOUR) >= bound.hour || hitsWithin(hits, now, DAY_MILLIS) >= bound.day) return 'used up';
    // No two at one moment, so that each can be taken back alone.
    const at = Math.max(now, (hits.at(-1) ?? 0) + 1);
    const put = { type: 'throttle.put', row: afterHit(row, subject, policyOf(bound), at) };
    if (!(await committer.commit([put])).committed) continue;
    return {
      takeBack: async () => void (await committer.commit([{ type: 'throttle.takeBack', hits: [{ subject, at }] }])),
    };
  }
  return 'busy';
};

/** Counts a notice before it is sent, so that no number of instances sends more. A notice that was not sent is taken back. */
export const countNotice = async (
  dependencies: NoticeLimitDependencies,
  { realm, address, userId, isProven }: NoticeRecipient,
): Promise<CountedNotice> => {
  const digest = createHash('sha256')
    .update(`${realm}:${foldUsername(address)}`)
    .digest('base64url');
  if (isProven) return countRow(dependencies, `notice:${digest}:${userId}`, NOTICES_TO_OWNER);
  const own = await countRow(dependencies, `notice:${digest}:claimed:${userId}`, NOTICES_OF_CLAIMANT);
  if (typeof own === 'string') return own;
  const together = await countRow(dependencies, `notice:${digest}`, NOTICES_OF_CLAIMANTS);
  if (typeof together === 'string') {
    await own.takeBack();
    return together;
  }
  return {
    takeBack: async () => {
      await own.takeBack();
      await together.takeBack();
    },
  };
};
