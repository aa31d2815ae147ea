import type { AuthenticationMetadata, RegistrationMetadata } from '@assent/factors';
import { SoftwareAuthenticator } from '@assent/factors/testing';
import { answer, expectCallbacks, expectTo, JourneyClient, outputOf, type Step, signIn } from './journey-client.ts';
import { LANES, type Lane, lanes, PASSWORD } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

const JOURNEY = 'PasskeyLogin';

const asked = async (client: JourneyClient): Promise<Step> => {
  const step = await client.start();
  expectCallbacks(
    step,
    'NameCallback',
    'PasswordCallback',
    'MetadataCallback',
    'HiddenValueCallback',
    'ConfirmationCallback',
  );
  return step;
};

/** P17: the start of a sign-in by passkey, and no more. */
export const passkeyStartLanes = (server: ServerProcess): Promise<readonly Lane[]> =>
  lanes(server, LANES, async (connection) => {
    const client = new JourneyClient(connection, JOURNEY);
    let before = '';
    return {
      connection,
      async turn() {
        const step = await asked(client);
        const { challenge } = dataOf<AuthenticationMetadata>(step);
        if (challenge === before) expectTo(false, 'a challenge of its own', step);
        before = challenge;
      },
    };
  });

/** P18: a whole sign-in by passkey, which is a start and an answer. */
export const passkeyLanes = async (server: ServerProcess): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix: 'passkey', count: LANES, password: PASSWORD });
  const origin = `http://localhost:${server.port}`;
  return lanes(server, LANES, async (connection, at) => {
    const authenticator = new SoftwareAuthenticator();
    const adding = new JourneyClient(connection, 'AddPasskey');
    const registration = await signIn(adding, `passkey${at}`, PASSWORD);
    const { text } = authenticator.register(dataOf<RegistrationMetadata>(registration), origin);
    await adding.finish(await adding.submit(answer(registration, undefined, text)));
    const client = new JourneyClient(connection, JOURNEY);
    return {
      connection,
      async turn() {
        const step = await asked(client);
        const signed = authenticator.signIn(dataOf<AuthenticationMetadata>(step), origin);
        // The passkey is answered in place of name and password.
        await client.finish(answer(step, undefined, undefined, undefined, signed.text));
      },
    };
  });
};

const dataOf = <Metadata>(step: Step): Metadata => outputOf(step, 'MetadataCallback', 'data') as Metadata;
