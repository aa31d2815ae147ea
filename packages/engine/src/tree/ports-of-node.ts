import type { ActingAdapter, ActingUnitOfWork } from '../unit-of-work/unit-of-work.ts';

/** What one unit of work has bound so far, by name of the port. */
export interface BoundPorts {
  readonly unitOfWork: ActingUnitOfWork;
  readonly bound: Map<string, unknown>;
}

/** Makes the ports of one node for a unit of work. */
export type PortsOfNode = (from: BoundPorts) => Readonly<Record<string, unknown>>;

const FROM = Symbol('from');

const boundPort = ({ unitOfWork, bound }: BoundPorts, name: string, adapter: ActingAdapter): unknown => {
  let port = bound.get(name);
  if (port === undefined) {
    port = adapter(unitOfWork);
    bound.set(name, port);
  }
  return port;
};

/** Each port is bound when the node first asks for it: a node declares all that it may need, and mostly needs little of it. */
export const portsOfNode = (ports: readonly (readonly [name: string, adapter: ActingAdapter])[]): PortsOfNode => {
  class Ports {
    readonly [FROM]: BoundPorts;

    constructor(from: BoundPorts) {
      this[FROM] = from;
    }
  }
  for (const [name, adapter] of ports) {
    Object.defineProperty(Ports.prototype, name, {
      get(this: Ports) {
        return boundPort(this[FROM], name, adapter);
      },
    });
  }
  return (from) => new Ports(from) as unknown as Readonly<Record<string, unknown>>;
};
