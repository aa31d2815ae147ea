import { expect, test } from 'vitest';
import { stateChanges, visibleState } from './script-state.ts';

const names = Array.from({ length: 1_000 }, (_, at) => `n${at}`);
const values = Object.fromEntries(names.map((name) => [name, 'x']));

/** A list that counts how often one of its items is read. */
const counted = (items: readonly string[]) => {
  let reads = 0;
  const list = new Proxy([...items], {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  return { list, reads: () => reads };
};

test('the inputs of a script are read once for all of the state (SEC-93)', () => {
  const inputs = counted([...names, 'more']);
  const { shared } = visibleState(
    { shared: { ...values, other: 'x' }, transient: values, secure: values },
    inputs.list,
  );
  expect(Object.keys(shared)).toHaveLength(names.length);
  expect(inputs.reads()).toBeLessThanOrEqual(2 * (names.length + 1));
});

test('the secrets that a script has left are read once for all secrets (SEC-93)', () => {
  const secure = counted(names.slice(1));
  const changes = stateChanges(
    { shared: {}, transient: {}, secure: values },
    { shared: {}, transient: {}, secure: secure.list },
  );
  expect(changes).toEqual([{ compartment: 'secure', name: 'n0' }]);
  expect(secure.reads()).toBeLessThanOrEqual(2 * names.length);
});
