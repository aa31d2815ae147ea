/**
 * Memoizes by the identity of a document or of its settings, so each stored version is parsed once: documents in force are replaced, never changed. All
 * callers share the result and must not change it.
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
