import { answer, expectCallbacks, expectTo, JourneyClient } from './journey-client.ts';
import { LANES, type Lane, lanes, PASSWORD } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

/** P8: whether a session is valid, and whose it is. */
export const sessionLanes = async (server: ServerProcess): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix: 'session', count: LANES, password: PASSWORD });
  return lanes(server, LANES, async (connection, at) => {
    const client = new JourneyClient(connection, 'ldapService');
    const step = await client.start();
    expectCallbacks(step, 'NameCallback', 'PasswordCallback');
    const body = JSON.stringify({ tokenId: await client.finish(answer(step, `session${at}`, PASSWORD)) });
    return {
      connection,
      async turn() {
        const reply = await connection.post('/am/json/realms/root/sessions?_action=getSessionInfo', body);
        if (reply.status !== 200 || !reply.body.includes(`"session${at}"`)) expectTo(false, 'the session', reply.body);
      },
    };
  });
};
