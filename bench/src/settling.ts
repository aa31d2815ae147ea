/** A turn that is this much cheaper than the cheapest before it shows that code is still being compiled. */
const CHEAPER = 0.95;

/** Which turns in a row were of no scenario that got cheaper; 0 while one of them still does. */
export class Settling {
  readonly #cheapest: number[] = [];
  turnsWithoutGain = 0;

  /** `costs` are those of all scenarios in one turn. */
  add(costs: readonly number[]): void {
    const gains = costs.filter((cost, at) => cost < (this.#cheapest[at] ?? Number.POSITIVE_INFINITY) * CHEAPER);
    costs.forEach((cost, at) => {
      this.#cheapest[at] = Math.min(cost, this.#cheapest[at] ?? cost);
    });
    this.turnsWithoutGain = gains.length === 0 ? this.turnsWithoutGain + 1 : 0;
  }
}
