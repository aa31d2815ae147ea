import { afterAll, describe, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { runScript } from './testing/run-script.ts';

// Wide in time, so that a busy machine does not stop honest scripts.
const sandbox = new Sandbox({ workers: 2, limits: { cpuMillis: 500 }, killMillis: 10_000 });
afterAll(() => sandbox.close());

const isClean = async (): Promise<void> => {
  const source = `
    var clean = ({}).polluted === undefined && [].includes !== 7 && typeof leak === 'undefined'
      && Object.keys(sharedState).length === 1 && JSON.stringify({ a: [1] }) === '{"a":[1]}' && 'a'.equals('a');
    outcome = clean ? 'true' : 'false';`;
  const { action } = await runScript(sandbox, source, { state: { username: 'demo' } });
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'true' });
};

describe('a script that will not end (A159, SEC-68)', () => {
  test.each([
    ['an endless loop', 'while (true) {}', /ran for more than 500 ms/],
    [
      'an endless loop that catches',
      'for (;;) { try { for (;;) {} } catch (e) {} finally { continue; } }',
      /ran for more/,
    ],
    ['a catastrophic pattern', `/^(a+)+$/.test('${'a'.repeat(40)}!')`, /ran for more than/],
    [
      'a getter that loops in the result',
      `var o = {}; Object.defineProperty(o, 'toString', { value: function () { for (;;) {} } }); outcome = o`,
      /ran for more/,
    ],
    [
      'a toJSON that loops',
      `sharedState.put('x', { toJSON: function () { for (;;) {} } }); outcome = 'true'`,
      /ran for more/,
    ],
    ['an array of a gibibyte', 'new Array(1e9).fill(1)', /needed more than 32 MiB|ran for more/],
    ['a string that doubles', `var s = 'x'; for (;;) s += s`, /needed more than 32 MiB|too long|ran for more/],
    ['deep recursion', 'function f() { return f() + 1 } f()', /calls itself too deeply/],
    [
      'recursion through a proxy',
      'var p = new Proxy({}, { get: function (t, k, r) { return r[k] } }); p.x',
      /calls itself too deeply/,
    ],
    ['a nest of JSON', `var s = ''; for (var i = 0; i < 100000; i++) s += '['; JSON.parse(s)`, /failed/],
  ])('%s is stopped with a clear error, and the next script is clean', async (_what, source, message) => {
    await expect(runScript(sandbox, source)).rejects.toThrow(message);
    await isClean();
  });
});

test.each(['name', 'message', 'stack'])(
  'an error whose %s has no text is an error of the script, and not the end of its thread',
  async (member) => {
    const bindings = JSON.stringify({
      ...{ shared: {}, transient: {}, secure: {}, users: {}, libraries: {}, callbacks: [], seed: [1, 2, 3, 4] },
      ...{ requestHeaders: {}, requestParameters: {}, requestCookies: {}, realm: '/', scriptName: '' },
    });
    const source = `throw { ${member}: { toString: 1, valueOf: 1 } }`;
    const answer = await sandbox.run('/', () => ({ engine: '1.0', source, bindings }));
    expect(answer.failure?.kind).toBe('error');
  },
);

