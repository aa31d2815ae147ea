import { type AwaitedRows, awaitedBy, type LocalHints, type MessageReader, QUIET } from '@assent/push';

export interface LookUpOptions {
  readonly hints: LocalHints;
  readonly messages: Pick<MessageReader, 'fingerprints'>;
  /** Whether somebody else may have committed something, since this was last asked, that nobody told of. Asked at each turn. */
  isDue(): boolean;
  /** Calls `action` every so many milliseconds; the result ends that. */
  every(millis: number, action: () => void): () => void;
  /** The first look that failed after one that did not. */
  onError(cause: unknown): void;
}

const TURN_MILLIS = 250;
/** With more keys than that each is looked up every fourth turn. */
const MAX_KEYS_OF_A_TURN = 2_000;
const TURNS_OF_A_SECOND = 4;

interface Known {
  /** In which turn it was looked up. */
  turn: number;
  fingerprint: string;
}

/**
 * Looks up whether what waits in this process has changed in the database, and wakes it where it has: all keys in one query, four times a
 * second, and none while nothing waits (OPS-39). Nothing is told by a time, so clocks may differ and commits may come late. The result
 * ends that.
 */
export const lookUpChanges = ({ hints, messages, isDue, every, onError }: LookUpOptions): (() => void) => {
  /** One for each key that was looked up and still has listeners. */
  const known = new Map<string, Known>();
  let turn = 0;
  /** The last turn in which somebody else may have committed something. */
  let changedIn = 0;
  /** The last turn in which keys were chosen: who began to wait after it has read the rows by himself. */
  let chosenIn = 0;
  let isLooking = false;
  let isFailing = false;

  const dueKeys = (): ReadonlyMap<string, AwaitedRows> => {
    const awaited = new Map<string, AwaitedRows>();
    for (const key of hints.keys()) {
      const rows = awaitedBy(key);
      if (rows !== undefined) awaited.set(key, rows);
    }
    for (const key of known.keys()) if (!awaited.has(key)) known.delete(key);
    const turns = awaited.size > MAX_KEYS_OF_A_TURN ? TURNS_OF_A_SECOND : 1;
    for (const key of awaited.keys()) {
      const last = known.get(key)?.turn;
      const isDueNow = last === undefined ? changedIn > chosenIn : changedIn > last && turn - last >= turns;
      if (!isDueNow) awaited.delete(key);
    }
    return awaited;
  };

  const look = async (due: ReadonlyMap<string, AwaitedRows>): Promise<void> => {
    const rows = [...due.values()];
    const lookedIn = turn;
    const { requests, phones } = await messages.fingerprints({
      requests: rows.flatMap(({ request }) => request ?? []),
      users: [...new Set(rows.flatMap(({ userId }) => userId ?? []))],
    });
    for (const [key, of] of due) {
      const fingerprint = (of.userId === undefined ? requests.get(of.request) : phones.get(of.deviceUuid)) ?? QUIET;
      // What waits has begun with a look of its own, and would have ended, or told of it, where that found anything else than quiet.
      const before = known.get(key)?.fingerprint ?? QUIET;
      known.set(key, { turn: lookedIn, fingerprint });
      if (fingerprint !== before) hints.publish(key);
    }
  };

  return every(TURN_MILLIS, () => {
    turn += 1;
    if (isDue()) changedIn = turn;
    if (isLooking) return;
    const due = dueKeys();
    const before = chosenIn;
    chosenIn = turn;
    if (due.size === 0) return;
    isLooking = true;
    look(due)
      .then(() => {
        isFailing = false;
      })
      .catch((cause: unknown) => {
        // Its keys were not marked as looked up, and those that came since are due still: the next turn tries them again.
        chosenIn = before;
        if (!isFailing) onError(cause);
        isFailing = true;
      })
      .finally(() => {
        isLooking = false;
      });
  });
};
