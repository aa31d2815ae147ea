type Values = Record<string, unknown>;

const values = (from: Readonly<Values> = {}): Values => Object.assign(Object.create(null) as Values, from);

/** Shared, transient and secure state of one journey (spec: journeys-rest §5.3), and what was changed in it. */
export class JourneyState {
  readonly shared: Values;
  transient: Values = values();
  secure: Values;
  /** Values before the first change, by name: what was secret, and what was shared; undefined stands for absent. */
  readonly #before = new Map<string, readonly [secret: unknown, shared: unknown]>();

  constructor(shared: Readonly<Values> = {}, secure: Readonly<Values> = {}) {
    this.shared = values(shared);
    this.secure = values(secure);
  }

  get(name: string): unknown {
    return this.transient[name] ?? this.secure[name] ?? this.shared[name];
  }

  setShared(name: string, value: unknown): void {
    this.#note(name);
    this.shared[name] = value;
  }

  setTransient(name: string, value: unknown): void {
    this.#note(name);
    this.transient[name] = value;
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
    delete this.transient[name];
    delete this.secure[name];
    delete this.shared[name];
  }

  /** Names whose value now differs from the one this run began with. */
  changedNames(): string[] {
    return [...this.#before].filter(([name, before]) => !sameValue(before, this.#valuesOf(name))).map(([name]) => name);
  }

  /** Before a step is sent: what a node ahead names as input becomes secure, all other transient state is dropped. */
  promote(isNamedAhead: (name: string) => boolean): void {
    const kept = values();
    for (const [name, value] of Object.entries({ ...this.secure, ...this.transient })) {
      if (isNamedAhead(name)) kept[name] = value;
    }
    this.secure = kept;
    this.transient = values();
  }

  #note(name: string): void {
    if (!this.#before.has(name)) this.#before.set(name, this.#valuesOf(name));
  }

  #valuesOf(name: string): readonly [unknown, unknown] {
    return [this.transient[name] ?? this.secure[name], this.shared[name]];
  }
}

const membersOf = (value: unknown): Readonly<Values> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};

const sameValue = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.every((value, at) => value === b[at]) || JSON.stringify(a) === JSON.stringify(b);
