import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureApplications } from './application-results.ts';
import { approvalTimes } from './approval.ts';
import { coldStart } from './cold-start.ts';
import { duePollLanes } from './due-poll.ts';
import { runGate } from './gate.ts';
import { measureInstances } from './instances.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { measurePasskeys } from './passkey-results.ts';
import { type Pinning, pinLoad, unpin } from './pinning.ts';
import { registrationLanes } from './registration.ts';
import { type JudgedResult, judged, type Result, resultTable } from './report.ts';
import { type Cost, type Row, resultOf, runRounds, scenario } from './rounds.ts';
import {
  addWaitingUsers,
  authIdSizes,
  echoLanes,
  fillWithWaiters,
  type Lane,
  loginLanes,
  pollLanes,
  stepLanes,
} from './scenarios.ts';
import { scriptOverhead } from './script-overhead.ts';
import { ServerProcess, type StoreName } from './server-process.ts';
import { sessionLanes } from './session-info.ts';
import { percentile, spreadOf } from './statistics.ts';
import { measureWrites } from './writes.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const STORES: readonly StoreName[] = ['memory', 'sqlite'];
const ALL_WAITERS = 100_000;

/** How long and how often: `--quick` is for looking, the full run decides. */
const PLANS = {
  quick: {
    rounds: 3,
    warmUp: { millis: 1_000, mostTurns: 3 },
    warmMillis: 200,
    millis: 900,
    waiters: 10_000,
    logins: 20,
    approvals: 20,
  },
  full: {
    rounds: 4,
    warmUp: { millis: 2_000, mostTurns: 12 },
    warmMillis: 500,
    millis: 3_000,
    waiters: ALL_WAITERS,
    logins: 100,
    approvals: 200,
  },
} as const;

type Plan = (typeof PLANS)[keyof typeof PLANS];

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** P1, P3, P5 to P8. */
const measureRequests = async (
  plan: Plan,
  scratch: string,
  pinning: Pinning | undefined,
): Promise<readonly Result[]> => {
  const echo = await ServerProcess.echo(scratch, pinning);
  const servers = new Map<StoreName, ServerProcess>();
  const floor = await ServerProcess.floor(scratch, pinning);
  try {
    const yardstick = { of: scenario('none', echo, await echoLanes(echo)) };
    const floorLogin = { of: scenario('sqlite', floor, await loginLanes(floor)) };
    const floorRegistration = { of: scenario('sqlite', floor, await registrationLanes(floor)) };
    const scenarios = [yardstick.of];
    const rows: Row[] = [];
    for (const store of STORES) {
      const server = await ServerProcess.assent(store, `requests-${store}`, scratch, pinning);
      servers.set(store, server);
      const add = (id: string, lanes: readonly Lane[], cost?: Cost) => {
        const of = scenario(store, server, lanes);
        // The floor is loaded right before the row of its own store, whose gate binds.
        scenarios.push(...(cost?.of.store === store ? [cost.of] : []), of);
        rows.push({ id, of, ...(cost && { beside: { name: 'the floor', cost } }) });
      };
      add(store === 'memory' ? 'P1' : 'P3', await stepLanes(server));
      add('P5', await pollLanes(server));
      add(`P6 ${store}`, await loginLanes(server), floorLogin);
      add(`P8 ${store}`, await sessionLanes(server));
      if (store !== 'sqlite') continue;
      add('P5 due', await duePollLanes(server));
      add('P7', await registrationLanes(server), floorRegistration);
    }
    await runRounds(plan, scenarios, say);
    const results = rows.map((row) => resultOf(row, yardstick));
    for (const [store, server] of servers) results.push(...(await measureWrites(plan.logins, store, server)));
    for (const [store, server] of servers) results.push(...(await measureAuthIds(store, server)));
    return results;
  } catch (error) {
    for (const server of [...servers.values(), floor]) say(server.lastWords());
    throw error;
  } finally {
    await Promise.all([echo, ...servers.values(), floor].map((server) => server.stop()));
  }
};

