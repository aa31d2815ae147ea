import type { Store } from '@assent/store';
import { type Finding, ok, warning } from './check.ts';

const DAY = 24 * 60 * 60_000;
/** Instances hear of a key within seconds; one that waits for a day waits for somebody. */
const ANNOUNCED_FOR = DAY;
/** What a key has sealed is sealed anew by servers that run, long before that. */
const RETIRED_FOR = 30 * DAY;
/** A key that is older was not replaced for as long as the trail is kept. */
const ACTIVE_FOR = 400 * DAY;

const daysOf = (millis: number): number => Math.floor(millis / DAY);

/** Whether a replacement of keys has stood still, a key that is out of use is still there, or one is old (SEC-75, SEC-76, ADR 106). */
export const checkKeys = async ({ keys }: Pick<Store, 'keys'>, now: number): Promise<readonly Finding[]> => {
  const name = 'keys';
  const all = await keys.list();
  const findings = all.flatMap(({ kind, id, status, createdAt, since }): readonly Finding[] => {
    const age = now - (since ?? now);
    const key = `The key ${id} of ${kind}`;
    if (status === 'next' && age > ANNOUNCED_FOR) {
      const message = `${key} was announced ${daysOf(age)} days ago, and is not in use.`;
      return [
        warning(
          name,
          message,
          'assent instances list says which server does not know it; then assent key rotate again',
        ),
      ];
    }
    if (status === 'retired' && age > RETIRED_FOR) {
      const message = `${key} is out of use for ${daysOf(age)} days, and still there.`;
      return [warning(name, message, 'assent key destroy says what rests on it, or destroys it')];
    }
    if (status === 'active' && createdAt !== undefined && now - createdAt > ACTIVE_FOR) {
      const message = `${key} is ${daysOf(now - createdAt)} days old.`;
      return [warning(name, message, 'assent key rotate replaces it, while servers run')];
    }
    return [];
  });
  return findings.length > 0 ? findings : [ok(name, `None of ${all.length} is old, or waits.`)];
};
