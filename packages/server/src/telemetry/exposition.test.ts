import { expect, test } from 'vitest';
import { observedMeasures } from '../testing/observed-measures.ts';
import { Exposition } from './exposition.ts';

test('however many ask at once, it is looked and told once for all of them, and anew for the next (OPS-54)', async () => {
  const exposition = new Exposition(observedMeasures().registry, () => () => undefined);
  let looks = 0;
  let end = () => {};
  exposition.lookBefore(
    () =>
      new Promise((resolve) => {
        looks += 1;
        end = resolve;
      }),
  );
  const asked = Array.from({ length: 1_000 }, () => exposition.text());
  end();
  const told = await Promise.all(asked);
  expect([looks, new Set(told).size]).toEqual([1, 1]);
  const next = exposition.text();
  end();
  expect(await next).toContain('assent_build_info');
  expect(looks).toBe(2);
});

test('one that cannot be told is not told to those who ask later', async () => {
  let isBroken = true;
  const { measures, registry } = observedMeasures();
  measures.instances.readFrom(() => {
    if (isBroken) throw new Error('broken');
    return [[1]];
  });
  const exposition = new Exposition(registry, () => () => undefined);
  await expect(exposition.text()).rejects.toThrow('broken');
  isBroken = false;
  expect(await exposition.text()).toContain('assent_instances 1');
});
