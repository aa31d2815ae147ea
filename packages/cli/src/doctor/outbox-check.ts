import type { Store } from '@assent/store';
import { plainText } from '../command/plain-text.ts';
import { type Finding, ok, warning } from './check.ts';

/** Causes that are told by themselves; the list of the outbox has them all. */
const MAX_CAUSES = 5;
/** Dead entries that are looked at: whoever has more has enough to read. */
const MAX_ENTRIES = 1_000;

/** What could not be sent, by its kind and cause: mended, it can be tried again (OPS-44, OPS-51). */
export const checkOutbox = async ({ outbox }: Pick<Store, 'outbox'>): Promise<readonly Finding[]> => {
  const dead = await outbox.list({ isDead: true }, MAX_ENTRIES);
  if (dead.length === 0) return [ok('outbox', 'Nothing was given up.')];
  const counts = new Map<string, number>();
  for (const { realm, kind, cause = 'no cause' } of dead) {
    const what = `${kind} of realm ${realm}: ${cause}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_CAUSES)
    .map(([what, count]) =>
      warning(
        'outbox',
        plainText(`${count} could not be sent, ${what}`),
        'assent outbox list --dead, mend the cause, then assent outbox retry --all',
      ),
    );
};
