/** The text of a source with a fault planted in it; throws where its place is not found, or is found twice. */
export const mutated = ({ rule, what, file, of, put }, text) => {
  const parts = text.split(of);
  if (parts.length !== 2) {
    throw new RangeError(`${rule} (${what}): what it changes stands ${parts.length - 1} times in ${file}, not once.`);
  }
  return parts.join(put);
};

/** The tests of a report of Vitest whose names begin with a title as it stands in the source, `%s` and `$name` for anything. */
export const testsNamed = (report, title) => {
  const pattern = title
    .split(/%(?:\.\d+)?[sdijf]|\$\w+/)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*?');
  const isNamed = new RegExp(`^${pattern}`);
  return report.testResults.flatMap(({ assertionResults }) => assertionResults).filter((it) => isNamed.test(it.title));
};
