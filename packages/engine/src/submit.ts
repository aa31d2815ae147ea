import type { Change } from './changes.ts';
import type { RealmSettings } from './configuration.ts';
import type { JourneyRequest } from './node-definition.ts';
import type { Port } from './port.ts';

/** One request that may move a journey: what ports need to read once and to write together. */
export interface Submit {
  readonly realm: RealmSettings;
  readonly journeyId: string;
  readonly request: JourneyRequest;
  /** Belongs to this submit's commit; dropped when the journey ends in error. */
  enlist(change: Change): void;
  /** Belongs to the commit also when the journey ends in error: counters of guesses. */
  enlistAlways(change: Change): void;
  /** Runs once the commit stands. Its failure never undoes the submit. */
  afterCommit(effect: () => void): void;
  /** Waits for this submit's turn at a key and keeps it until the submit is over: one guess at a time per user. */
  holdTurn(key: string): Promise<void>;
  /** Reads once per submit. */
  remember<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Makes once per submit what all ports of it work on together; nothing is read for it. */
  keep<T extends object>(key: string, make: () => T): T;
}

/** A submit as ports have it that act before its commit. */
export interface ActingSubmit extends Submit {
  /** Commits now, apart from the rest: only where the outcome depends on something that must follow the commit. */
  commitNow(changes: readonly Change[]): Promise<boolean>;
}

/** A submit as ports have it that change nothing. */
export type LookingSubmit = Pick<Submit, 'realm' | 'journeyId' | 'request' | 'remember'>;

/** How a port comes to a submit; one that keeps nothing per submit ignores the argument. */
export type Binding<T = unknown> = (submit: Submit) => T;
export type ActingBinding<T = unknown> = (submit: ActingSubmit) => T;
export type LookingBinding<T = unknown> = (submit: LookingSubmit) => T;

/** What a port is bound by, as its token says what its use can do. */
type BindingOf<P extends Port> =
  P extends Port<string, infer T, 'looks'>
    ? LookingBinding<T>
    : P extends Port<string, infer T, 'enlists'>
      ? Binding<T>
      : P extends Port<string, infer T>
        ? ActingBinding<T>
        : never;

/** Which implementation stands behind each port. */
export class Bindings {
  readonly #byName = new Map<string, ActingBinding>();

  bind<P extends Port>(token: P, binding: BindingOf<P>): this {
    this.#byName.set(token.portName, binding as ActingBinding);
    return this;
  }

  get(portName: string): ActingBinding | undefined {
    return this.#byName.get(portName);
  }
}
