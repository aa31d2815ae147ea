/** What waits to be done for each realm: realms take turns, so a realm with a thousand jobs delays one job of another realm by one of its own (SEC-93). */
export class RealmTurns<T> {
  readonly #concurrency: number;
  readonly #concurrencyOfRealm: number;
  /** No list in it is empty, and the first realm is the next to be served. */
  readonly #waiting = new Map<string, T[]>();
  /** By realm, how many of its jobs run; no entry is 0. */
  readonly #runningOf = new Map<string, number>();
  #running = 0;

  constructor(concurrency: number, concurrencyOfRealm: number) {
    this.#concurrency = concurrency;
    this.#concurrencyOfRealm = concurrencyOfRealm;
  }

  get isEmpty(): boolean {
    return this.#running === 0 && this.#waiting.size === 0;
  }

  add(realm: string, job: T): void {
    const jobs = this.#waiting.get(realm);
    if (jobs === undefined) this.#waiting.set(realm, [job]);
    else jobs.push(job);
  }

  /** Begins the first job of the first realm that may run one more; `ends` has to follow. Undefined where no job may begin. */
  begin(): T | undefined {
    if (this.#running >= this.#concurrency) return undefined;
    for (const [realm, jobs] of this.#waiting) {
      const running = this.#runningOf.get(realm) ?? 0;
      if (running >= this.#concurrencyOfRealm) continue;
      const [job] = jobs.splice(0, 1);
      // The realm goes to the end.
      this.#waiting.delete(realm);
      if (jobs.length > 0) this.#waiting.set(realm, jobs);
      this.#runningOf.set(realm, running + 1);
      this.#running += 1;
      return job;
    }
    return undefined;
  }

  ends(realm: string): void {
    const left = (this.#runningOf.get(realm) ?? 0) - 1;
    if (left > 0) this.#runningOf.set(realm, left);
    else this.#runningOf.delete(realm);
    this.#running -= 1;
  }

  /** Everything that has not begun, which waits no more. */
  giveUp(): T[] {
    const jobs = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    return jobs;
  }
}
