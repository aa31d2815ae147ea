import { measure, type Window } from './measure.ts';
import type { Result } from './report.ts';
import type { Lane } from './scenarios.ts';
import type { UnderLoad } from './server-process.ts';
import { spreadOf } from './statistics.ts';
import { type WarmUp, warmUp } from './warm-up.ts';

/** A load, and what each round of it came to. */
export interface Scenario {
  readonly store: string;
  readonly server: UnderLoad;
  readonly lanes: readonly Lane[];
  readonly windows: Window[];
}

/** What a turn of a scenario costs, without those parts of it that are measured beside it and are not meant. */
export interface Cost {
  readonly of: Scenario;
  readonly without?: readonly Cost[];
}

/** A row of the budget: a cost in E, or as many times what another program takes for the same. */
export interface Row extends Cost {
  readonly id: string;
  readonly beside?: { readonly name: string; readonly cost: Cost };
}

export interface Rounds {
  readonly rounds: number;
  readonly warmUp: WarmUp;
  readonly warmMillis: number;
  readonly millis: number;
}

const CLIENT_BOUND_SHARE = 0.95;

export const scenario = (store: string, server: UnderLoad, lanes: readonly Lane[]): Scenario => ({
  store,
  server,
  lanes,
  windows: [],
});

/** Loads every scenario in turn, round after round, so that a slow minute slows them all. */
export const runRounds = async (
  plan: Rounds,
  scenarios: readonly Scenario[],
  say: (text: string) => void,
): Promise<void> => {
  say('Warming up …');
  const turns = await warmUp(scenarios, plan.warmUp);
  say(turns < plan.warmUp.mostTurns ? `Warm after ${turns} turns.` : `As warm as ${turns} turns make it.`);
  for (let round = 1; round <= plan.rounds; round += 1) {
    say(`Round ${round} of ${plan.rounds} …`);
    for (const { server, lanes, windows } of scenarios) windows.push(await measure(server, lanes, plan));
  }
  for (const { lanes } of scenarios) for (const lane of lanes) lane.close?.();
};

/** Microseconds of the server's CPU, round by round. */
const microsOf = ({ of, without = [] }: Cost): readonly number[] => {
  const parts = without.map(microsOf);
  return of.windows.map((it, round) =>
    parts.reduce((left, part) => left - (part[round] ?? Number.NaN), it.cpuMicrosPerTurn),
  );
};

/** How many times another cost that is; a ratio is taken within a round. */
const timesOf = (cost: Cost, yardstick: Cost) => {
  const unit = microsOf(yardstick);
  return spreadOf(microsOf(cost).map((micros, round) => micros / (unit[round] ?? Number.NaN)));
};

export const resultOf = (row: Row, echo: Cost): Result => {
  const { id, beside, of } = row;
  const { windows, store } = of;
  const cpu = spreadOf(microsOf(row));
  const ratio = timesOf(row, echo);
  const others = beside && {
    name: beside.name,
    micros: spreadOf(microsOf(beside.cost)),
    ratio: timesOf(beside.cost, echo),
  };
  const rate = spreadOf(windows.map((it) => it.turnsPerSecond)).median;
  const p50 = spreadOf(windows.map((it) => it.p50Millis)).median;
  const p99 = spreadOf(windows.map((it) => it.p99Millis)).median;
  const loadShare = Math.max(...windows.map((it) => it.loadShare));
  const isClientBound = loadShare > CLIENT_BOUND_SHARE;
  const side = others
    ? `, ${ratio.median.toFixed(1)} E beside ${others.ratio.median.toFixed(1)} E (${others.micros.median.toFixed(0)} µs) of ${others.name}`
    : '';
  return {
    id,
    store,
    value: beside ? timesOf(row, beside.cost) : ratio,
    note: `${cpu.median.toFixed(0)} µs, ${rate.toFixed(0)}/s, p99 ${p99.toFixed(1)} ms${side}${isClientBound ? ', client-bound' : ''}`,
    details: {
      echoCpuMicros: spreadOf(microsOf(echo)),
      cpuMicros: cpu,
      ...(others && { echoRatio: ratio, besideCpuMicros: others.micros, besideRatio: others.ratio }),
      perSecond: rate,
      p50Millis: p50,
      p99Millis: p99,
      rssMegabytes: windows.at(-1)?.rssMegabytes,
      loadShare,
      isClientBound,
      turns: windows.reduce((sum, it) => sum + it.turns, 0),
      requests: windows.reduce((sum, it) => sum + it.requests, 0),
    },
  };
};
