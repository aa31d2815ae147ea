import { BusyLoop } from './busy-loop.ts';
import type { Lane } from './scenarios.ts';
import { cpuMicros, type UnderLoad } from './server-process.ts';
import { percentile } from './statistics.ts';

/** What one window of load came to. */
export interface Window {
  readonly turns: number;
  readonly requests: number;
  /** CPU time of the server for one turn: a request, or a login. */
  readonly cpuMicrosPerTurn: number;
  /** CPU time of the database for one turn, where the load asks for it. */
  readonly databaseMicrosPerTurn?: number;
  readonly turnsPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly rssMegabytes: number;
  /** Share of the time in which the load had work to do; near 1 it is what was measured. */
  readonly loadShare: number;
}

const runFor = async (lanes: readonly Lane[], millis: number): Promise<number> => {
  const until = performance.now() + millis;
  const turns = await Promise.all(
    lanes.map(async (lane) => {
      let turns = 0;
      for (; performance.now() < until; turns += 1) await lane.turn();
      return turns;
    }),
  );
  return turns.reduce((sum, it) => sum + it, 0);
};

const idleTurnsPerMilli = await BusyLoop.calibrate();

/** Loads the server until it is warm, then measures; what began in the window is finished before it is read. */
export const measure = async (
  server: UnderLoad,
  lanes: readonly Lane[],
  { warmMillis, millis }: { readonly warmMillis: number; readonly millis: number },
): Promise<Window> => {
  await runFor(lanes, warmMillis);
  for (const { connection } of lanes) connection.latencies.length = 0;
  const before = await server.usage();
  const loop = BusyLoop.start(idleTurnsPerMilli);
  const startedAt = performance.now();
  const turns = await runFor(lanes, millis);
  const took = performance.now() - startedAt;
  const loadShare = loop.stop(took);
  const after = await server.usage();
  const latencies = lanes.flatMap(({ connection }) => connection.latencies);
  return {
    turns,
    requests: latencies.length,
    cpuMicrosPerTurn: cpuMicros(before, after) / turns,
    ...(before.databaseMicros !== undefined &&
      after.databaseMicros !== undefined && {
        databaseMicrosPerTurn: (after.databaseMicros - before.databaseMicros) / turns,
      }),
    turnsPerSecond: (turns * 1_000) / took,
    p50Millis: percentile(latencies, 0.5),
    p99Millis: percentile(latencies, 0.99),
    rssMegabytes: after.memory.rss / 1e6,
    loadShare,
  };
};
