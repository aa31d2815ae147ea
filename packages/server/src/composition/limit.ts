import type { ThrottlePolicy } from '@assent/engine';
import type { Rate } from '../http/rate-per-key.ts';

/** What is counted so that nobody does too much of it, as people are told of it, and what shows that it holds. */
export interface Limit {
  /** What is guessed, or costs somebody something. */
  readonly what: string;
  /** By whom it is counted. */
  readonly per: string;
  /** With a policy it is counted in the database, in the commit of what it counts; with a rate in the memory of the instance. */
  readonly by: ThrottlePolicy | Rate | string;
  /** What happens over it. */
  readonly over: string;
  /** Where it cannot be counted: `closed` gives no answer, since a guess would pay; `open` goes on. */
  readonly fails: 'closed' | 'open';
  /** A test that fails without it, by its file under `packages/` and its name. */
  readonly heldBy: readonly [file: string, test: string];
}
