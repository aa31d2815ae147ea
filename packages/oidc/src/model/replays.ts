/** So many of one owner are kept at a time, a MiB at most; each goes as soon as it would be over anyway. */
export const MAX_SEEN_OF_OWNER = 10_000;

/** How far the clock of whoever makes a proof may be ahead of ours. */
export const MAX_AHEAD_MILLIS = 60_000;

/** What must not be seen twice, or is over before its time: by hash, until it would be over anyway. */
export interface ReplayReader {
  has(hash: string): Promise<boolean>;
}
