import { Unavailable } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import type { Store } from '@assent/store';

/**
 * What happens at a point, or what a planted bug does there:
 *
 * - `kill` ends the process as `kill -9` does; `throw` fails the commit as a full disk does; `delay` holds it for some time;
 * - `omit` commits without that change and says that it is kept, and `approve` keeps a denial as an approval.
 */
export type FaultAction = 'kill' | 'throw' | 'delay' | 'omit' | 'approve';

/** A point is named by a change and by the side of its commit: each change has its own verb, so no second list of names is needed. */
export interface FaultPoint {
  /** A type such as `push.open`, or `sweep`. */
  readonly change: string;
  /** Only in a commit that has this change, too. */
  readonly beside?: string;
  /** Only of a message whose id begins so: `REGISTER` or `AUTHENTICATE`. */
  readonly of?: string;
  /** `after` is between the commit and whatever tells of it: an answer, or a message to a provider. */
  readonly when: 'before' | 'after';
  readonly action: FaultAction;
  /** So many commits with that change go by before. */
  readonly skip?: number;
  /** At so many commits then; once where absent. */
  readonly times?: number;
  /** Of `delay`. */
  readonly millis?: number;
}

type Deny = Change & { readonly type: 'push.answer'; readonly state: string };
const isDenial = (change: Change): change is Deny =>
  change.type === 'push.answer' && (change as Deny).state === 'denied';

/** Whose id a change of messages names; a request has the id of its first message. */
const messageIdOf = ({ id, request, rows }: Change): string =>
  String(id ?? request ?? (rows as readonly { readonly id: string }[] | undefined)?.[0]?.id ?? '');

const isAt = ({ change, beside, of = '' }: FaultPoint, changes: readonly Change[]): boolean =>
  changes.some((it) => it.type === change && messageIdOf(it).startsWith(of)) &&
  (beside === undefined || changes.some(({ type }) => type === beside));

/** The one thing that may go wrong next. */
export class FaultPoints {
  #armed: (FaultPoint & { left: number; toSkip: number }) | undefined;

  /** Replaces what was armed before; nothing where absent. */
  arm(point?: FaultPoint): void {
    this.#armed = point && { ...point, left: point.times ?? 1, toSkip: point.skip ?? 0 };
  }

  /** The store, whose commits come by these points. */
  over(store: Store): Store {
    const { committer } = store;
    const sweeping: readonly Change[] = [{ type: 'sweep' }];
    return {
      ...store,
      committer: {
        commit: async (changes) => {
          const planted = await this.#pass('before', changes);
          const result = await committer.commit(planted === undefined ? changes : changed(changes, planted));
          if (result.committed) await this.#pass('after', changes);
          return result;
        },
      },
      sweep: async (...given) => {
        await this.#pass('before', sweeping);
        const swept = await store.sweep(...given);
        await this.#pass('after', sweeping);
        return swept;
      },
    };
  }

  /** Does what is armed for this point, and returns a bug that is to be in the commit. */
  async #pass(when: FaultPoint['when'], changes: readonly Change[]): Promise<FaultPoint | undefined> {
    const armed = this.#armed;
    if (armed === undefined || armed.when !== when || !isAt(armed, changes)) return undefined;
    if (armed.toSkip-- > 0 || armed.left-- <= 0) return undefined;
    if (armed.action === 'kill') process.kill(process.pid, 'SIGKILL');
    if (armed.action === 'throw') throw new Unavailable('The disk is full, says the test.');
    if (armed.action === 'delay') await new Promise((resolve) => setTimeout(resolve, armed.millis ?? 0));
    return armed.action === 'omit' || armed.action === 'approve' ? armed : undefined;
  }
}

const changed = (changes: readonly Change[], { change, action }: FaultPoint): readonly Change[] =>
  action === 'omit'
    ? changes.filter(({ type }) => type !== change)
    : changes.map((it) => (isDenial(it) ? { ...it, state: 'approved', reason: undefined } : it));