/** P13. */
const measureAuthIds = async (store: StoreName, server: ServerProcess): Promise<readonly Result[]> => {
  const sizes = await authIdSizes(server);
  return (['first', 'typical', 'largest'] as const).map((name) => ({
    id: `P13 ${name}`,
    store,
    value: spreadOf([sizes[name] / 1_024]),
    note: `${sizes[name]} characters`,
    details: { characters: sizes[name] },
  }));
};

/** P10: a process of its own, warm before it is measured, so that only what waits is counted. It binds SQLite (ADR 0022). */
const measureWaiters = async (plan: Plan, scratch: string, pinning: Pinning | undefined): Promise<Result> => {
  const server = await ServerProcess.assent('sqlite', 'waiters-sqlite', scratch, pinning);
  try {
    // A file grows instead of the process, so half of them show as much and leave the run within its time.
    const waiters = plan.waiters / 2;
    say(`${waiters} journeys wait …`);
    const warm = Math.ceil(waiters / 20);
    await addWaitingUsers(server, 'warm', warm);
    await addWaitingUsers(server, 'wait', waiters);
    await fillWithWaiters(server, 'warm', warm);
    const before = await server.collectedUsage();
    await fillWithWaiters(server, 'wait', waiters);
    const after = await server.collectedUsage();
    const scale = ALL_WAITERS / waiters / 1e6;
    const growth = (name: 'rss' | 'heapUsed' | 'external') => (after.memory[name] - before.memory[name]) * scale;
    return {
      id: 'P10 sqlite',
      store: 'sqlite',
      value: spreadOf([growth('rss')]),
      note: `heap ${growth('heapUsed').toFixed(0)} MB, external ${growth('external').toFixed(0)} MB${scale === 1e-6 ? '' : `; scaled from ${waiters}`}`,
      details: { waiters, before: before.memory, after: after.memory },
    };
  } catch (error) {
    say(server.lastWords());
    throw error;
  } finally {
    await server.stop();
  }
};

/** P15. */
const measureColdStart = async (scratch: string, pinning: Pinning | undefined): Promise<Result> => {
  const seconds: number[] = [];
  for (let at = 0; at < 5; at += 1) seconds.push(await coldStart(scratch, `cold-${at}`, pinning));
  return {
    id: 'P15',
    store: 'sqlite',
    value: spreadOf(seconds),
    note: 'first start, empty directory',
    details: { seconds },
  };
};

/** What a Scripted Decision adds to a step, in milliseconds. */
const measureScripts = async (): Promise<readonly Result[]> =>
  [...(await scriptOverhead())].map(([engine, millis]) => ({
    id: `script ${engine}`,
    store: 'memory',
    value: spreadOf(millis),
    note: `${millis.length} runs on one warm thread`,
    details: { runs: millis.length },
  }));

/** A6, A8: in a browser, and so only where it is asked for by `--only approval`. */
const measureApproval = async (plan: Plan, scratch: string): Promise<readonly Result[]> => {
  const server = await ServerProcess.assent('sqlite', 'approval', scratch, undefined);
  try {
    const { approvals, paints } = await approvalTimes(server, plan.approvals);
    const part = (share: number) => percentile(approvals, share).toFixed(0);
    return [
      {
        id: 'A8',
        store: 'sqlite',
        value: { ...spreadOf(approvals), median: percentile(approvals, 0.99) },
        note: `${approvals.length} runs: p50 ${part(0.5)}, p95 ${part(0.95)}, p99 ${part(0.99)} ms`,
        details: { approvals },
      },
      {
        id: 'A6',
        store: 'sqlite',
        value: spreadOf(paints),
        note: `${paints.length} empty caches`,
        details: { paints },
      },
    ];
  } catch (error) {
    say(server.lastWords());
    throw error;
  } finally {
    await server.stop();
  }
};

