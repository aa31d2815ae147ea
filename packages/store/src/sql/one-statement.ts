import type { ChangeType, StoreChange } from '../ports/store.ts';

/**
 * A step of a journey writes one row by one statement, whose condition says whether it is still the next step; another that is tried after it
 * finds that it has written nothing.
 */
const ONE_STATEMENT: ReadonlySet<ChangeType> = new Set(['journey.insert', 'journey.advance']);

/** Whether the commit is one statement, which a database keeps as a whole or not at all without being told where it begins and ends. */
export const isOneStatement = (changes: readonly StoreChange[]): boolean =>
  changes.length === 1 && changes.every(({ type }) => ONE_STATEMENT.has(type));
