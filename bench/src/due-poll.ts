import { expectTo, JourneyClient, type Step } from './journey-client.ts';
import { LANES, type Lane, lanes, PASSWORD, PHONE_KEY, waiting } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

/** How many wait for each lane; they are asked for in turn, so that what the server caches is not what it has just answered. */
const WAITERS = 250;
/** The wait of the journey, and a little more. */
const DUE_MILLIS = 1_050;

/**
 * P5 due: a poll after the wait is over goes from Wait through the Verifier to Wait again, and stores nothing. A client that obeys
 * `waitTime` polls in no other way.
 */
export const duePollLanes = async (server: ServerProcess): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix: 'due', count: LANES * WAITERS, password: PASSWORD, phoneKey: PHONE_KEY });
  return lanes(server, LANES, async (connection, at) => {
    const client = new JourneyClient(connection, 'BenchDuePoll');
    const steps: Step[] = [];
    for (let waiter = 0; waiter < WAITERS; waiter += 1) {
      steps.push(await waiting(client, `due${at * WAITERS + waiter}`));
    }
    const dueAt = performance.now() + DUE_MILLIS;
    let next = 0;
    return {
      connection,
      async turn() {
        const left = dueAt - performance.now();
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
        const step = steps[next++ % WAITERS];
        if (step === undefined) return;
        const same = await client.submit(step);
        if (same.authId !== step.authId) expectTo(false, 'the same authId while nothing is new', same);
      },
    };
  });
};
