import { JourneyError, NodeFailure } from '../model/errors.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import type { StateCompartments } from '../node/node-state.ts';
import type { JourneyState } from '../state/state.ts';
import { type Input, nameInState, type StateKey } from '../state/state-key.ts';
import type { CompiledNode } from '../tree/compiled-tree.ts';
import type { ExecutionContext } from './execution-context.ts';

const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** State as one node may read and write it; a required input that is missing fails the node. */
export class NodeStateView {
  readonly #state: JourneyState;
  readonly #nodeId: string;
  readonly #reasons: ReadonlyMap<string, string | undefined>;
  readonly #nodeType: string;

  constructor(context: ExecutionContext, node: CompiledNode, reasons: ReadonlyMap<string, string | undefined>) {
    this.#state = context.state;
    this.#nodeId = node.id;
    this.#nodeType = node.type;
    this.#reasons = reasons;
  }

  get(key: StateKey): unknown {
    const value = this.#state.get(nameInState(key, this.#nodeId));
    if (this.#reasons.size > 0 && this.#reasons.has(key.keyName) && isBlank(value)) {
      const reason = this.#reasons.get(key.keyName);
      if (reason !== undefined) throw new NodeFailure(reason);
      throw new JourneyError('NODE_INPUT_MISSING', {
        nodeType: this.#nodeType,
        nodeId: this.#nodeId,
        key: key.keyName,
        failureUrl: '',
      });
    }
    return value;
  }

  set(key: StateKey, value: unknown): void {
    const name = nameInState(key, this.#nodeId);
    if (key.compartment === 'transient') this.#state.setTransient(name, value);
    else this.#state.setShared(name, value);
  }

  merge(key: StateKey, members: Readonly<Record<string, unknown>>): void {
    this.#state.merge(nameInState(key, this.#nodeId), members, key.compartment);
  }

  remove(key: StateKey): void {
    this.#state.remove(nameInState(key, this.#nodeId));
  }

  read(name: string): unknown {
    return this.#state.get(name);
  }

  write(name: string, value: unknown): void {
    this.#state.setShared(name, value);
  }

  erase(name: string): void {
    this.#state.remove(name);
  }

  compartments(): StateCompartments {
    const { shared, transient, secure } = this.#state;
    return { shared, transient, secure };
  }

  place(name: string, value: unknown, compartment: 'shared' | 'transient'): void {
    if (compartment === 'transient') this.#state.setTransient(name, value);
    else this.#state.setShared(name, value);
  }

  displace(name: string, compartment: keyof StateCompartments): void {
    this.#state.drop(name, compartment);
  }
}

/** Inputs without which the node fails, with the documented text where it has one. */
const requiredInputs = (inputs: readonly Input[]): ReadonlyMap<string, string | undefined> =>
  new Map(
    inputs.flatMap((input): [string, string | undefined][] =>
      'optionalKey' in input
        ? []
        : 'requiredKey' in input
          ? [[input.requiredKey.keyName, input.reason]]
          : [[input.keyName, undefined]],
    ),
  );
const requiredByInputs = new WeakMap<readonly Input[], ReadonlyMap<string, string | undefined>>();

/** What the inputs of a node demand, with the reason to give where it is missing; worked out once for each definition. */
export const requiredOf = ({ inputs }: NodeDefinition): ReadonlyMap<string, string | undefined> => {
  let required = requiredByInputs.get(inputs);
  if (required === undefined) {
    required = requiredInputs(inputs);
    requiredByInputs.set(inputs, required);
  }
  return required;
};
