import type { StateCompartments } from '@assent/engine';
import type { ScriptResult } from './script-result.ts';

/** Stands for every key. */
export const ALL = '*';

type Values = Readonly<Record<string, unknown>>;

const only = (values: Values, isMeant: (name: string) => boolean): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => isMeant(name)));

/** The part of state that a script with these inputs may see. */
export const visibleState = (state: StateCompartments, inputs: readonly string[]): StateCompartments => {
  const named = new Set(inputs);
  const isMeant = (name: string) => named.has(ALL) || named.has(name);
  return {
    shared: only(state.shared, isMeant),
    transient: only(state.transient, isMeant),
    secure: only(state.secure, isMeant),
  };
};

export interface StateChange {
  readonly compartment: keyof StateCompartments;
  readonly name: string;
  /** Absent for a value that is gone. */
  readonly value?: unknown;
}

/**
 * What a script has changed, in place or by name: what it was given against what it left. Values are compared as JSON
 * text, which is how they went in and out.
 */
export const stateChanges = (
  given: StateCompartments,
  left: Pick<ScriptResult, 'shared' | 'transient' | 'secure'>,
): readonly StateChange[] => {
  const changes: StateChange[] = [];
  for (const compartment of ['shared', 'transient'] as const) {
    const [before, after] = [given[compartment], left[compartment]];
    for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) changes.push({ compartment, name });
    for (const [name, value] of Object.entries(after)) {
      if (value === undefined || value === null) {
        if (before[name] !== undefined && before[name] !== null) changes.push({ compartment, name });
      } else if (JSON.stringify(before[name]) !== JSON.stringify(value)) changes.push({ compartment, name, value });
    }
  }
  const secretsLeft = new Set(left.secure);
  for (const name of Object.keys(given.secure)) {
    if (!secretsLeft.has(name)) changes.push({ compartment: 'secure', name });
  }
  return changes;
};
