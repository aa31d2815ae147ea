/** A typed token for a capability that is bound once, at the composition root. */
export interface Port<Name extends string = string, T = unknown> {
  readonly portName: Name;
  /** Carries the type only; never set. */
  readonly type?: T;
}

/** Declares a port: `export const clock = port<Clock>()('clock')`. */
export const port =
  <T>() =>
  <const Name extends string>(portName: Name): Port<Name, T> =>
    Object.freeze({ portName });

export type PortType<P> = P extends Port<string, infer T> ? T : never;

/** What a node gets as `ports`: one member for each token it lists under `uses`. */
export type PortsOf<Uses extends readonly Port[]> = {
  readonly [P in Uses[number] as P['portName']]: PortType<P>;
};
