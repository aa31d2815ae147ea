/** How many letters are added, left out or replaced between two names. */
const distance = (from, to) => {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
};

/** The error for a name that is not among those known, with the nearest of them. */
export const unknownName = (kind, name, known) => {
  const [nearest] = [...known].sort((a, b) => distance(name, a) - distance(name, b));
  return `There is no ${kind} "${name}". Did you mean "${nearest}"?`;
};
