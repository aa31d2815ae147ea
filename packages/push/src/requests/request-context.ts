import type { ActingUnitOfWork } from '@assent/engine/host';
import type { PushCounters } from './push-counters.ts';
import type { PushDependencies } from './push-dependencies.ts';

/** What the steps of a push request share while a node of one unit of work makes it. */
export interface RequestContext {
  readonly dependencies: PushDependencies;
  readonly unit: ActingUnitOfWork;
  readonly counters: PushCounters;
}

/** No message and no code lives longer (SEC-06, SEC-16). */
const MAX_LIFETIME_MILLIS = 600_000;

/** How long a message lives for which a node asks so much. */
export const lifetimeOf = (millis: number): number => Math.min(Math.max(millis, 1_000), MAX_LIFETIME_MILLIS);
