import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMINISTRATOR, FRODO_APP, FRODO_MAY_COME_IN } from '../clients/frodo.ts';
import { type Followed, Guide } from '../support/guide.ts';
import { addUser } from '../support/people.ts';
import { Phone } from '../support/phone.ts';
import { realmPath } from '../support/realm-path.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { sendByFetch, type WireAnswer } from '../support/wire.ts';
import { expectCodeToScan, expectWait, OPTION, reachOptions } from '../walks/steps.ts';

// A server that is no demo: its administrator comes by a phone first, and then whoever follows the guide types what stands in it.

const guide = new Guide('administrators');
const example = fileURLToPath(new URL('../../docs/guides/examples/AdminLoginWithCode.journey.json', import.meta.url));

const isMissing = (name: string): boolean => spawnSync(name, ['--version']).status !== 0;
const missing = ['curl'].filter(isMissing);
/** In place of one that is drawn. */
const NEW_PASSWORD = 'another-correct-horse-9';

/** One block of many asks the database by a program that is not everywhere. */
const withoutSqlite: Readonly<Record<string, string>> = isMissing('sqlite3') ? { sqlite3: 'exit 0' } : {};

describe.skipIf(missing.length > 0)(
  `the guide to administrators${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    const env: Record<string, string> = { ...FRODO_MAY_COME_IN.env, ASSENT_SEED: 'none' };
    let server: ServerProcess;
    let byPassword: WireAnswer;
    let byPhone: WireAnswer;
    let printed: Followed['printed'];
    let code: Followed['code'];

    beforeAll(async () => {
      server = await startServerProcess({ env });
      const change = (token: string) =>
        sendByFetch({
          method: 'PUT',
          url: `${server.am}${realmPath('/')}/users/amadmin`,
          headers: { 'accept-api-version': 'resource=2.0', iplanetdirectorypro: token },
          body: { assentRoles: ['owner', 'auditor'] },
        });
      byPassword = await change(await tokenByHeaders());
      byPhone = await change(await tokenByPhone());
      await server.stop();
      env.ASSENT_ADMIN_SECOND_FACTOR = 'false';
      await server.start();
      ({ code, printed } = await follow());
    });
    afterAll(() => server?.close());

    const tokenByHeaders = async (password: string = ADMINISTRATOR.password): Promise<string> => {
      const { body } = await sendByFetch({
        method: 'POST',
        url: `${server.am}${realmPath('/')}/authenticate`,
        headers: {
          'accept-api-version': 'protocol=1.0,resource=2.1',
          'x-openam-username': ADMINISTRATOR.name,
          'x-openam-password': password,
        },
        body: {},
      });
      return String(body.tokenId);
    };

    /** As a person does it on the page: name and password, a code to scan, an approval. */
    const tokenByPhone = async (): Promise<string> => {
      const world = {
        am: server.am,
        administrator: ADMINISTRATOR,
        send: sendByFetch,
        now: () => Date.now(),
        pass: async () => {},
        createUser: async () => {},
        attributes: async () => ({}),
        log: async () => [],
      };
      const { name: username, password } = ADMINISTRATOR;
      const login = await reachOptions({ world, realm: '/', username, password }, 'PushLogin');
      await login.press(OPTION.register);
      const phone = new Phone(world);
      await phone.register(expectCodeToScan(login));
      await login.repost();
      await login.repost();
      await phone.approve(await phone.request(), expectWait(login));
      await login.repost();
      return String(login.reply.body.tokenId);
    };

    const follow = async (): Promise<Followed> => {
      const token = await tokenByHeaders();
      const owned = { am: server.am, administrator: ADMINISTRATOR };
      const headers = { 'accept-api-version': 'resource=1.0', iplanetdirectorypro: token };
      const realms = `${server.am}/json/global-config/realms?_action=create`;
      const made = { method: 'POST', url: realms, headers, body: { name: 'alpha', parentPath: '/' } } as const;
      expect((await sendByFetch(made)).status).toBe(201);
      await addUser(owned, 'ann', 'correct horse 7', '/alpha');
      const home = join(server.scratch, 'home');
      mkdirSync(join(home, '.frodo'), { recursive: true });
      writeFileSync(join(home, '.frodo/Connections.json'), '{}');
      copyFileSync(example, join(server.scratch, 'AdminLoginWithCode.journey.json'));
      return guide.follow({
        directory: server.scratch,
        rewrite: (block) => block.replace('$(openssl rand -hex 16)', NEW_PASSWORD),
        commands: {
          ...withoutSqlite,
          frodo: `exec "${[process.execPath, ...FRODO_APP].join('" "')}" "$@" --no-cache`,
        },
        env: {
          HOME: home,
          AM: server.am,
          TOKEN: token,
          PASSWORD: ADMINISTRATOR.password,
          ASSENT_DATA_DIR: server.dataDir,
        },
      });
    };

    test('begins with a start that says where to connect a phone, and with a password that administers nothing (SEC-72)', () => {
      expect(server.firstScreen()).toContain('connect a phone to amadmin');
      expect(server.firstScreen()).toContain(`${server.am}/login?authIndexType=service&authIndexValue=PushLogin`);
      expect(byPassword).toMatchObject({ status: 403, body: { detail: { needs: 'secondFactor' } } });
      for (const said of ['PushLogin', 'ASSENT_ADMIN_SECOND_FACTOR', 'Who administers what'])
        expect(byPassword.body.message).toContain(said);
    });

    test('lets whoever connected a phone by the shipped journey administer at once (SEC-72)', () => {
      expect(byPhone).toMatchObject({ status: 200, body: { assentRoles: ['owner', 'auditor'] } });
    });

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('ends with another password of amadmin, and with no other that is good', async () => {
      const tokens = [await tokenByHeaders(NEW_PASSWORD), await tokenByHeaders()];
      expect(tokens.map((token) => token !== 'undefined')).toEqual([true, false]);
    });
  },
);
