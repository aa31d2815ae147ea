/** Does so much at once, and says what came of each. */
export const inParallel = async <In, Out>(
  items: Iterable<In>,
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> => {
  const results: Out[] = [];
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) results.push(await work(next.value));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
};
