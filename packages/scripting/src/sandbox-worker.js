/**
 * The program of a sandbox worker. Plain JavaScript, because a worker thread is loaded by Node itself, from source in
 * tests as well as from what is published.
 *
 * One script runs at a time, in a QuickJS engine whose whole memory is put back afterwards to what it was before any
 * script. Nothing of the host is reachable from inside: JSON text goes in, JSON text comes out.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import releaseSync from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';

const { limits } = workerData;
const FILE = 'script';
/** An engine that once grew this much gives nothing back; the pool starts another worker. */
const MAX_HEAP_BYTES = limits.memoryBytes * 2;

const quickjs = await newQuickJSWASMModuleFromVariant(releaseSync);

/** By which the pool asks Linux for the processor time of this thread; empty on other platforms. */
const threadId = (() => {
  try {
    return readlinkSync('/proc/thread-self').split('/').at(-1);
  } catch {
    return '';
  }
})();

/** Before Node 23.9 Linux is asked; where neither tells, the clock counts, which is never less. */
const cpuMillis =
  typeof process.threadCpuUsage === 'function'
    ? () => {
        const { user, system } = process.threadCpuUsage();
        return (user + system) / 1000;
      }
    : () => {
        try {
          const nanos = Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]);
          return Number.isFinite(nanos) && nanos > 0 ? nanos / 1e6 : performance.now();
        } catch {
          return performance.now();
        }
      };

const it = { begin: 0, clockBegin: 0, isOverTime: false, isRunning: false };
const startTime = () => {
  Object.assign(it, { begin: cpuMillis(), clockBegin: performance.now(), isOverTime: false, isRunning: true });
};
const runtime = quickjs.newRuntime();
runtime.setMemoryLimit(limits.memoryBytes);
runtime.setMaxStackSize(limits.stackBytes);
runtime.setInterruptHandler(() => {
  // A thread cannot have used more time than has passed, and the clock costs less to ask.
  if (!it.isRunning || performance.now() - it.clockBegin <= limits.cpuMillis) return false;
  if (cpuMillis() - it.begin <= limits.cpuMillis) return false;
  it.isOverTime = true;
  return true;
});
const context = runtime.newContext();

/** The modules of the program inside know nothing but each other; once it stands, no script can load another. */
const sourceOf = (name) => readFileSync(new URL(`./inside/${name}`, import.meta.url), 'utf8');
runtime.setModuleLoader(sourceOf);
const program = context.unwrapResult(context.evalCode(sourceOf('program.js'), 'program.js', { type: 'module' }));
runtime.removeModuleLoader();
const [start, finish, report] = ['start', 'finish', 'report'].map((name) => context.getProp(program, name));

const PAGE = 64 * 1024;
const isUntouched = (page) => new BigUint64Array(page.buffer, page.byteOffset, PAGE / 8).every((word) => word === 0n);
const pageOf = (at) => new Uint8Array(quickjs.getWasmMemory().buffer, at * PAGE, PAGE);
const pageCount = () => quickjs.getWasmMemory().buffer.byteLength / PAGE;

/** All that the engine is, before any script: its memory up to the last page that is not blank. */
const image = (() => {
  let end = pageCount();
  while (end > 0 && isUntouched(pageOf(end - 1))) end -= 1;
  return new Uint8Array(quickjs.getWasmMemory().buffer.slice(0, end * PAGE));
})();

/**
 * Puts the engine's memory back to what it was before the script: every object, prototype and counter, whatever was
 * done to them. Handles of the script are left behind, not freed; `start`, `finish` and `report` are as good as new.
 */
const reset = () => {
  new Uint8Array(quickjs.getWasmMemory().buffer).set(image);
  for (let at = image.length / PAGE; at < pageCount(); at += 1) {
    const page = pageOf(at);
    if (isUntouched(page)) break;
    page.fill(0);
  }
  it.isRunning = false;
  it.isOverTime = false;
};

/** Java's `x.length()` cannot be called on a number; the name inside is as long, so that columns stay. */
const translated = (source) => source.replace(/\.(\s*)length(\s*\(\s*\))/g, '.$1$count$2');

class Stopped extends Error {}

/** What a script throws need not be an error, and may not even be a value that has a text. */
const text = (value) => {
  if (typeof value === 'string') return value.slice(0, 1_000);
  try {
    return String(value).slice(0, 1_000);
  } catch {
    return '';
  }
};

