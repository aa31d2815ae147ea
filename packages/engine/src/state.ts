type Values = Record<string, unknown>;

const values = (from: Readonly<Values> = {}): Values => Object.assign(Object.create(null) as Values, from);

/** Shared, transient and secure state of one journey (spec: journeys-rest §5.3), and what was changed in it. */
export class JourneyState {
  readonly shared: Values;
  transient: Values = values();
  secure: Values;
  /** Value before the first change, by name; undefined stands for absent. */
  readonly #before = new Map<string, unknown>();

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

  remove(name: string): void {
    this.#note(name);
    delete this.transient[name];
    delete this.secure[name];
    delete this.shared[name];
  }

  /** Names whose value now differs from the one this run began with. */
  changedNames(): string[] {
    return [...this.#before].filter(([name, before]) => !sameValue(before, this.get(name))).map(([name]) => name);
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
    if (!this.#before.has(name)) this.#before.set(name, this.get(name));
  }
}

const sameValue = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
