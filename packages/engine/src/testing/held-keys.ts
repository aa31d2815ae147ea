interface NamedKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Keys as a server holds them: the first is the one in use, and what the others have made is still good. */
export const heldKeys = (...given: readonly (NamedKey | Uint8Array)[]) => {
  const keys = given.map((key): NamedKey => (key instanceof Uint8Array ? { id: '1', bytes: key } : key));
  return {
    active(): NamedKey {
      const [key] = keys;
      if (key === undefined) throw new RangeError('there is no key');
      return key;
    },
    find: (id: string): Uint8Array | undefined => keys.find((key) => key.id === id)?.bytes,
    good: (): readonly Uint8Array[] => keys.map(({ bytes }) => bytes),
  };
};
