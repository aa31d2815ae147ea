import type { FaultSession } from '../fault-session.ts';
import type { StoreName } from '../servers/cluster.ts';

/** How much of each fault there is to be, by the time and the kills that somebody has for a session. */
export interface Effort {
  /** How often something is killed in this session, all faults together. */
  readonly kills: number;
  /** Faults that the specification gives a time last that part of it. */
  readonly time: number;
}

/** What was done and seen, in words for the table; what must not be is thrown, or found by the checker. */
export type Seen = string;

/** A fault of security-reliability §4, with what is to become of it. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  /** Where it can be injected; everywhere where absent. */
  readonly stores?: readonly StoreName[];
  /** Why it is not injected here, and what proves it instead. */
  readonly skipped?: string | ((seed: number, effort: Effort) => string | undefined);
  readonly inject?: (session: FaultSession, effort: Effort) => Promise<Seen>;
}

/** It went another way than it is expected to. */
class WentOtherwise extends Error {
  override readonly name = 'WentOtherwise';
}

export const expectThat = (isSo: boolean, otherwise: string): void => {
  if (!isSo) throw new WentOtherwise(otherwise);
};
