/** Throws where one of the marks is not in the built HTML exactly once. */
export const demandOnce = (built: string, marks: readonly string[]): void => {
  for (const mark of marks) {
    const times = built.split(mark).length - 1;
    if (times !== 1) throw new RangeError(`The built page has ${mark} ${times} times; it needs it once.`);
  }
};

/**
 * Reads the built HTML of a page once; what it gives puts something of each visit in the places of the marks. What is put in is
 * never looked at for marks.
 */
export const pageTemplate = <Name extends string>(
  built: string,
  marks: Readonly<Record<Name, string>>,
): ((fillings: Readonly<Record<Name, string>>) => string) => {
  demandOnce(built, Object.values(marks));
  const places = (Object.keys(marks) as Name[])
    .map((name) => ({ name, at: built.indexOf(marks[name]), length: marks[name].length }))
    .sort((one, other) => one.at - other.at);
  return (fillings) => {
    let page = '';
    let from = 0;
    for (const { name, at, length } of places) {
      page += built.slice(from, at) + fillings[name];
      from = at + length;
    }
    return page + built.slice(from);
  };
};
