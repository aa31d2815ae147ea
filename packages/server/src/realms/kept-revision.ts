/** The revision of each document, made once for each stored version: documents in force are never changed, but replaced. */
export const keptRevision = <D extends object>(revisionOf: (document: D) => string): ((document: D) => string) => {
  const revisions = new WeakMap<D, string>();
  return (document) => {
    let revision = revisions.get(document);
    if (revision === undefined) {
      revision = revisionOf(document);
      revisions.set(document, revision);
    }
    return revision;
  };
};
