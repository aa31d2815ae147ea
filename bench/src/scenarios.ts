import { HttpConnection } from './http-connection.ts';
import { answer, expectCallbacks, expectTo, JourneyClient, outputOf, type Step, signIn } from './journey-client.ts';
import { Phone } from './phone.ts';
import type { ServerProcess } from './server-process.ts';

export const PASSWORD = 'Correct-horse-1';

/** One connection and what is done on it over and over: one request, or one login. */
export interface Lane {
  readonly connection: HttpConnection;
  turn(): Promise<void>;
  close?(): void;
}

/** Single requests come over so many connections at a time. */
export const LANES = 16;
/** Logins at a time. A busy server writes and reads for several requests in one turn, so a login costs less there than alone. */
const LOGIN_LANES = 64;
/** Journeys that are started at a time where only their number counts. */
const FILLING_LANES = 5;
/** On PostgreSQL a login waits for disk and network most of its time, and a server that is idle in between pays for waking up each time. */
export const SHARED_LOGIN_LANES = 16;
/** With few users, the rows of their last logins would be measured. 64 lanes with more users exceed the streams that one address may open. */
const USERS_PER_LANE = 15;

export const lanes = (
  server: ServerProcess,
  count: number,
  make: (connection: HttpConnection, at: number) => Promise<Lane>,
): Promise<readonly Lane[]> =>
  Array.from({ length: count }).reduce<Promise<readonly Lane[]>>(
    async (made, _, at) => [...(await made), await make(await HttpConnection.open(server.port), at)],
    Promise.resolve([]),
  );

/** As long as the body of a step with a name and a password. */
const ECHO_BODY = JSON.stringify({
  authId: 'x'.repeat(420),
  callbacks: ['NameCallback', 'PasswordCallback'].map((type, _id) => ({
    type,
    output: [{ name: 'prompt', value: 'A name to be shown' }],
    input: [{ name: `IDToken${_id + 1}`, value: 'an-answer' }],
    _id,
  })),
});

/** At `/signed` the echo makes a signature, too, and at `/asserted` it judges one of a passkey. */
export const echoLanes = (
  server: ServerProcess,
  path: '/' | '/signed' | '/asserted' = '/',
  count: number = LANES,
): Promise<readonly Lane[]> =>
  lanes(server, count, async (connection) => ({
    connection,
    async turn() {
      const { status, body } = await connection.post(path, ECHO_BODY);
      if (status !== 200 || body !== ECHO_BODY) expectTo(false, 'the echo of the body', body);
    },
  }));

/** Signs in by PushLogin as a user without a phone. */
const toOptions = async (client: JourneyClient, username: string): Promise<Step> => {
  const profile = await signIn(client, username, PASSWORD);
  return client.submit(answerDeviceProfile(profile));
};

const answerDeviceProfile = (step: Step): Step => {
  expectCallbacks(step, 'DeviceProfileCallback');
  return answer(step, JSON.stringify({ identifier: 'bench', metadata: { platform: {} } }));
};

/** P1, P3: between the options and the page about the app, so that each request leaves a step and stores the next one. */
export const stepLanes = async (server: ServerProcess): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix: 'step', count: LANES, password: PASSWORD });
  return lanes(server, LANES, async (connection, at) => {
    const client = new JourneyClient(connection, 'PushLogin');
    let step = await toOptions(client, `step${at}`);
    let isAtOptions = true;
    return {
      connection,
      async turn() {
        expectCallbacks(step, 'TextOutputCallback', 'ConfirmationCallback');
        const choices = step.callbacks[1]?.output.find(({ name }) => name === 'options')?.value as readonly string[];
        if (choices.length !== (isAtOptions ? 4 : 1)) expectTo(false, 'the step after the last one', step);
        const before = step.authId;
        step = await client.submit(answer(step, undefined, isAtOptions ? 1 : 0));
        if (step.authId === before) expectTo(false, 'an authId of the next step', step);
        isAtOptions = !isAtOptions;
      },
    };
  });
};

export const waiting = async (client: JourneyClient, username: string): Promise<Step> => {
  const step = await signIn(client, username, PASSWORD);
  expectWaiting(step);
  return step;
};

