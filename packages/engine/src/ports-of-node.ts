import type { ActingBinding, ActingSubmit } from './submit.ts';

/** What one submit has bound so far, by name of the port. */
export interface PortsOfSubmit {
  readonly submit: ActingSubmit;
  readonly bound: Map<string, unknown>;
}

/** Makes the ports of one node for a submit. */
export type PortsOfNode = (from: PortsOfSubmit) => Readonly<Record<string, unknown>>;

const FROM = Symbol('from');

const boundPort = ({ submit, bound }: PortsOfSubmit, name: string, binding: ActingBinding): unknown => {
  let port = bound.get(name);
  if (port === undefined) {
    port = binding(submit);
    bound.set(name, port);
  }
  return port;
};

/** Each port is bound when the node first asks for it: a node declares all that it may need, and mostly needs little of it. */
export const portsOfNode = (ports: readonly (readonly [name: string, binding: ActingBinding])[]): PortsOfNode => {
  class Ports {
    readonly [FROM]: PortsOfSubmit;

    constructor(from: PortsOfSubmit) {
      this[FROM] = from;
    }
  }
  for (const [name, binding] of ports) {
    Object.defineProperty(Ports.prototype, name, {
      get(this: Ports) {
        return boundPort(this[FROM], name, binding);
      },
    });
  }
  return (from) => new Ports(from) as unknown as Readonly<Record<string, unknown>>;
};
