import type { EngineChange } from './changes.ts';
import type { Clock } from './clock.ts';
import type { Binding } from './submit.ts';
import { afterHit, type Throttle, type ThrottleReader, type ThrottleRow } from './throttle.ts';

/** A subject's change in this submit, still to be committed. */
interface OwnPut {
  row: ThrottleRow;
}

/**
 * Counters as one submit sees them: read inside the subject's turn, written conditionally, so that parallel guesses
 * cannot exceed a limit, neither within one instance nor across several (SEC-56).
 */
export const bindThrottle =
  (reader: ThrottleReader, clock: Clock): Binding<Throttle> =>
  (submit) => {
    // Kept with the submit: one change per subject and commit, the second joins the first.
    const ownPuts = () => submit.keep('throttle:written', () => new Map<string, OwnPut>());
    const current = async (subject: string): Promise<ThrottleRow | undefined> => {
      const own = ownPuts().get(subject);
      if (own !== undefined) return own.row;
      const [row] = await submit.remember(`throttle:${subject}`, () => reader.get([subject]));
      return row;
    };
    const put = (row: ThrottleRow): void => {
      const written = ownPuts();
      const own = written.get(row.subject);
      if (own !== undefined) {
        own.row = row;
        return;
      }
      const enlisted = { verb: 'throttle.put', row } satisfies EngineChange;
      written.set(row.subject, enlisted);
      submit.enlistAlways(enlisted);
    };

    return {
      async state(subject) {
        await submit.holdTurn(subject);
        const row = await current(subject);
        const lockedUntil = row?.lockedUntil ?? 0;
        return { hits: row?.hits ?? [], locked: clock.now() < lockedUntil, lockedUntil };
      },
      async hit(subject, policy) {
        await submit.holdTurn(subject);
        put(afterHit(await current(subject), subject, policy, clock.now()));
      },
      async clear(subject) {
        await submit.holdTurn(subject);
        const row = await current(subject);
        if (row !== undefined && (row.hits.length > 0 || row.lockedUntil > 0))
          put({ ...row, hits: [], lockedUntil: 0 });
      },
    };
  };