describe('a script that looks for a way out (A159, A160)', () => {
  test.each([
    ['the constructor of the constructor', `this.constructor.constructor('return process')()`],
    ['the constructor of a binding', `logger.info.constructor('return process.env')()`],
    [
      'the constructor of a callback list',
      `callbacks.constructor.constructor('return globalThis.process.mainModule')()`,
    ],
    ['require of a module of the host', `require('fs')`],
    [
      'a species',
      `class L extends Array { static get [Symbol.species]() { return Function } } new L(1).map(function () { return 1 }); process`,
    ],
    [
      'the cause of an error',
      `try { null.x } catch (e) { (e.cause || e).constructor.constructor('return process')() }`,
    ],
    [
      'prepareStackTrace',
      `Error.prepareStackTrace = function (e, frames) { return frames }; new Error().stack[0].getThis().process.exit()`,
    ],
    ['the arguments of a caller', `(function f() { return f.caller.arguments })()`],
    ['WebAssembly', `new WebAssembly.Module(new Uint8Array(8))`],
    ['a worker', `new Worker('x')`],
    ['Java reflection', `java.lang.Class.forName('java.lang.Runtime')`],
    ['a Java process', `new java.lang.ProcessBuilder('id').start()`],
    ['the network', `httpClient.send(new org.forgerock.http.protocol.Request()).get()`],
    ['secrets', `secrets.getGenericSecret('x')`],
  ])('%s leads nowhere', async (_what, source) => {
    await expect(runScript(sandbox, source)).rejects.toThrow(/failed at line 1|failed/);
    await isClean();
  });

  test.each(['node:fs', './node-state.js', 'program.js'])('a dynamic import of %s is never answered', async (name) => {
    const source = `outcome = 'false'; import('${name}').then(function () { outcome = 'true'; });`;
    expect((await runScript(sandbox, source)).action).toMatchObject({ outcome: 'false' });
  });

  test('the settings of the server are not there (SEC-68)', async () => {
    const source = `outcome = systemEnv.getProperty('PATH') === null && java.lang.System.getenv('PATH') === null ? 'true' : 'false'`;
    expect((await runScript(sandbox, source)).action).toMatchObject({ outcome: 'true' });
  });

  test.each([
    `Object.prototype.polluted = 1; Array.prototype.includes = 7; String.prototype.equals = null; leak = 1; outcome = 'true'`,
    `JSON.stringify = function () { return '{}' }; JSON.parse = null; outcome = 'true'`,
    `Object.getPrototypeOf(sharedState).get = function () { return 'admin' }; Object.freeze(Object.prototype); outcome = 'true'`,
    `Math.random = function () { return 0 }; Date.now = null; globalThis.logger = null; outcome = 'true'`,
  ])('what a script does to its own world ends with it: %s', async (source) => {
    await runScript(sandbox, source).catch(() => undefined);
    await isClean();
  });

  test('a result that is no result changes nothing', async () => {
    const source = `Array.prototype.toJSON = function () { return 'x' }; outcome = 'true'`;
    await expect(runScript(sandbox, source)).rejects.toThrow(/cannot be/);
  });

  test('a prototype in the state is just a name that is not kept', async () => {
    const source = `sharedState.put('__proto__', { isAdmin: true }); outcome = 'true'`;
    const { shared } = await runScript(sandbox, source);
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    expect((shared as Record<string, unknown>).isAdmin).toBeUndefined();
  });
});

describe('the server meanwhile', () => {
  test('goes on: while scripts loop, timers fire and another script is answered (SEC-68)', async () => {
    const pool = new Sandbox({ workers: 2, limits: { cpuMillis: 1_500 }, killMillis: 20_000 });
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 5);
    const looping = runScript(pool, 'for (;;) {}').catch((error: Error) => error.message);
    const { action } = await runScript(pool, `outcome = 'true'`);
    expect(action).toMatchObject({ outcome: 'true' });
    expect(await looping).toMatch(/ran for more/);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(20);
    await pool.close();
  });

  test('ends a thread that never comes back to the interpreter, and starts another', async () => {
    const pool = new Sandbox({ workers: 1, limits: { cpuMillis: 60_000 }, killMillis: 300 });
    await expect(runScript(pool, 'for (;;) {}')).rejects.toThrow(/did not come to an end and was stopped/);
    expect(pool.threads).toBe(0);
    await pool.close();
  });

  test('kills a native call that never comes back, at twice the limit of processor time (SEC-68, SEC-93)', async () => {
    const pool = new Sandbox({ workers: 1, limits: { cpuMillis: 100 }, killMillis: 120_000, deadlineMillis: 120_000 });
    const native = `'a'.repeat(2e6).indexOf('a'.repeat(1e6) + 'b')`;
    await expect(runScript(pool, native)).rejects.toThrow(/did not come to an end and was stopped/);
    expect(pool.threads).toBe(0);
    await pool.close();
  });

  test('starts no thread before the first script, and no more than it may', async () => {
    const pool = new Sandbox({ workers: 2, limits: { cpuMillis: 1_000 }, killMillis: 20_000 });
    expect(pool.threads).toBe(0);
    await Promise.all(Array.from({ length: 12 }, () => runScript(pool, `outcome = 'true'`)));
    expect(pool.threads).toBe(2);
    await pool.close();
    await expect(runScript(pool, `outcome = 'true'`)).rejects.toThrow('OVERLOADED');
  });

  test('says that it is busy when too many wait', async () => {
    const pool = new Sandbox({ workers: 1, mostWaiting: 1, limits: { cpuMillis: 5_000 }, deadlineMillis: 60_000 });
    const served = [runScript(pool, `outcome = 'true'`), runScript(pool, `outcome = 'true'`)];
    await expect(runScript(pool, `outcome = 'true'`)).rejects.toThrow('OVERLOADED');
    await Promise.all(served);
    await pool.close();
  });

  test('two executions generate different random numbers, although each begins with the same memory', async () => {
    const source = `sharedState.put('n', Math.random()); outcome = 'true'`;
    const runs = await Promise.all([1, 2, 3].map((randomSeed) => runScript(sandbox, source, { randomSeed })));
    const numbers = runs.map(({ shared }) => shared.n as number);
    expect(new Set(numbers).size).toBe(3);
    for (const number of numbers) expect(number >= 0 && number < 1).toBe(true);
  });
});

