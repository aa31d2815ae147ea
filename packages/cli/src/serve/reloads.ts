/** Reads the settings anew as often as a signal asks for it: once at a time, once for all that came meanwhile, and not before it can be done (OPS-59). */
export class Reloads {
  #reload: (() => Promise<void>) | undefined;
  #isWanted = false;
  #isRunning = false;

  want(): void {
    this.#isWanted = true;
    void this.#run();
  }

  /** From here on it can be done, and is, where a signal has come during the start. */
  begin(reload: () => Promise<void>): void {
    this.#reload = reload;
    void this.#run();
  }

  /** Nothing is read any more: the server ends. */
  end(): void {
    this.#reload = undefined;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#isWanted && this.#reload !== undefined) {
      this.#isWanted = false;
      await this.#reload();
    }
    this.#isRunning = false;
  }
}
