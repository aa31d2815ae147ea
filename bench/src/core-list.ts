/** The cores that this process may use, in the words of `taskset`: `0-3,6`. */
export const parseCores = (list: string): readonly number[] =>
  list.split(',').flatMap((range) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const from = Number(first);
    return Array.from({ length: Math.max(0, Number(last) - from + 1) || 0 }, (_, at) => from + at);
  });