const expectWaiting = (step: Step): void =>
  expectCallbacks(step, 'PollingWaitCallback', 'HiddenValueCallback', 'ConfirmationCallback');

export const PHONE_KEY = Buffer.alloc(32, 7).toString('base64url');

/** P5: the phone says nothing, and the browser asks again. */
export const pollLanes = async (server: ServerProcess): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix: 'poll', count: LANES, password: PASSWORD, phoneKey: PHONE_KEY });
  return lanes(server, LANES, async (connection, at) => {
    const client = new JourneyClient(connection, 'BenchPush');
    const step = await waiting(client, `poll${at}`);
    return {
      connection,
      async turn() {
        const same = await client.submit(step);
        if (same.authId !== step.authId) expectTo(false, 'the same authId while nothing is new', same);
      },
    };
  });
};

/** Registers a phone by PushLogin, as a user would, and opens its stream. */
const registeredPhone = async (connection: HttpConnection, server: ServerProcess, username: string): Promise<Phone> => {
  const client = new JourneyClient(connection, 'PushLogin');
  const code = await client.submit(answer(await toOptions(client, username), undefined, 0));
  expectCallbacks(code, 'TextOutputCallback', 'TextOutputCallback', 'HiddenValueCallback', 'PollingWaitCallback');
  const uri = String(outputOf(code, 'HiddenValueCallback', 'value'));
  const phone = await Phone.register(connection, server.port, uri, username);
  let step = await client.submit(code);
  // Only with this step is the phone a device of the user, whom the relay knows.
  await phone.listen();
  // The page with the recovery codes comes first, then the request for this very login.
  for (let pages = 0; outputOf(step, 'PollingWaitCallback', 'waitTime') === undefined && pages < 2; pages += 1) {
    step = await client.submit(step);
  }
  await approve(connection, phone, step);
  await client.finish(step);
  return phone;
};

const approve = async (connection: HttpConnection, phone: Phone, step: Step): Promise<void> => {
  expectWaiting(step);
  const number = String(outputOf(step, 'HiddenValueCallback', 'value'));
  await phone.approve(connection, await phone.message(), number);
};

/** One push login in five requests: start, credentials, poll, the answer of the phone, poll. */
const pushLogin = async (client: JourneyClient, connection: HttpConnection, phone: Phone, username: string) => {
  const step = await waiting(client, username);
  const same = await client.submit(step);
  if (same.authId !== step.authId) expectTo(false, 'the same authId while nothing is new', same);
  await approve(connection, phone, same);
  await client.finish(same);
};

/** The login as it is shipped, in six: it also collects the profile of the browser. */
const shippedLogin = async (client: JourneyClient, connection: HttpConnection, phone: Phone, username: string) => {
  const step = await client.submit(answerDeviceProfile(await signIn(client, username, PASSWORD)));
  const same = await client.submit(step);
  if (same.authId !== step.authId) expectTo(false, 'the same authId while nothing is new', same);
  await approve(connection, phone, same);
  await client.finish(same);
};

/** P12: logins one after another, by one user with a registered phone. */
export const countedLane = async (server: ServerProcess, kind: 'counted' | 'shipped'): Promise<Lane> => {
  const isShipped = kind === 'shipped';
  await server.addUsers({ prefix: kind, count: 1, password: PASSWORD });
  const connection = await HttpConnection.open(server.port);
  const username = `${kind}0`;
  const phone = await registeredPhone(connection, server, username);
  const client = new JourneyClient(connection, isShipped ? 'PushLogin' : 'BenchPush');
  return loginLane(connection, client, [{ username, phone }], isShipped ? shippedLogin : pushLogin);
};

/** The users of one lane sign in one after the other. */
const loginLane = (
  connection: HttpConnection,
  client: JourneyClient,
  users: readonly { readonly username: string; readonly phone: Phone }[],
  login: typeof pushLogin,
): Lane => {
  let next = 0;
  return {
    connection,
    async turn() {
      const user = users[next++ % users.length];
      if (user !== undefined) await login(client, connection, user.phone, user.username);
    },
    close() {
      for (const { phone } of users) phone.close();
    },
  };
};

