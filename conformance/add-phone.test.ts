import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser, PASSWORD, phoneArgs } from './support/people.ts';
import { hiddenValue, type RestAnswer, RestClient, setupCode } from './support/rest-client.ts';
import { assent, runAssent, type ServerProcess, startServerProcess } from './support/server-process.ts';

// The command-line phone knows nothing of proofs: it answers the one that a new phone owes as it answers any request.

let server: ServerProcess;
let client: RestClient;

beforeAll(async () => {
  server = await startServerProcess();
  client = new RestClient(server.am);
  for (const user of ['proven', 'refused']) await addUser(server, user);
});
afterAll(() => server.close());

const phone = (name: string, ...args: readonly string[]): readonly string[] => phoneArgs(server, name, ...args);
/** From the password to the number that the new phone is asked for. */
const reachNumber = async (user: string): Promise<RestAnswer> => {
  const setup = await client.passPassword(user, PASSWORD, 'AddPhone');
  await assent(phone(user, 'register', setupCode(setup)));
  return client.submit(setup);
};
const numberOf = (step: RestAnswer): string => hiddenValue(step, 'pushChallengeNumber');

test('a new phone that gives the number is added, and is what the next sign-in asks', async () => {
  const asked = await reachNumber('proven');
  expect(numberOf(asked)).toMatch(/^[1-9]\d{5}$/);
  await assent(phone('proven', 'approve', '--number', numberOf(asked)));
  const codes = await client.submit(asked);
  expect(codes.text).toContain('// Recovery Codes');
  expect((await client.submit(codes)).tokenId).toEqual(expect.any(String));

  const wait = await client.passPassword('proven', PASSWORD);
  await assent(phone('proven', 'approve', '--number', numberOf(wait)));
  expect((await client.submit(wait)).tokenId).toEqual(expect.any(String));
});

test('a new phone that refuses is not added: it reaches nothing, and nobody is asked at the next sign-in', async () => {
  const asked = await reachNumber('refused');
  await assent(phone('refused', 'deny'));
  expect((await client.submit(asked)).status).toBe(401);
  expect((await runAssent(phone('refused', 'approve'))).code).not.toBe(0);
  const options = await client.passPassword('refused', PASSWORD);
  expect(numberOf(options)).toBe('');
  expect(options.callbacks.map(({ type }) => type)).toEqual(['TextOutputCallback', 'ConfirmationCallback']);
});
