/**
 * What is made of each document, or of its settings, once for each stored version: those in force are never changed, but replaced. What is
 * made is handed to everybody who asks, so nobody changes it.
 */
export const madeOnce = <D extends object, T>(make: (document: D) => T): ((document: D) => T) => {
  const known = new WeakMap<D, { readonly made: T }>();
  return (document) => {
    let kept = known.get(document);
    if (kept === undefined) {
      kept = { made: make(document) };
      known.set(document, kept);
    }
    return kept.made;
  };
};
