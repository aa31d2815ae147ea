import type { RealmSettings } from '../model/configuration.ts';
import type { Port } from '../model/port.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { Change } from './changes.ts';

/** One request that may move a journey: what ports need to read once and to write together. */
export interface UnitOfWork {
  readonly realm: RealmSettings;
  readonly journeyId: string;
  readonly request: JourneyRequest;
  /** Belongs to this unit of work's commit; dropped when the journey ends in error. */
  stage(change: Change): void;
  /**
   * Belongs to the commit also when the journey ends in error: counters of guesses. A counter is committed before the rest where the unit of work
   * gives up the turn in which it was changed; then `whenCommitted` runs.
   */
  stageAlways(change: Change, whenCommitted?: () => void): void;
  /** Runs once the commit stands. Its failure never undoes the unit of work. */
  afterCommit(effect: () => void): void;
  /** The answer goes out at an even time, however long it took: before anybody has proved to be somebody, that would tell who exists (I7). */
  answerEvenly(): void;
  /** Waits for this unit of work's turn at a key and keeps it until the unit of work is over: one guess at a time per user. */
  holdTurn(key: string): Promise<void>;
  /** Reads once per unit of work. */
  remember<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Reads again what it has remembered, the next time it is asked for. */
  forget(key: string): void;
  /** Makes once per unit of work what all ports of it work on together; nothing is read for it. */
  keep<T extends object>(key: string, make: () => T): T;
}

/** A unit of work as ports have it that act before its commit. */
export interface ActingUnitOfWork extends UnitOfWork {
  /** Commits now, apart from the rest: only where the outcome depends on something that must follow the commit. */
  commitNow(changes: readonly Change[]): Promise<boolean>;
}

/** A unit of work as ports have it that change nothing. */
export type ReadOnlyUnitOfWork = Pick<UnitOfWork, 'realm' | 'journeyId' | 'request' | 'remember'>;

/** How a port comes to a unit of work; one that keeps nothing per unit of work ignores the argument. */
export type Adapter<T = unknown> = (unit: UnitOfWork) => T;
export type ActingAdapter<T = unknown> = (unit: ActingUnitOfWork) => T;
export type ReadOnlyAdapter<T = unknown> = (unit: ReadOnlyUnitOfWork) => T;

/** What a port is bound by, as its token says what its use can do. */
type AdapterOf<P extends Port> =
  P extends Port<string, infer T, 'reads'>
    ? ReadOnlyAdapter<T>
    : P extends Port<string, infer T, 'stages'>
      ? Adapter<T>
      : P extends Port<string, infer T>
        ? ActingAdapter<T>
        : never;

/** Which implementation stands behind each port. */
export class Bindings {
  readonly #byName = new Map<string, ActingAdapter>();

  bind<P extends Port>(token: P, binding: AdapterOf<P>): this {
    this.#byName.set(token.portName, binding as ActingAdapter);
    return this;
  }

  get(portName: string): ActingAdapter | undefined {
    return this.#byName.get(portName);
  }
}
