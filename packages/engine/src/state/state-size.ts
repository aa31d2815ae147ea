import { NodeFailure } from '../model/errors.ts';

/**
 * What the state of one journey may hold, and what one step may write of it: characters of texts, and 8 for each other value.
 *
 * @internal Tests fill a state up to it.
 */
export const MAX_STATE_SIZE = 262_144;

const SIZE_OF_VALUE = 8;

/** How much a value is, found without writing it as JSON. */
export const sizeOfValue = (value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return SIZE_OF_VALUE;
  let size = SIZE_OF_VALUE;
  if (Array.isArray(value)) for (const item of value) size += sizeOfValue(item);
  else for (const [name, member] of Object.entries(value)) size += name.length + sizeOfValue(member);
  return size;
};

/**
 * Counts what a step has from the steps before, and all that its nodes write, also what is written over. A node that exceeds the bound fails: a
 * journey whose nodes add to the state in a circle would otherwise cost memory, processor time and storage for each caller (SEC-93).
 */
export class StateSize {
  #size: number;

  constructor(before: number) {
    this.#size = before;
  }

  /** @throws NodeFailure */
  add(name: string, value: unknown): void {
    this.#size += name.length + sizeOfValue(value);
    if (this.#size > MAX_STATE_SIZE)
      throw new NodeFailure(`The state of a journey may have ${MAX_STATE_SIZE} characters at most.`);
  }
}
