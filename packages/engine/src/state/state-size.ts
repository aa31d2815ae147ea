import { NodeFailure } from '../model/errors.ts';

/**
 * What one journey may keep between two requests, and what the nodes of one request may write of it: characters of texts, and 8 for each other
 * value. All members of the stored state count, so also the properties of the session to come.
 */
export const MAX_STATE_SIZE = 262_144;

export const STATE_TOO_LARGE = `The state of a journey may have ${MAX_STATE_SIZE} characters at most, session properties and details included. Write less, or look for a loop in the tree.`;

const SIZE_OF_VALUE = 8;

/** How much a value is, found without writing it as JSON. Members that JSON leaves out count nothing. */
export const sizeOfValue = (value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return SIZE_OF_VALUE;
  let size = SIZE_OF_VALUE;
  if (Array.isArray(value)) for (const item of value) size += sizeOfValue(item);
  else {
    for (const name in value) {
      const member = (value as Readonly<Record<string, unknown>>)[name];
      if (member !== undefined) size += name.length + sizeOfValue(member);
    }
  }
  return size;
};

/**
 * Counts what a step has from the steps before, and all that its nodes write, also what is written over. A node that exceeds the bound fails: a
 * journey whose nodes add to the state in a circle would otherwise cost memory, processor time and storage for each caller (SEC-93).
 */
export class StateSize {
  readonly #before: () => number;
  /** Found with the first write: most polls write nothing. */
  #size: number | undefined;

  constructor(before: () => number) {
    this.#before = before;
  }

  /** @throws NodeFailure */
  add(name: string, value: unknown): void {
    this.#size = (this.#size ?? this.#before()) + name.length + sizeOfValue(value);
    if (this.#size > MAX_STATE_SIZE) throw new NodeFailure(STATE_TOO_LARGE);
  }
}
