import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type GateRow, gateRow, gateTable } from './gate-row.ts';
import type { Pinning } from './pinning.ts';
import { registrationLanes } from './registration.ts';
import { runRounds, type Scenario, scenario } from './rounds.ts';
import { loginLanes } from './scenarios.ts';
import { ServerProcess } from './server-process.ts';

const PLAN = { rounds: 10, warmUp: { millis: 1_500, mostTurns: 3 }, warmMillis: 100, millis: 600 };

const microsOf = ({ windows }: Scenario): readonly number[] => windows.map(({ cpuMicrosPerTurn }) => cpuMicrosPerTurn);

/** A change that costs more exceeds the limit each time; other work on the machine does not. */
const MAX_ATTEMPTS = 3;

/** Measures a login and a registration on SQLite next to their floors, 45 seconds an attempt; resolves with whether both limits are kept. */
export const runGate = async (
  scratch: string,
  pinning: Pinning | undefined,
  say: (text: string) => void,
): Promise<boolean> => {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const rows = await measureGate(join(scratch, `gate-${attempt}`), pinning, say);
    say(gateTable(rows));
    if (rows.every(({ isKept }) => isKept)) return true;
  }
  return false;
};

const measureGate = async (
  scratch: string,
  pinning: Pinning | undefined,
  say: (text: string) => void,
): Promise<readonly GateRow[]> => {
  mkdirSync(scratch);
  const floor = await ServerProcess.floor(scratch, pinning);
  const server = await ServerProcess.assent('sqlite', 'gate', scratch, pinning);
  try {
    const scenarios = {
      floorLogin: scenario('sqlite', floor, await loginLanes(floor)),
      login: scenario('sqlite', server, await loginLanes(server)),
      floorRegistration: scenario('sqlite', floor, await registrationLanes(floor)),
      registration: scenario('sqlite', server, await registrationLanes(server)),
    };
    await runRounds(PLAN, Object.values(scenarios), say);
    return [
      gateRow('login', microsOf(scenarios.login), microsOf(scenarios.floorLogin)),
      gateRow('registration', microsOf(scenarios.registration), microsOf(scenarios.floorRegistration)),
    ];
  } catch (error) {
    for (const it of [server, floor]) say(it.lastWords());
    throw error;
  } finally {
    await Promise.all([server.stop(), floor.stop()]);
  }
};
