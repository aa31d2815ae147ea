import type { Change } from './changes.ts';
import type { RealmSettings } from './configuration.ts';
import type { JourneyRequest } from './node-definition.ts';
import type { Port, PortType } from './port.ts';

/** One request that may move a journey: what ports need to read once and to write together. */
export interface Submit {
  readonly realm: RealmSettings;
  readonly journeyId: string;
  readonly request: JourneyRequest;
  /** Belongs to this submit's commit; dropped when the journey ends in error. */
  enlist(change: Change): void;
  /** Belongs to the commit also when the journey ends in error: counters of guesses. */
  enlistAlways(change: Change): void;
  /** Commits now, apart from the rest: only where the outcome depends on something that must follow the commit. */
  commitNow(changes: readonly Change[]): Promise<boolean>;
  /** Runs once the commit stands. Its failure never undoes the submit. */
  afterCommit(effect: () => void): void;
  /** Waits for this submit's turn at a key and keeps it until the submit is over: one guess at a time per user. */
  holdTurn(key: string): Promise<void>;
  /** Reads once per submit. */
  remember<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Makes once per submit what all ports of it work on together; nothing is read for it. */
  keep<T extends object>(key: string, make: () => T): T;
}

/** How a port comes to a submit; a port that keeps nothing per submit ignores the argument. */
export type Binding<T = unknown> = (submit: Submit) => T;

/** Which implementation stands behind each port. */
export class Bindings {
  readonly #byName = new Map<string, Binding>();

  bind<P extends Port>(token: P, binding: Binding<PortType<P>>): this {
    this.#byName.set(token.portName, binding as Binding);
    return this;
  }

  get(portName: string): Binding | undefined {
    return this.#byName.get(portName);
  }
}
