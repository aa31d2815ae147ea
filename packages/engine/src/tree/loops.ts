interface Visit {
  readonly id: string;
  readonly next: Iterator<string>;
}

/**
 * The loop that each of `ids` is in, if `nextOf` says where one leads: those with the same number can reach each other, and
 * what is in no loop has none. Each is looked at once, and so is each connection. @see Tarjan, SIAM J. Comput. 1 (1972)
 */
export const loopsOf = (
  ids: readonly string[],
  nextOf: (id: string) => readonly string[],
): ReadonlyMap<string, number> => {
  const known = new Set(ids);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const loops = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  let count = 0;

  const enter = (id: string): Visit => {
    lowest.set(id, order.size);
    order.set(id, order.size);
    stack.push(id);
    onStack.add(id);
    return { id, next: nextOf(id)[Symbol.iterator]() };
  };
  const lower = (id: string, to: number | undefined): void => {
    lowest.set(id, Math.min(lowest.get(id) ?? 0, to ?? Number.POSITIVE_INFINITY));
  };
  const leave = (id: string): void => {
    if (lowest.get(id) !== order.get(id)) return;
    const members = stack.splice(stack.lastIndexOf(id));
    for (const member of members) onStack.delete(member);
    if (members.length === 1 && !nextOf(id).includes(id)) return;
    for (const member of members) loops.set(member, count);
    count += 1;
  };

  for (const start of ids) {
    if (order.has(start)) continue;
    const visits = [enter(start)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const step = visit.next.next();
      if (step.done === true) {
        visits.pop();
        leave(visit.id);
        const around = visits.at(-1);
        if (around !== undefined) lower(around.id, lowest.get(visit.id));
      } else if (known.has(step.value)) {
        if (!order.has(step.value)) visits.push(enter(step.value));
        else if (onStack.has(step.value)) lower(visit.id, order.get(step.value));
      }
    }
  }
  return loops;
};

/** `ids` and all that they lead to, each after those that it leads to. A loop is cut where it closes. */
export const innermostFirst = (
  ids: readonly string[],
  nextOf: (id: string) => readonly string[],
): readonly string[] => {
  const done: string[] = [];
  const seen = new Set<string>();
  const open = ids.map((id) => ({ id, isLeft: false })).reverse();
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { id, isLeft } = visit;
    if (isLeft) {
      done.push(id);
      continue;
    }
    if (seen.has(id)) continue;
    seen.add(id);
    open.push({ id, isLeft: true });
    for (const next of nextOf(id)) open.push({ id: next, isLeft: false });
  }
  return done;
};