/** What an error inside means, in words for the one who wrote the script. */
const failureOf = (given, isOverTime) => {
  const error = typeof given === 'object' && given !== null ? given : { message: text(given) };
  const name = text(error.name ?? '');
  const message = text(error.message ?? '');
  const stack = text(error.stack ?? '');
  const line = Number(new RegExp(`\\b${FILE}:(\\d+)`).exec(stack)?.[1] ?? 0) || undefined;
  if (isOverTime) {
    return { kind: 'time', message: `The script ran for more than ${limits.cpuMillis} ms and was stopped`, line };
  }
  if (name === 'InternalError' && message.includes('out of memory')) {
    const mebibytes = Math.round(limits.memoryBytes / 1024 / 1024);
    return { kind: 'memory', message: `The script needed more than ${mebibytes} MiB and was stopped`, line };
  }
  if (/stack overflow|call stack size/i.test(message)) {
    return { kind: 'stack', message: 'The script calls itself too deeply and was stopped', line };
  }
  const said = name === '' || message.startsWith(name) ? message : `${name}: ${message}`;
  return { kind: name === 'SyntaxError' ? 'syntax' : 'error', message: said, line };
};

const unwrap = (result) => {
  if (result.error === undefined) return result.value;
  let dumped;
  try {
    dumped = context.dump(result.error);
  } catch {
    dumped = undefined;
  }
  throw new Stopped(JSON.stringify(failureOf(dumped, it.isOverTime)));
};

const call = (fn, ...given) =>
  unwrap(
    context.callFunction(
      fn,
      context.undefined,
      ...given.map((value) => (typeof value === 'string' ? context.newString(value) : value)),
    ),
  );

const textFrom = (handle) => {
  const value = context.typeof(handle) === 'string' ? context.getString(handle) : undefined;
  if (value === undefined) throw new Stopped(JSON.stringify({ kind: 'error', message: 'The script left no result' }));
  if (value.length > limits.resultLength) {
    throw new Stopped(JSON.stringify({ kind: 'error', message: 'The script left more than a journey can keep' }));
  }
  return value;
};

/** A variable that the script may have set in any of the ways in which one sets a variable. */
const variable = (name) => unwrap(context.evalCode(`typeof ${name} === 'undefined' ? undefined : ${name}`, 'result'));

const run = ({ engine, source, bindings }) => {
  startTime();
  try {
    call(start, engine, bindings);
    unwrap(context.evalCode(translated(source), FILE));
    const variables = ['outcome', 'action', 'auditEntryDetail', 'config'].map(variable);
    return { result: textFrom(call(finish, engine, ...variables)) };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const failure = JSON.parse(error.message);
    let said;
    try {
      // What was logged before the failure helps to find it; a script that is out of time gets a little more for it.
      startTime();
      said = textFrom(call(report));
    } catch {
      said = undefined;
    }
    return { failure, report: said };
  }
};

/** Compiles without running. */
const check = ({ source }) => {
  startTime();
  try {
    unwrap(context.evalCode(translated(source), FILE, { compileOnly: true }));
    return { result: 'null' };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { failure: JSON.parse(error.message) };
  }
};

parentPort.on('message', (job) => {
  let answer;
  let isWorn = false;
  try {
    answer = job.kind === 'check' ? check(job) : run(job);
  } catch (error) {
    // Not an error of the script but of the engine under it: nobody knows what state that is in.
    const isStack = error instanceof RangeError;
    answer = {
      failure: isStack
        ? { kind: 'stack', message: 'The script calls itself too deeply and was stopped' }
        : { kind: 'crash', message: `The script brought its sandbox down: ${text(error)}` },
    };
    isWorn = true;
  }
  isWorn ||= quickjs.getWasmMemory().buffer.byteLength > MAX_HEAP_BYTES;
  parentPort.postMessage({ answer, isWorn });
  if (!isWorn) reset();
});
// The first runs of a thread are many times slower, which no script should be stopped for.
for (const engine of ['1.0', '2.0']) {
  const none = { shared: {}, transient: {}, secure: {}, users: {}, libraries: {}, callbacks: [], seed: [1, 2, 3, 4] };
  const request = { requestHeaders: {}, requestParameters: {}, requestCookies: {} };
  run({
    engine,
    source: 'outcome = "true"',
    bindings: JSON.stringify({ ...none, ...request, realm: '/', scriptName: '' }),
  });
  reset();
}
parentPort.postMessage({ threadId });