/** A phone that a server was told of without a registration (`NewUsers`). */
export const knownPhone = (server: ServerProcess, username: string): Phone =>
  Phone.known(server.port, Buffer.from(PHONE_KEY, 'base64url'), `m-${username}`);

/** Logins at one server by users whose phones, which it was told of, listen at another or the same. */
const lanesOfKnownPhones = async (
  prefix: string,
  server: ServerProcess,
  phonesAt: ServerProcess,
  count: number,
): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix, count: count * USERS_PER_LANE, password: PASSWORD, phoneKey: PHONE_KEY });
  return lanes(server, count, async (connection, at) => {
    const users: { readonly username: string; readonly phone: Phone }[] = [];
    for (let user = 0; user < USERS_PER_LANE; user += 1) {
      const username = `${prefix}${at * USERS_PER_LANE + user}`;
      const phone = knownPhone(phonesAt, username);
      await phone.listen();
      users.push({ username, phone });
    }
    const client = new JourneyClient(connection, 'BenchPush');
    // A connection that has sent nothing is given up in ten seconds, which other scenarios may take to warm up.
    await client.start();
    return loginLane(connection, client, users, pushLogin);
  });
};

/** P6 and its floor: logins by users with a phone. */
export const loginLanes = (server: ServerProcess, count = LOGIN_LANES): Promise<readonly Lane[]> =>
  lanesOfKnownPhones('login', server, server, count);

/** The floor of P6 on PostgreSQL: what so many logins at a time ask of it. */
export const roundTripLanes = (server: ServerProcess): Promise<readonly Lane[]> =>
  echoLanes(server, '/', SHARED_LOGIN_LANES);

/** P6 two: logins at two servers that share a core and nothing else, … */
export const strangerLanes = async (one: ServerProcess, other: ServerProcess): Promise<readonly Lane[]> => [
  ...(await lanesOfKnownPhones('alone', one, one, SHARED_LOGIN_LANES / 2)),
  ...(await lanesOfKnownPhones('alone', other, other, SHARED_LOGIN_LANES / 2)),
];

/** … and at two that are instances of one installation, each with the phones of the other's users. */
export const pairLanes = async (one: ServerProcess, other: ServerProcess): Promise<readonly Lane[]> => [
  ...(await lanesOfKnownPhones('one', one, other, SHARED_LOGIN_LANES / 2)),
  ...(await lanesOfKnownPhones('other', other, one, SHARED_LOGIN_LANES / 2)),
];

/** P10: users with a phone, each of whom gets to the wait and asks once. */
export const addWaitingUsers = (server: ServerProcess, prefix: string, count: number): Promise<void> =>
  server.addUsers({ prefix, count, password: PASSWORD, phoneKey: PHONE_KEY });

export const fillWithWaiters = async (server: ServerProcess, prefix: string, count: number): Promise<void> => {
  let next = 0;
  await Promise.all(
    Array.from({ length: FILLING_LANES }, async () => {
      const connection = await HttpConnection.open(server.port);
      const client = new JourneyClient(connection, 'BenchPush');
      for (let at = next++; at < count; at = next++) {
        const step = await waiting(client, `${prefix}${at}`);
        const same = await client.submit(step);
        if (same.authId !== step.authId) expectTo(false, 'the same authId while nothing is new', same);
      }
      connection.close();
    }),
  );
};

/** P13: the authId of a first step, of a waiting push login, and of a start with parameters as long as they may be. */
export const authIdSizes = async (server: ServerProcess) => {
  await server.addUsers({ prefix: 'size', count: 1, password: PASSWORD, phoneKey: PHONE_KEY });
  const connection = await HttpConnection.open(server.port);
  const client = new JourneyClient(connection, 'BenchPush');
  const first = await client.start();
  const typical = await waiting(client, 'size0');
  let largest = 0;
  for (const length of [900, 1_000, 1_010, 1_100, 4_000]) {
    const { authId } = await client.start(`&goto=${'x'.repeat(length)}`);
    largest = Math.max(largest, authId.length);
  }
  connection.close();
  return { first: first.authId.length, typical: typical.authId.length, largest };
};