/** Runs the suite; resolves with whether every gate is kept. */
const main = async ({ quick, parts, isPostgres, gate }: Options): Promise<boolean> => {
  const startedAt = performance.now();
  const plan = quick ? PLANS.quick : PLANS.full;
  const isAskedFor = (part: string): boolean => parts.includes(part);
  const wants = (part: string): boolean => (parts.length === 0 && !isPostgres) || isAskedFor(part);
  const pinning = pinLoad();
  const scratch = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  try {
    if (gate) return await runGate(scratch, pinning, say);
    const found: Result[] = [];
    if (isPostgres) found.push(...(await measureInstances(plan, { scratch, pinning, say })));
    if (wants('requests')) found.push(...(await measureRequests(plan, scratch, pinning)));
    if (wants('applications')) found.push(...(await measureApplications(plan, { scratch, pinning, say })));
    if (wants('passkeys')) found.push(...(await measurePasskeys(plan, { scratch, pinning, say })));
    if (wants('waiters')) found.push(await measureWaiters(plan, scratch, pinning));
    if (wants('start')) found.push(await measureColdStart(scratch, pinning));
    if (wants('scripts')) found.push(...(await measureScripts()));
    // Only where it is asked for, since it needs a browser.
    if (isAskedFor('approval')) {
      // A time and no share of a core is measured here, and a browser is half a dozen processes: none is kept to one core.
      if (pinning !== undefined) unpin(pinning);
      found.push(...(await measureApproval(plan, scratch)));
    }
    const results = found.map(judged);
    const tookSeconds = (performance.now() - startedAt) / 1_000;
    print(results, pinning, tookSeconds, quick);
    write(results, pinning, tookSeconds, quick);
    return results.every(({ verdict }) => verdict !== 'OVER');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const machine = (pinning: Pinning | undefined) => ({
  node: process.version,
  cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  pinning:
    pinning === undefined
      ? 'none'
      : `servers on core ${pinning.servers}, load on core ${pinning.load}, browsers on any`,
});

const print = (
  results: readonly JudgedResult[],
  pinning: Pinning | undefined,
  tookSeconds: number,
  isQuick: boolean,
): void => {
  const echo = results.find(({ details }) => 'echoCpuMicros' in details)?.details.echoCpuMicros as
    | { median: number; min: number; max: number }
    | undefined;
  const { node, cpus: cores, pinning: pinned } = machine(pinning);
  const lines = [
    '',
    resultTable(results),
    '',
    ...(echo === undefined
      ? []
      : [
          `E = ${echo.median.toFixed(1)} µs (${echo.min.toFixed(1)} to ${echo.max.toFixed(1)}) of CPU for one bare echo.`,
        ]),
    `Node ${node}, ${cores}, ${pinned}; ${tookSeconds.toFixed(0)} s${isQuick ? '; quick: figures to look at, not to decide by' : ''}.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
};

const write = (
  results: readonly JudgedResult[],
  pinning: Pinning | undefined,
  tookSeconds: number,
  isQuick: boolean,
): void => {
  mkdirSync(RESULTS, { recursive: true });
  const rows = results.map(({ id, store, value, note, details, budget, verdict }) => ({
    scenario: id,
    store,
    unit: budget.gate.unit,
    ...value,
    gate: budget.gate.amount,
    aim: budget.aim.amount,
    pass: verdict !== 'OVER',
    note,
    ...details,
  }));
  const text = JSON.stringify({ ...machine(pinning), isQuick, tookSeconds, results: rows }, undefined, 2);
  writeFileSync(join(RESULTS, 'latest.json'), `${text}\n`);
};

const options = (): Options | undefined => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    say(USAGE);
    return undefined;
  }
  try {
    return readOptions(args);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    say(`${error.message}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
};

const given = options();
if (given !== undefined) process.exitCode = (await main(given)) || given.quick ? 0 : 1;