describe('a greedy realm (SEC-93)', () => {
  const LOOP = 'for (;;) {}';
  const HONEST = `outcome = 'true'`;

  test('whose scripts never end leaves a thread to the others, which are answered before any of its own is stopped', async () => {
    const pool = new Sandbox({
      workers: 2,
      limits: { cpuMillis: 60_000 },
      killMillis: 120_000,
      deadlineMillis: 120_000,
    });
    const greedy = Array.from({ length: 20 }, () => runScript(pool, LOOP, { realm: '/greedy' }).catch(() => 'stopped'));
    for (let turn = 0; turn < 5; turn += 1) {
      const { action } = await runScript(pool, HONEST, { realm: '/other' });
      expect(action).toMatchObject({ outcome: 'true' });
    }
    expect(pool.threads).toBe(3);
    expect(await Promise.race([...greedy, Promise.resolve('none')])).toBe('none');
    await pool.close();
    await Promise.all(greedy);
  });

  test('that saves scripts delays no login, and its logins delay nobody who saves a script', async () => {
    const pool = new Sandbox({
      workers: 1,
      limits: { cpuMillis: 60_000 },
      killMillis: 120_000,
      deadlineMillis: 120_000,
    });
    const endless = ['/a', '/b'].map((realm) => runScript(pool, LOOP, { realm }).catch(() => 'stopped'));
    expect(await pool.check('/', 'var a = 1;')).toBeUndefined();
    expect(await pool.check('/', 'var a = ;')).toMatchObject({ kind: 'syntax' });
    await pool.close();
    await Promise.all(endless);
  });

  test('is told at once that its own line is full, and the others are not (REL-14)', async () => {
    const bounds = { mostWaiting: 4, mostWaitingOfRealm: 2 };
    const pool = new Sandbox({ workers: 1, ...bounds, limits: { cpuMillis: 60_000 }, killMillis: 120_000 });
    const begin = performance.now();
    const greedy = Array.from({ length: 9 }, () =>
      runScript(pool, LOOP, { realm: '/greedy' }).catch((error: Error) => ({
        message: error.message,
        after: performance.now() - begin,
      })),
    );
    const { action } = await runScript(pool, HONEST, { realm: '/other' });
    expect(action).toMatchObject({ outcome: 'true' });
    const first = await Promise.race(greedy);
    expect(first).toMatchObject({ message: expect.stringContaining('OVERLOADED') });
    await pool.close();
    const all = await Promise.all(greedy);
    expect(all.filter((it) => 'message' in it && it.message.includes('OVERLOADED'))).toHaveLength(6);
  });

  test('whose script waits for too long is told to come back, and it is never begun', async () => {
    const passing: (() => void)[] = [];
    const timer = (millis: number, action: () => void) => {
      if (millis === 4_321) passing.push(action);
      return () => undefined;
    };
    const pool = new Sandbox({ workers: 1, limits: { cpuMillis: 60_000 }, deadlineMillis: 4_321, timer });
    const running = runScript(pool, LOOP).catch(() => 'stopped');
    const waiting = runScript(pool, HONEST);
    for (const pass of passing.splice(0)) pass();
    await expect(waiting).rejects.toThrow('OVERLOADED');
    await pool.close();
    await running;
  });
});
