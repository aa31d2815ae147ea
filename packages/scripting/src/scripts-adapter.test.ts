import type { ScriptDocument } from '@assent/engine';
import { seededRandom, testRealm } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { Sandbox, type SandboxOptions } from './sandbox.ts';
import { scriptsAdapter } from './scripts-adapter.ts';
import { testScript } from './testing/run-script.ts';

const GIVEN = {
  shared: { username: 'demo', realm: '/', authLevel: 0 },
  ...{ transient: {}, secure: {}, callbacks: [], users: {} },
  ...{ requestHeaders: { host: ['localhost'] }, requestParameters: {}, requestCookies: {} },
} as never;
const PATIENT = { limits: { cpuMillis: 60_000 }, killMillis: 120_000, deadlineMillis: 120_000 };

const library = (name: string, source: string): ScriptDocument =>
  testScript(`library-${name}`, name, source, { context: 'LIBRARY', evaluatorVersion: '2.0' });

/** An adapter that counts how often the scripts of the realm are read, and how often random bytes are drawn. */
const counted = (libraries: readonly ScriptDocument[], options: Partial<SandboxOptions> = {}) => {
  const pool = new Sandbox({ workers: 1, ...PATIENT, ...options });
  const counts = { reads: 0, draws: 0 };
  const random = seededRandom(1);
  const scripts = scriptsAdapter({
    configuration: {
      script: () => undefined,
      scripts: () => {
        counts.reads += 1;
        return libraries;
      },
    },
    sandbox: pool,
    random: {
      ...random,
      bytes: (length: number) => {
        counts.draws += 1;
        return random.bytes(length);
      },
    },
  })({ realm: testRealm() } as never);
  const run = (source: string) =>
    scripts.run(testScript('s1', 'Test script', source, { evaluatorVersion: '2.0' }), GIVEN);
  return { pool, counts, run };
};

test('builds nothing for a script that waits or is refused (SEC-93)', async () => {
  const { pool, counts, run } = counted([library('one', `exports.value = 'true'`)], { mostWaiting: 1 });
  const running = run(`for (;;) {} require('one')`);
  const waiting = run(`outcome = require('one').value`);
  const refused = Array.from({ length: 5 }, () => run(`outcome = require('one').value`));
  for (const result of await Promise.allSettled(refused)) {
    expect(result).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('OVERLOADED') } });
  }
  expect(counts).toEqual({ reads: 1, draws: 1 });
  await pool.close();
  await Promise.all([running, waiting]);
  expect(counts).toEqual({ reads: 1, draws: 1 });
});

test('reads the scripts of the realm once a run, and only for a script that requires a library (SEC-93)', async () => {
  const libraries = [
    library('one', `var two = require('two'); require('none'); exports.value = two.value`),
    library('two', `exports.value = 'true'`),
  ];
  const { pool, counts, run } = counted(libraries);
  await run(`outcome = 'true'`);
  expect(counts.reads).toBe(0);
  await run(`require('one'); require('two'); require('none')`);
  expect(counts.reads).toBe(1);
  await pool.close();
});

test('bounds the libraries of one run by their bytes together (SEC-68, SEC-93)', async () => {
  const filled = (name: string, bytes: number) => library(name, `//${'é'.repeat((bytes - 2) / 2)}`);
  const names = ['a', 'b', 'c', 'd'];
  const libraries = [...names.map((name) => filled(name, 64 * 1024)), library('e', '//')];
  const { pool, counts, run } = counted(libraries);
  const all = names.map((name) => `require('${name}');`).join('');
  expect(await run(`${all} outcome = 'true'`)).toMatchObject({ result: { outcome: 'true' } });
  expect(await run(`${all} require('e'); outcome = 'true'`)).toEqual({
    failure: {
      kind: 'error',
      message:
        'The library scripts that this script requires are larger than 262144 bytes together. Require fewer or smaller libraries',
    },
    logs: [],
  });
  // The failure holds no thread and draws no seed; the next script runs.
  expect(await run(`outcome = 'true'`)).toMatchObject({ result: { outcome: 'true' } });
  expect(counts.draws).toBe(2);
  expect(pool.threads).toBe(1);
  await pool.close();
});

test('fails a script that requires more than 20 libraries, and names the bound (SEC-93)', async () => {
  const chain = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      library(`l${n + 1}`, n + 1 === count ? `exports.value = 'true'` : `exports.value = require('l${n + 2}').value`),
    );
  const message =
    'This script requires more than 20 library scripts, those that its libraries require included. Require fewer, or merge some';
  for (const [count, expected] of [
    [20, { result: { outcome: 'true' } }],
    [21, { failure: { kind: 'error', message } }],
  ] as const) {
    const { pool, run } = counted(chain(count));
    expect(await run(`outcome = require('l1').value`)).toMatchObject(expected);
    // A name that is no library, and one that is required again, count nothing.
    expect(await run(`outcome = 'true'; if (false) { require('none'); require('l${count}'); }`)).toMatchObject({
      result: { outcome: 'true' },
    });
    await pool.close();
  }
});

test('follows libraries that require each other once, with any names (SEC-93)', async () => {
  const libraries = ['__proto__', 'constructor'].map((name) =>
    library(name, `require('__proto__'); require('constructor'); exports.value = 'true'`),
  );
  const { pool, run } = counted(libraries);
  const source = `outcome = require('__proto__').value === 'true' ? require('constructor').value : 'false'`;
  expect(await run(source)).toMatchObject({ result: { outcome: 'true' } });
  await pool.close();
});
