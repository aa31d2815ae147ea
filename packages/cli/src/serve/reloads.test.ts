import { expect, test } from 'vitest';
import { Reloads } from './reloads.ts';

const gate = () => {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
};

test('OPS-59: a signal during the start counts once it is over, and several are one', async () => {
  const reloads = new Reloads();
  let count = 0;
  reloads.want();
  reloads.want();
  reloads.begin(async () => {
    count += 1;
  });
  await Promise.resolve();
  expect(count).toBe(1);
});

test('OPS-59: signals during a reload are one more reload after it, never two at once', async () => {
  const reloads = new Reloads();
  const gates = [gate(), gate()];
  const log: string[] = [];
  const over = gate();
  reloads.begin(async () => {
    const at = log.filter((it) => it === 'begin').length;
    log.push('begin');
    await gates[at]?.passed;
    log.push('end');
    if (at === 1) over.open();
  });
  reloads.want();
  reloads.want();
  reloads.want();
  expect(log).toEqual(['begin']);
  gates[0]?.open();
  gates[1]?.open();
  await over.passed;
  expect(log).toEqual(['begin', 'end', 'begin', 'end']);
});

test('OPS-59: nothing is read once the server ends', () => {
  const reloads = new Reloads();
  reloads.begin(() => Promise.reject(new Error('too late')));
  reloads.end();
  expect(() => reloads.want()).not.toThrow();
});
