import { beforeAll, expect, test } from 'vitest';
import type { Point } from '../src/testing/interleaving.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// Users who came with a password that another server has hashed sign in with it, and by that make a hash of ours of it (ADR 87).

const PASSWORD = 'correct horse';
const SSHA512 =
  '{SSHA512}3bSicRtE7Twh6imhQ+kBq+Y5g7njJYg9QUiWWAvY8RLpZ5EwWLuBFoEVk3gcr651cENskWO9g/tq8qVtpiwkqWY9W6cnJKNn';
const BCRYPT = '$2b$05$0nK3TSsnLHRTi1WjGu7ooO6XUS.JqjSACiip4jX6qFI.9tOpVtwS6';
const OURS = /^\$argon2id\$v=19\$/;

let server: SteeredServer;
let rest: RestClient;
let between: (point: Point) => Promise<void> = async () => {};
let count = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 18_497, between: (point) => between(point) });
  rest = restClient(server);
});

const someone = async (hash: string) => {
  count += 1;
  const id = `came-${count}`;
  const username = `came ${count}`;
  const { committer, identities } = server.assent.store;
  await committer.commit([{ type: 'identity.insert', id, realm: '/', username, hash, attributes: {} }]);
  return {
    signIn: (password: string) => signIn(rest, '/', username, password),
    hash: () => identities.passwordHash(id),
    credentialRev: async () => (await identities.findById(id))?.credentialRev,
  };
};

test.each([
  ['salted SHA-512', SSHA512],
  ['bcrypt', BCRYPT],
])(
  'the first login makes a hash of ours of %s, and the next one uses it; nothing of the user ends',
  async (_, hash) => {
    const user = await someone(hash);
    expect(await user.signIn(PASSWORD)).toBeDefined();
    const ours = await user.hash();
    expect(ours).toMatch(OURS);
    expect(await user.signIn(PASSWORD)).toBeDefined();
    expect(await user.hash()).toBe(ours);
    expect(await user.credentialRev()).toBe(1);
  },
);

test('a wrong password makes no hash, and is counted like any other (SEC-57)', async () => {
  const user = await someone(SSHA512);
  for (let guess = 0; guess < 5; guess += 1) expect(await user.signIn('wrong')).toBeUndefined();
  expect(await user.hash()).toBe(SSHA512);
  // Locked by now: the right one is no better.
  expect(await user.signIn(PASSWORD)).toBeUndefined();
  expect(await user.hash()).toBe(SSHA512);
  server.clock.advance(31_000);
  expect(await user.signIn(PASSWORD)).toBeDefined();
  expect(await user.hash()).toMatch(OURS);
});

// That a commit which was overtaken by another instance's is tried again is shown by `guesses-at-two-servers.test.ts`.
test('of several first logins at once all get in, and one makes the hash', async () => {
  const user = await someone(BCRYPT);
  let rehashes = 0;
  between = async (point) => {
    if (typeof point !== 'string' && point.some(({ type }) => type === 'identity.rehash')) rehashes += 1;
  };
  const tokens = await Promise.all(Array.from({ length: 4 }, () => user.signIn(PASSWORD)));
  expect(tokens).not.toContain(undefined);
  expect(rehashes).toBe(1);
  expect(await user.hash()).toMatch(OURS);
});
