import { seededRandom, testRealm } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { scriptsAdapter } from './scripts-adapter.ts';

test('a warm execution costs a millisecond at the median on a quiet machine (issue 3), and on any less than half of a cold one', async () => {
  const sandbox = new Sandbox({ workers: 1, limits: { cpuMillis: 2_000 }, killMillis: 20_000 });
  const scripts = scriptsAdapter({
    configuration: { script: () => undefined, scripts: () => [] },
    sandbox,
    random: seededRandom(1),
  })({ realm: testRealm() } as never);
  const script = {
    name: 'Least',
    source: 'outcome = "true"',
    evaluatorVersion: '1.0',
    language: 'JAVASCRIPT',
  } as never;
  const given = {
    shared: { username: 'demo', realm: '/', authLevel: 0 },
    ...{ transient: {}, secure: {}, callbacks: [], users: {} },
    ...{ requestHeaders: { host: ['localhost'] }, requestParameters: {}, requestCookies: {} },
  };
  const millis: number[] = [];
  for (let run = 0; run <= 200; run += 1) {
    const from = performance.now();
    const outcome = await scripts.run(script, given);
    millis.push(performance.now() - from);
    expect(outcome).toHaveProperty('result');
  }
  await sandbox.close();
  const [cold = 0, ...warm] = millis;
  const median = warm.sort((a, b) => a - b)[100] ?? Number.POSITIVE_INFINITY;
  console.info(`script overhead: median ${median.toFixed(2)} ms of 200 runs, cold ${cold.toFixed(2)} ms`);
  expect(median).toBeLessThan(cold / 2);
});
