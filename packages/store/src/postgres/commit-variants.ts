import type { StoreChange } from '../ports/store.ts';
import type { locksOf } from '../sql/locks.ts';
import type { Call } from '../sql/verbs/verb.ts';

/** How tests have commits otherwise. */
export interface CommitVariants {
  readonly isolation?: 'READ COMMITTED' | 'SERIALIZABLE';
  /** What commits lock first, in the order of all of them where absent. */
  readonly locks?: typeof locksOf;
  /** Sees each statement of a change before it is sent. */
  readonly watch?: (change: StoreChange, calls: readonly Call[]) => void;
}
