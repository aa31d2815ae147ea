import type { EngineChange } from './changes.ts';
import type { Clock } from './clock.ts';
import type { Binding } from './submit.ts';
import { afterHit, type Throttle, type ThrottleReader, type ThrottleRow } from './throttle.ts';

/**
 * Counters as one submit sees them: read inside the subject's turn, written conditionally, so that parallel guesses
 * cannot exceed a limit, neither within one instance nor across several (SEC-56).
 */
export const bindThrottle =
  (reader: ThrottleReader, clock: Clock): Binding<Throttle> =>
  (submit) => {
    const read = (subject: string): Promise<ThrottleRow | undefined> =>
      submit.remember(`throttle:${subject}`, async () => {
        const [row] = await reader.get([subject]);
        return row;
      });
    const put = (row: ThrottleRow) => submit.enlistAlways({ verb: 'throttle.put', row } satisfies EngineChange);

    return {
      async state(subject) {
        await submit.holdTurn(subject);
        const row = await read(subject);
        const lockedUntil = row?.lockedUntil ?? 0;
        return { hits: row?.hits ?? [], locked: clock.now() < lockedUntil, lockedUntil };
      },
      async hit(subject, policy) {
        await submit.holdTurn(subject);
        put(afterHit(await read(subject), subject, policy, clock.now()));
      },
      async clear(subject) {
        await submit.holdTurn(subject);
        const row = await read(subject);
        if (row !== undefined && (row.hits.length > 0 || row.lockedUntil > 0))
          put({ ...row, hits: [], lockedUntil: 0 });
      },
    };
  };
