/** What waits for somebody to sign in, in one of the places that its client has for such. */
export interface Waiting {
  readonly idHash: string;
  /**
   * HMAC-SHA-256 of where it comes from, base64url, where anybody could have made it; absent where its client has proven who it is.
   * An address would tell who has come, and its bare hash could be tried out.
   */
  readonly source?: string;
  /** Milliseconds. */
  readonly createdAt: number;
}

/**
 * So many of a kind wait at a time for one client (OIDC-22). A request has 16 KiB at most, so that even all of them are no more
 * than 16 MiB.
 */
export const MAX_WAITING_OF_CLIENT = 1_000;

/** So many of those have come from one place, where anybody can make them: many people are behind one address, but not all of them. */
export const MAX_WAITING_OF_SOURCE = 100;

/** Whether somebody's own number is so high that one more pushes others out; a store counts before it reads them all. */
export const isCrowded = (ofClient: number, ofSource: number): boolean =>
  ofClient >= MAX_WAITING_OF_CLIENT || ofSource >= MAX_WAITING_OF_SOURCE;

/**
 * Which of those that wait lose their place to one more of their kind. Nobody is refused: whoever fills all places would lock everybody
 * else out of the application. A place beyond its share loses its own oldest; where the client has no place left, the oldest of
 * the source that has taken the most goes, which is whoever floods, and not the one who has come once.
 */
export const pushedOutBy = (source: string | undefined, others: readonly Waiting[]): readonly string[] => {
  const waiting = [...others].sort((a, b) => a.createdAt - b.createdAt || (a.idHash < b.idHash ? -1 : 1));
  const out: string[] = [];
  const pushOut = (from: string | undefined): void => {
    const at = waiting.findIndex((it) => it.source === from);
    out.push(...waiting.splice(at, 1).map(({ idHash }) => idHash));
  };
  const countOf = (from: string | undefined): number => waiting.filter((it) => it.source === from).length;
  while (source !== undefined && countOf(source) >= MAX_WAITING_OF_SOURCE) pushOut(source);
  while (waiting.length >= MAX_WAITING_OF_CLIENT) pushOut(fullestOf(waiting));
  return out;
};

/** The source with the most; of several, the one whose oldest is the oldest. */
const fullestOf = (waiting: readonly Waiting[]): string | undefined => {
  const counts = new Map<string | undefined, number>();
  for (const { source } of waiting) counts.set(source, (counts.get(source) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
};
