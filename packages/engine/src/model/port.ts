/**
 * What the use of a port can do before its unit of work is committed. One that `reads` looks something up or computes it; one
 * that `stages` asks for changes, which are written by the commit; one that `acts` does what no commit takes back: it sends, or
 * counts a guess. A preview runs no node that uses one that acts.
 */
export type PortAccess = 'reads' | 'stages' | 'acts';

/** A typed token for a capability that is bound once, at the composition root. */
export interface Port<Name extends string = string, T = unknown, Access extends PortAccess = PortAccess> {
  readonly portName: Name;
  readonly access: Access;
  /** Carries the type only; never set. */
  readonly type?: T;
}

/** Declares a port: `export const clock = port<Clock>()('clock', 'reads')`. */
export const port =
  <T>() =>
  <const Name extends string, const Access extends PortAccess>(portName: Name, access: Access): Port<Name, T, Access> =>
    Object.freeze({ portName, access });

export type PortType<P> = P extends Port<string, infer T> ? T : never;

/** What a node gets as `ports`: one member for each token it lists under `uses`. */
export type PortsOf<Uses extends readonly Port[]> = {
  readonly [P in Uses[number] as P['portName']]: PortType<P>;
};
