import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { setState } from './set-state.node.ts';

test.each([[{ '': 'x' }], [{ key: 1 }]])('settings refuse %j', async (attributes) => {
  await expect(runNode(setState, { config: { attributes: attributes as never } })).rejects.toThrow('attributes');
});

test('without attributes it changes nothing', async () => {
  const { action, shared } = await runNode(setState, { state: { kept: 1 } });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared).toEqual({ kept: 1 });
});

test('puts text into shared state, in place of whatever had the name', async () => {
  const config = { attributes: { mail: 'a@b.example', level: '5' } };
  const { shared } = await runNode(setState, { config, state: { mail: { old: true }, kept: 1 } });
  expect(shared).toEqual({ mail: 'a@b.example', level: '5', kept: 1 });
});

test('a name of the language itself is a name like any other (SEC-66)', async () => {
  const attributes = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
  const { shared } = await runNode(setState, { config: { attributes } });
  expect(shared.constructor).toBe('y');
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
