import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_LOOK_THROUGHS } from '@assent/engine/host';
import { LOOK_THROUGH_TURNS } from '@assent/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAILURE, publishTree, type ShortTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// A caller without an account begins journeys that look users up by an attribute without an index.

const PASSWORD = 'correct horse 7';
const { concurrencyOfRealm, mostOfRealm } = LOOK_THROUGH_TURNS;
const dataDir = mkdtempSync(join(tmpdir(), 'look-throughs-'));
let server: SteeredServer;
let rest: RestClient;

/** A journey that looks for one name by so many attributes, and ends without a user. */
const lookingBy = (count: number, attribute: (at: number) => string): ShortTree => ({
  set: ['SetStateNode', { outcome: 'n0' }, { attributes: { username: 'no-user' } }],
  ...Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `n${at}`,
      [
        'IdentifyExistingUserNode',
        { true: SUCCESS, false: at + 1 < count ? `n${at + 1}` : FAILURE },
        { identityAttribute: attribute(at) },
      ] as const,
    ]),
  ),
});

beforeAll(async () => {
  server = await steeredServer({ port: 18_731, dataDir });
  rest = restClient(server);
  await server.createRealm('/alpha');
  await server.createRealm('/beta');
  await server.createUser('/beta', 'bob', PASSWORD);
  for (const name of ['ann', 'ben', 'cid']) await server.createUser('/alpha', name, PASSWORD);
  await publishTree(
    server,
    'Once',
    lookingBy(1, () => 'room'),
    '/alpha',
  );
  await publishTree(
    server,
    'Most',
    lookingBy(MAX_LOOK_THROUGHS, (at) => `a${at}`),
    '/alpha',
  );
  await publishTree(
    server,
    'TooMany',
    lookingBy(MAX_LOOK_THROUGHS + 1, (at) => `a${at}`),
    '/alpha',
  );
  await publishTree(
    server,
    'Indexed',
    lookingBy(30, (at) => ['mail', 'telephoneNumber'][at % 2] ?? ''),
    '/alpha',
  );
  // From then on, indexes have the listed attributes alone.
  await server.assent.store.sweep(server.clock.now(), 500);
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true });
});

const begin = (service: string) =>
  rest('POST', `/alpha/authenticate?authIndexType=service&authIndexValue=${service}`, {
    body: {},
    headers: { 'accept-api-version': 'protocol=1.0,resource=2.1' },
  });

describe('look-ups by an attribute without an index (SEC-93)', () => {
  test('of a greedy realm take turns: a login elsewhere is done before half of them, and each is answered or told to come again', async () => {
    const EXCESS = 5;
    let done = 0;
    const greedy = Array.from({ length: concurrencyOfRealm + mostOfRealm + EXCESS }, () =>
      begin('Once').then((answer) => {
        if (answer.status !== 503) done += 1;
        return answer;
      }),
    );
    expect(await signIn(rest, '/beta', 'bob', PASSWORD)).toBeTypeOf('string');
    expect(done).toBeLessThan(mostOfRealm / 2);
    const answers = await Promise.all(greedy);
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(answers.length - refused.length);
    for (const { headers } of refused) expect(headers['retry-after']).toBe('1');
    expect((await begin('Once')).status).toBe(401);
  });

  test('end a journey in error that makes more of them in one request than it may, and the log names attribute and setting', async () => {
    server.takeLogged();
    expect((await begin('Most')).status).toBe(401);
    expect(JSON.stringify(server.takeLogged())).not.toContain('indexedAttributes');
    expect((await begin('TooMany')).status).toBe(401);
    const logged = JSON.stringify(server.takeLogged());
    expect(logged).toContain(`more than ${MAX_LOOK_THROUGHS} times`);
    expect(logged).toContain(`Add a${MAX_LOOK_THROUGHS} to indexedAttributes`);
  });

  test('are not those by attributes with an index', async () => {
    server.takeLogged();
    expect((await begin('Indexed')).status).toBe(401);
    expect(JSON.stringify(server.takeLogged())).not.toContain('indexedAttributes');
  });
});
