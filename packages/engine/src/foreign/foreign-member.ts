/** The member of an object whose names come from outside, such as ids of nodes: `constructor` is there only where it was given. */
export const memberNamed = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;
