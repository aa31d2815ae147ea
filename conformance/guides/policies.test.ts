import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { type Followed, Guide } from '../support/guide.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { sendByFetch } from '../support/wire.ts';

// Followed in a realm that has the journeys which the guide names.

/** The ends of a tree, as AM names them. */
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
const REALM = '/alpha';
const guide = new Guide('policies');
/** What the guide says that the gateway is told. */
const [, shown = ''] = /^```json\n([\s\S]*?)^```$/m.exec(guide.text) ?? [];
const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!hasCurl)(`the guide to policies${hasCurl ? '' : ' (skipped: there is no curl)'}`, () => {
  let server: ServerProcess;
  let code: Followed['code'];
  let printed: Followed['printed'];

  const administer = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    const answer = await asAdministrator(server, method, path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  let nodes = 0;
  const nextId = () => {
    nodes += 1;
    return `00000000-0000-4000-8000-${String(nodes).padStart(12, '0')}`;
  };
  const addJourney = async (name: string, level: number, settings: object = {}): Promise<void> => {
    const [user, password, check, raise] = [nextId(), nextId(), nextId(), nextId()];
    const steps: readonly (readonly [
      id: string,
      type: string,
      to: Readonly<Record<string, string>>,
      config?: object,
    ])[] = [
      [user, 'UsernameCollectorNode', { outcome: password }],
      [password, 'PasswordCollectorNode', { outcome: check }],
      [check, 'DataStoreDecisionNode', { true: raise, false: FAILURE }],
      [raise, 'ModifyAuthLevelNode', { outcome: SUCCESS }, { authLevelIncrement: level }],
    ];
    const base = `${realmPath(REALM)}/realm-config/authentication/authenticationtrees`;
    for (const [at, type, , config = {}] of steps) await administer('PUT', `${base}/nodes/${type}/${at}`, config);
    await administer('PUT', `${base}/trees/${name}`, {
      entryNodeId: user,
      nodes: Object.fromEntries(steps.map(([at, nodeType, connections]) => [at, { nodeType, connections }])),
      ...settings,
    });
  };
  const tokenOf = async (username: string): Promise<string> => {
    const { body } = await sendByFetch({
      method: 'POST',
      url: `${server.am}${realmPath(REALM)}/authenticate?authIndexType=service&authIndexValue=Login`,
      headers: {
        'accept-api-version': 'protocol=1.0,resource=2.1',
        'x-openam-username': username,
        'x-openam-password': PASSWORD,
      },
      body: {},
    });
    return String(body.tokenId);
  };

  beforeAll(async () => {
    server = await startServerProcess({ env: { ASSENT_ADMIN_PASSWORD: 'administrator-7' } });
    await administer('POST', '/json/global-config/realms?_action=create', {
      name: REALM.slice(1),
      parentPath: '/',
      active: true,
    });
    for (const name of ['ada', 'gate']) await addUser(server, name, PASSWORD, REALM);
    await administer('PUT', `${realmPath(REALM)}/users/gate`, { assentRoles: ['gateway'] });
    await addJourney('Portal', 5);
    await addJourney('Payments', 10);
    await addJourney('ApproveTransfer', 1, { transactionalOnly: true });
    ({ code, printed } = await guide.follow({
      directory: server.scratch,
      // The server hears of what the command line has written within a second.
      rewrite: (block) =>
        block.includes('_action=evaluate')
          ? `ask() {\n${block}}\nn=0; until { ask > answer.json && grep -q Advice answer.json; } || [ $((n += 1)) -gt 300 ]; do sleep 0.1; done\ncat answer.json\n`
          : block,
      env: {
        AM: server.am,
        ASSENT_DATA_DIR: server.dataDir,
        GATEWAY_TOKEN: await tokenOf('gate'),
        USER_TOKEN: await tokenOf('ada'),
      },
    }));
  });
  afterAll(() => server?.close());

  test('runs to its end', () => {
    expect(code, printed.join('\n')).toBe(0);
    expect(printed).toHaveLength(guide.blocks.length);
  });

  test('no journey of the root realm reaches the level before one is named', () => {
    expect(JSON.parse(printed[0] ?? '')).toMatchObject({
      code: 400,
      message: expect.stringContaining('No journey reaches the authentication level 10.'),
    });
  });

  test('the gateway is told what the guide shows', () => {
    expect(JSON.parse(printed.at(-1) ?? '')).toEqual(JSON.parse(shown));
  });
});
