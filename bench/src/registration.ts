import { answer, expectCallbacks, expectTo, JourneyClient, outputOf, signIn } from './journey-client.ts';
import { Phone } from './phone.ts';
import { type Lane, lanes, PASSWORD } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

/** Nobody registers twice: each lane asks for so many users at a time, most of them before anything is measured. */
const USERS_AT_A_TIME = 4_000;

const REGISTRATION_LANES = 5;

/** P7: a registration in six requests: start, credentials, the choice to register, poll, the phone, poll. */
export const registrationLanes = (server: ServerProcess): Promise<readonly Lane[]> =>
  lanes(server, REGISTRATION_LANES, async (connection, at) => {
    const client = new JourneyClient(connection, 'BenchRegistration');
    const prefix = `register${at}x`;
    let next = 0;
    let known = 0;
    const addUsers = async () => {
      // Each batch has names of its own, since a batch is counted from 0.
      await server.addUsers({ prefix: `${prefix}${known}x`, count: USERS_AT_A_TIME, password: PASSWORD });
      known += USERS_AT_A_TIME;
    };
    await addUsers();
    return {
      connection,
      async turn() {
        if (next === known) await addUsers();
        const username = `${prefix}${known - USERS_AT_A_TIME}x${next % USERS_AT_A_TIME}`;
        next += 1;
        const question = await signIn(client, username, PASSWORD);
        expectCallbacks(question, 'TextOutputCallback', 'ConfirmationCallback');
        const code = await client.submit(answer(question, undefined, 0));
        expectCallbacks(code, 'TextOutputCallback', 'TextOutputCallback', 'HiddenValueCallback', 'PollingWaitCallback');
        const same = await client.submit(code);
        if (same.authId !== code.authId) expectTo(false, 'the same authId while nothing is new', same);
        const uri = String(outputOf(same, 'HiddenValueCallback', 'value'));
        await Phone.register(connection, server.port, uri, username);
        await client.finish(same);
      },
    };
  });
