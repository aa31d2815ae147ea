import type { Input, OptionalInput, RequiredInput, StateKey, ValueOf } from '../state/state-key.ts';

type InputKey<I> =
  I extends OptionalInput<infer K> ? K : I extends RequiredInput<infer K> ? K : I extends StateKey ? I : never;
type CertainKey<I> =
  I extends RequiredInput<infer K> ? K : I extends OptionalInput ? never : I extends StateKey ? I : never;

export interface NodeState<Inputs extends readonly Input[], Outputs extends readonly StateKey[]> {
  /** From transient, then secure, then shared state. A missing required input fails the node with its documented text. */
  get<K extends InputKey<Inputs[number]> | Outputs[number]>(
    key: K,
  ): K extends CertainKey<Inputs[number]> ? ValueOf<K> : ValueOf<K> | undefined;
  set<K extends Outputs[number]>(key: K, value: ValueOf<K>): void;
  /** Adds members to an object where the key lives; members that another compartment holds stay there. */
  merge<K extends Outputs[number]>(key: K, members: Partial<ValueOf<K>>): void;
  /** Removes it from all compartments. */
  remove(key: Outputs[number] | InputKey<Inputs[number]>): void;
  /** By bare name, for nodes whose settings name the keys; declare them with `dynamicInputs`. */
  read(name: string): unknown;
  /** Into shared state by bare name, for nodes whose settings name the keys. */
  write(name: string, value: unknown): void;
  erase(name: string): void;
  /** All of it, for a node that hands it on to a script; to be copied, not changed. */
  compartments(): StateCompartments;
  /** By bare name, into the one or the other. */
  place(name: string, value: unknown, compartment: 'shared' | 'transient'): void;
  /** Out of one of them; what another holds under that name stays. */
  displace(name: string, compartment: keyof StateCompartments): void;
}

/** State by where it lives; secure is what was transient before a round trip. */
export interface StateCompartments {
  readonly shared: Readonly<Record<string, unknown>>;
  readonly transient: Readonly<Record<string, unknown>>;
  readonly secure: Readonly<Record<string, unknown>>;
}
