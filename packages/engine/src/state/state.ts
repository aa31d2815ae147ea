import { copyOfJson } from './copy-of-json.ts';
import { sameJson } from './same-json.ts';
import { StateSize, sizeOfValue } from './state-size.ts';

/** Values by name, none of them inherited: a name may be anything, `constructor` and `__proto__` too. */
type Values = Record<string, unknown>;

/** Shared, transient and secure state of one journey (spec: journeys-rest §5.3), and what was changed in it. */
export class JourneyState {
  readonly shared: Values;
  transient: Values = valuesOf();
  secure: Values;
  /** What the trees around the present one know and it may not, outermost first. */
  #hidden: Values[];
  /** Values before the first change, by name: what was secret, and what was shared; undefined stands for absent. */
  #before: Map<string, readonly [secret: unknown, shared: unknown]> | undefined;
  readonly #size: StateSize;

  /** `sizeBefore` is asked at most once, with the first write: the size of all that the journey has kept so far. */
  constructor(
    shared?: Readonly<Values>,
    secure?: Readonly<Values>,
    hidden: readonly Readonly<Values>[] = [],
    sizeBefore: () => number = () => sizeOfValue([shared ?? {}, secure ?? {}, hidden]),
  ) {
    this.shared = copyOf(shared);
    this.secure = copyOf(secure);
    this.#hidden = hidden.map(copyOf);
    this.#size = new StateSize(sizeBefore);
  }

  get(name: string): unknown {
    return this.transient[name] ?? this.secure[name] ?? this.shared[name];
  }

  /** @throws NodeFailure where the state becomes too large; so does `setTransient`. */
  setShared(name: string, value: unknown): void {
    this.#size.add(name, value);
    this.#note(name);
    this.shared[name] = value;
  }

  setTransient(name: string, value: unknown): void {
    this.#size.add(name, value);
    this.#note(name);
    this.transient[name] = value;
  }

  /**
   * Counts what a node writes elsewhere than in state: the journey keeps it as well, or the request does.
   *
   * @throws NodeFailure where that is too much
   */
  count(name: string, value: unknown): void {
    this.#size.add(name, value);
  }

  /**
   * Adds members to the object of that name in one compartment, and reads no other: what is secret in transient state
   * stays there (spec: journeys-rest §5.3, `mergeShared` and `mergeTransient`).
   */
  merge(name: string, members: Readonly<Values>, compartment: 'shared' | 'transient'): void {
    if (compartment === 'shared') this.setShared(name, { ...membersOf(this.shared[name]), ...members });
    else this.setTransient(name, { ...membersOf(this.secure[name]), ...membersOf(this.transient[name]), ...members });
  }

  remove(name: string): void {
    this.#note(name);
    this.#removeFrom('transient', name);
    this.#removeFrom('secure', name);
    this.#removeFrom('shared', name);
  }

  /** Removes it from one compartment; what stands in another comes to light. */
  drop(name: string, compartment: 'shared' | 'transient' | 'secure'): void {
    this.#note(name);
    this.#removeFrom(compartment, name);
  }

  /** Names whose value now differs from the one that the step began with, those left out that do not matter. */
  changedNames(isHarmless: (name: string) => boolean = () => false): string[] {
    const changed: string[] = [];
    if (this.#before === undefined) return changed;
    for (const [name, before] of this.#before) {
      if (!isHarmless(name) && !sameJson(before, this.#valuesOf(name))) changed.push(name);
    }
    return changed;
  }

  get hidden(): readonly Readonly<Values>[] {
    return this.#hidden;
  }

  get hasSecrets(): boolean {
    return !isEmpty(this.transient) || !isEmpty(this.secure) || this.#hidden.some((some) => !isEmpty(some));
  }

  /** The names of all secrets, also of those that are hidden. */
  secretNames(): Set<string> {
    return new Set([this.transient, this.secure, ...this.#hidden].flatMap((some) => Object.keys(some)));
  }

  /** On the way into an inner tree: takes the secrets away that it does not name. */
  hide(isNamed: (name: string) => boolean): void {
    const away = valuesOf();
    for (const compartment of [this.secure, this.transient]) {
      for (const name of Object.keys(compartment)) {
        if (isNamed(name)) continue;
        away[name] = compartment[name];
        delete compartment[name];
      }
    }
    this.#hidden.push(away);
  }

  /** On the way out: brings them back, but for those that the inner tree has set itself. */
  unhide(): void {
    for (const [name, value] of Object.entries(this.#hidden.pop() ?? {})) {
      if (!(name in this.transient)) this.secure[name] ??= value;
    }
  }

  /**
   * Before a step is sent: what a node ahead names as input becomes secure, all other transient state is dropped. What is
   * hidden at a level stays there under the same rule.
   */
  promote(
    isNamedAhead: (name: string) => boolean,
    isNamedAround: (name: string, level: number) => boolean = isNamedAhead,
  ): void {
    this.#hidden = this.#hidden.map((some, level) => {
      const kept = valuesOf();
      addNamed(kept, some, (name) => isNamedAround(name, level));
      return kept;
    });
    const kept = valuesOf();
    addNamed(kept, this.secure, isNamedAhead);
    addNamed(kept, this.transient, isNamedAhead);
    this.secure = kept;
    this.transient = valuesOf();
  }

  #removeFrom(compartment: 'shared' | 'transient' | 'secure', name: string): void {
    delete this[compartment][name];
  }

  #note(name: string): void {
    this.#before ??= new Map();
    if (!this.#before.has(name)) this.#before.set(name, this.#valuesOf(name));
  }

  #valuesOf(name: string): readonly [unknown, unknown] {
    const hidden = this.#hidden.length === 0 ? undefined : this.#hidden.find((some) => name in some)?.[name];
    return [this.transient[name] ?? this.secure[name] ?? hidden, this.shared[name]];
  }
}

const valuesOf = (): Values => Object.create(null) as Values;

/** A copy down to the last member: a node may change an object where it is, and what was stored is read by others, too. */
const copyOf = (from: Readonly<Values> = {}): Values => {
  const copy = valuesOf();
  for (const name of Object.keys(from)) {
    copy[name] = copyOfJson(from[name]);
  }
  return copy;
};

const isEmpty = (values: Readonly<Values>): boolean => Object.keys(values).length === 0;

const addNamed = (to: Values, from: Readonly<Values>, isNamed: (name: string) => boolean): void => {
  for (const name of Object.keys(from)) if (isNamed(name)) to[name] = from[name];
};

const membersOf = (value: unknown): Readonly<Values> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
