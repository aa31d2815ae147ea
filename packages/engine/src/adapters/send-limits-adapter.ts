import type { Clock } from '../model/clock.ts';
import { afterHit, isLocked, type SendLimits, type ThrottleReader, type ThrottleRow } from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { ActingAdapter, Adapter, UnitOfWork } from '../unit-of-work/unit-of-work.ts';

/** Writes the changes that count; `false` where a counter was used up by others meanwhile. */
type Write = (changes: readonly EngineChange[]) => Promise<boolean>;

const limitsOf = (unit: UnitOfWork, reader: ThrottleReader, clock: Clock, write: Write): SendLimits => {
  // Kept with the unit of work: what one node counts, the next node of the same request reads.
  const taken = unit.keep('send-limits:taken', () => new Map<string, ThrottleRow>());
  return {
    async take(counters) {
      const now = clock.now();
      const subjects = [...counters.keys()];
      const stored = await reader.get(subjects.filter((subject) => !taken.has(subject)));
      const rowOf = (subject: string) => taken.get(subject) ?? stored.find((row) => row.subject === subject);
      if (subjects.some((subject) => isLocked(rowOf(subject), now))) return false;
      const hits = [...counters].map(
        ([subject, policy]): EngineChange => ({ type: 'throttle.hit', subject, policy, at: now, onlyUnlocked: true }),
      );
      if (!(await write(hits))) return false;
      for (const [subject, policy] of counters) taken.set(subject, afterHit(rowOf(subject), subject, policy, now));
      return true;
    },
  };
};

/** Where others use up a counter before the commit, the commit is refused and the unit of work runs again, as after each lost race. */
export const sendLimitsAdapter =
  (reader: ThrottleReader, clock: Clock): Adapter<SendLimits> =>
  (unit) =>
    limitsOf(unit, reader, clock, async (changes) => {
      for (const change of changes) unit.stage(change);
      return true;
    });

export const sendLimitsNowAdapter =
  (reader: ThrottleReader, clock: Clock): ActingAdapter<SendLimits> =>
  (unit) =>
    limitsOf(unit, reader, clock, (changes) => unit.commitNow(changes));
