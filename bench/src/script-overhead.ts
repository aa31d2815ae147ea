import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { RealmSettings } from '@assent/engine';
import { Sandbox, scriptsAdapter } from '@assent/scripting';

const RUNS = 400;
const WARM_RUNS = 100;

/** The least that a script can do, in the bindings of each engine. */
const SOURCES = { '1.0': 'outcome = "true"', '2.0': 'action.goTo("true")' } as const;

/** Milliseconds that a Scripted Decision adds to a step, one run after another on a warm thread, by engine. */
export const scriptOverhead = async (): Promise<ReadonlyMap<keyof typeof SOURCES, readonly number[]>> => {
  const sandbox = new Sandbox({ workers: 1 });
  try {
    const scripts = scriptsAdapter({
      configuration: { script: () => undefined, scripts: () => [] },
      sandbox,
      random: { bytes: (length) => randomBytes(length), int: (most) => randomInt(most), uuid: () => randomUUID() },
    })({ realm: { realm: '/' } as RealmSettings } as never);
    const given = {
      shared: { username: 'demo', realm: '/', authLevel: 0 },
      ...{ transient: {}, secure: {}, callbacks: [], users: {} },
      ...{ requestHeaders: { host: ['localhost'] }, requestParameters: {}, requestCookies: {} },
    };
    const measured = new Map<keyof typeof SOURCES, readonly number[]>();
    for (const engine of ['1.0', '2.0'] as const) {
      const script = {
        name: 'Least',
        source: SOURCES[engine],
        evaluatorVersion: engine,
        language: 'JAVASCRIPT',
      } as never;
      const millis: number[] = [];
      for (let run = 0; run < WARM_RUNS + RUNS; run += 1) {
        const from = performance.now();
        await scripts.run(script, given);
        if (run >= WARM_RUNS) millis.push(performance.now() - from);
      }
      measured.set(engine, millis);
    }
    return measured;
  } finally {
    await sandbox.close();
  }
};
