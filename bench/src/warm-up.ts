import { measure } from './measure.ts';
import type { Lane } from './scenarios.ts';
import type { UnderLoad } from './server-process.ts';
import { Settling } from './settling.ts';

export interface WarmUp {
  /** How long a scenario is loaded before it is the turn of the next one. */
  readonly millis: number;
  /** How often each of them may have its turn. */
  readonly mostTurns: number;
}

interface Loaded {
  readonly server: UnderLoad;
  readonly lanes: readonly Lane[];
}

/** Noise may hide one gain, but hardly all of so many turns. */
const TURNS_WITHOUT_GAIN = 2;

/**
 * Loads all scenarios in turn until none of them gets cheaper, and resolves with how many turns that took. A server runs on
 * compiled code for all but its first minute, and compiling is charged to the process: without this, that is what is measured.
 */
export const warmUp = async (scenarios: readonly Loaded[], { millis, mostTurns }: WarmUp): Promise<number> => {
  const settling = new Settling();
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const costs: number[] = [];
    for (const { server, lanes } of scenarios) {
      costs.push((await measure(server, lanes, { warmMillis: 0, millis })).cpuMicrosPerTurn);
    }
    settling.add(costs);
    if (settling.turnsWithoutGain >= TURNS_WITHOUT_GAIN) return turn;
  }
  return mostTurns;
};
