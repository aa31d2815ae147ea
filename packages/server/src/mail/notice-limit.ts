import { createHash } from 'node:crypto';
import { type Clock, foldUsername, type ThrottlePolicy } from '@assent/engine';
import { afterHit, type Committer, DAY_MILLIS, hitsWithin, type ThrottleReader } from '@assent/engine/host';

const HOUR = 3_600_000;

/** Notices to one address within an hour: a user may change an account often, and the address may be that of another person (SEC-13). */
export const NOTICES_OF_HOUR = 10;

const OF_DAY = 30;

/** The same within a day. What is judged are the hits and no lock, since a notice that was not sent is taken back. */
export const NOTICES_OF_DAY: ThrottlePolicy = {
  windowMillis: DAY_MILLIS,
  free: OF_DAY,
  lockMillis: 0,
  maxLockMillis: 0,
  most: OF_DAY,
};

/** Instances and tries at a time, all at one row, that one of them may lose to. */
const MAX_RACES = 20;

/** To whom a notice goes. */
export interface NoticeRecipient {
  readonly realm: string;
  /** Without a display name: all spellings of one address are counted together. */
  readonly address: string;
  /** Whose proven address it is; for an address that is not proven, all users who claim it are counted together. */
  readonly owner: string | undefined;
}

export interface NoticeLimitDependencies {
  readonly throttles: ThrottleReader;
  readonly committer: Committer;
  readonly clock: Clock;
}

/** What has come of counting a notice. */
export type CountedNotice = { readonly takeBack: () => Promise<void> } | 'used up' | 'busy';

const subjectOf = ({ realm, address, owner }: NoticeRecipient): string => {
  const digest = createHash('sha256')
    .update(`${realm}:${foldUsername(address)}`)
    .digest('base64url');
  return owner === undefined ? `notice:${digest}` : `notice:${digest}:${owner}`;
};

/** Counts a notice before it is sent, so that no number of instances sends more. A notice that was not sent is taken back. */
export const countNotice = async (
  { throttles, committer, clock }: NoticeLimitDependencies,
  recipient: NoticeRecipient,
): Promise<CountedNotice> => {
  const subject = subjectOf(recipient);
  for (let races = 0; races < MAX_RACES; races += 1) {
    const [row] = await throttles.get([subject]);
    const hits = row?.hits ?? [];
    const now = clock.now();
    if (hitsWithin(hits, now, HOUR) >= NOTICES_OF_HOUR || hitsWithin(hits, now, DAY_MILLIS) >= OF_DAY) return 'used up';
    // No two at one moment, so that each can be taken back alone.
    const at = Math.max(now, (hits.at(-1) ?? 0) + 1);
    const put = { type: 'throttle.put', row: afterHit(row, subject, NOTICES_OF_DAY, at) };
    if (!(await committer.commit([put])).committed) continue;
    return {
      takeBack: async () => void (await committer.commit([{ type: 'throttle.takeBack', hits: [{ subject, at }] }])),
    };
  }
  return 'busy';
};
