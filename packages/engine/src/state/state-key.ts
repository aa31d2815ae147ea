import type { z } from 'zod';

/** Where a value lives: shared state, or transient state that a round trip ends (spec: journeys-rest §5.3). */
export type Compartment = 'shared' | 'transient';

/** A name, what may stand under it, and where it lives. */
export interface StateKey<Name extends string = string, T = unknown> {
  readonly keyName: Name;
  readonly schema: z.ZodType<T>;
  readonly compartment: Compartment;
  /** The name in state is `<nodeId>.<keyName>`. */
  readonly ownedByNode: boolean;
  /** A poll that changes nothing but volatile keys is discarded and writes nothing. */
  readonly volatile: boolean;
}

const define =
  (compartment: Compartment, ownedByNode: boolean) =>
  <const Name extends string, T>(
    keyName: Name,
    schema: z.ZodType<T>,
    options: { volatile?: boolean } = {},
  ): StateKey<Name, T> =>
    Object.freeze({ keyName, schema, compartment, ownedByNode, volatile: options.volatile ?? false });

/** Declares a state key; the compartment belongs to the key, so that no call can put a secret into shared state. */
export const stateKey = {
  shared: define('shared', false),
  transient: define('transient', false),
  ownedByNode: define('shared', true),
};

export type ValueOf<K> = K extends StateKey<string, infer T> ? T : never;

/** An input that the node can do without. */
export interface OptionalInput<K extends StateKey = StateKey> {
  readonly optionalKey: K;
  /** The node looks for it itself, and fails in a way of its own where it is missing. */
  readonly isNeeded?: true;
}
/** An input without which the node fails with `reason`; blank text counts as missing. */
export interface RequiredInput<K extends StateKey = StateKey> {
  readonly requiredKey: K;
  readonly reason: string;
}
export type Input = StateKey | OptionalInput | RequiredInput;

export const optional = <K extends StateKey>(key: K): OptionalInput<K> => ({ optionalKey: key });

/** An input that a journey has to supply although the node does the looking: it checks more than that, or may go on. */
export const needed = <K extends StateKey>(key: K): OptionalInput<K> => ({ optionalKey: key, isNeeded: true });

/** Names the documented error of a node whose input is missing: `required(username, 'Expected username to be set.')`. */
export const required = <K extends StateKey>(key: K, reason: string): RequiredInput<K> => ({
  requiredKey: key,
  reason,
});

export const keyOfInput = (input: Input): StateKey =>
  'optionalKey' in input ? input.optionalKey : 'requiredKey' in input ? input.requiredKey : input;

/** Whether a node fails where the journey supplies no such value. */
export const isNeededInput = (input: Input): boolean => !('optionalKey' in input) || input.isNeeded === true;

/** The name under which a key stands in the state of a journey. */
export const nameInState = (key: StateKey, nodeId: string): string =>
  key.ownedByNode ? `${nodeId}.${key.keyName}` : key.keyName;
