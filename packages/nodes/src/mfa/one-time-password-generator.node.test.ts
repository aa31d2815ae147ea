import { runNode, seededRandom, simulatedClock, TEST_START } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { oneTimePasswordGenerator } from './one-time-password-generator.node.ts';

const run = (config: { length?: number } = {}, seed = 1) =>
  runNode(oneTimePasswordGenerator, { config, ports: { clock: simulatedClock(), random: seededRandom(seed) } });

test.each([[5], [33], [6.5]])('settings refuse %s digits', async (length) => {
  await expect(run({ length })).rejects.toThrow('length');
});

test.each([
  [undefined, 8],
  [6, 6],
  [10, 10],
])('with %s set the password has %i digits, and is a secret', async (length, digits) => {
  const { action, transient, shared } = await run(length === undefined ? {} : { length });
  expect(action).toMatchObject({ outcome: 'outcome' });
  expect(shared).toEqual({});
  expect(transient).toEqual({
    oneTimePassword: expect.stringMatching(new RegExp(`^\\d{${digits}}$`)),
    oneTimePasswordTimestamp: TEST_START / 1_000,
  });
});

test('every visit generates another one', async () => {
  const generated = await Promise.all(
    [1, 2, 3, 4, 5].map(async (seed) => (await run({}, seed)).transient.oneTimePassword),
  );
  expect(new Set(generated).size).toBe(5);
});

test('generates leading zeros as often as other digits', async () => {
  const random = seededRandom(3);
  const clock = simulatedClock();
  let zeros = 0;
  for (let generated = 0; generated < 500; generated += 1) {
    const { transient } = await runNode(oneTimePasswordGenerator, { ports: { clock, random } });
    if (String(transient.oneTimePassword).startsWith('0')) zeros += 1;
  }
  expect(zeros).toBeGreaterThan(25);
  expect(zeros).toBeLessThan(85);
});
