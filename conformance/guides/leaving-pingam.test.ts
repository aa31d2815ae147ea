import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMINISTRATOR, broughtExport, FRODO_APP, FRODO_MAY_COME_IN, Frodo } from '../clients/frodo.ts';
import { asAdministrator } from '../support/administrator.ts';
import { type Followed, Guide } from '../support/guide.ts';
import { attributesOf } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';
import { filled, send } from '../support/rest-client.ts';
import { assent, type ServerProcess, startServerProcess } from '../support/server-process.ts';

// Whoever follows the guide types what stands in it: every block is run, in its order, by a shell. Another Assent, which has
// journeys that people brought, stands for AM; its directory is a recording, which says itself how it was made.

const guide = new Guide('leaving-pingam');
const recorded = (name: string): string => fileURLToPath(new URL(`./recorded/${name}`, import.meta.url));

const isCurlMissing = spawnSync('curl', ['--version']).status !== 0;

describe.skipIf(isCurlMissing)(
  `the guide to leaving PingAM${isCurlMissing ? ' (skipped: there is no curl)' : ''}`,
  () => {
    let am: ServerProcess;
    let server: ServerProcess;
    let code: Followed['code'];
    let printed: Followed['printed'];

    beforeAll(async () => {
      [am, server] = await Promise.all([startServerProcess(FRODO_MAY_COME_IN), startServerProcess(FRODO_MAY_COME_IN)]);
      const frodo = new Frodo(am);
      await assent(['realm', 'create', '/alpha', '--data-dir', am.dataDir]);
      frodo.write('brought.json', broughtExport('inner-journeys'));
      await frodo.do(['journey', 'import', '-a', '-f', 'brought.json'], { realm: 'alpha' });
      frodo.write('more.json', broughtExport('foreign-nodes'));
      await frodo.do(['journey', 'import', '-f', 'more.json'], { realm: 'alpha' });
      const dan = { username: 'dan', userpassword: 'stays behind', mail: ['dan@example.com'] };
      await asAdministrator(
        { am: am.am, administrator: ADMINISTRATOR },
        'POST',
        `${realmPath('/alpha')}/users?_action=create`,
        dan,
      );
      const client = await asAdministrator(
        { am: am.am, administrator: ADMINISTRATOR },
        'PUT',
        `${realmPath('/alpha')}/realm-config/agents/OAuth2Client/portal`,
        {
          coreOAuth2ClientConfig: {
            clientType: { inherited: false, value: 'Confidential' },
            redirectionUris: { inherited: false, value: ['https://app.example.com/cb'] },
            userpassword: 'stays behind',
          },
          advancedOAuth2ClientConfig: { grantTypes: { inherited: false, value: ['authorization_code', 'implicit'] } },
        },
      );
      expect(client.status).toBe(201);
      ({ code, printed } = await follow());
    });
    afterAll(() => Promise.all([am?.close(), server?.close()]));

    const follow = (): Promise<Followed> => {
      const home = join(server.scratch, 'home');
      mkdirSync(join(home, '.frodo'), { recursive: true });
      writeFileSync(join(home, '.frodo/Connections.json'), '{}');
      mkdirSync(join(server.scratch, 'leaving'));
      copyFileSync(recorded('am-devices.pem'), join(server.scratch, 'leaving/am-devices.pem'));
      return guide.follow({
        directory: server.scratch,
        commands: {
          frodo: `exec "${[process.execPath, ...FRODO_APP].join('" "')}" "$@" --no-cache`,
          ldapsearch: `exec cat "${recorded('people.ldif')}"`,
        },
        rewrite: (block) => block.replace(/^OLD=.*$/m, `OLD=${am.am}`).replace(/^NEW=.*$/m, `NEW=${server.am}`),
        env: {
          HOME: home,
          OLD_PASSWORD: ADMINISTRATOR.password,
          NEW_PASSWORD: ADMINISTRATOR.password,
          ASSENT_DATA_DIR: server.dataDir,
        },
      });
    };

    const signIn = async (username: string, password: string, query = '') => {
      const url = `${server.am}${realmPath('/alpha')}/authenticate${query}`;
      return send(url, filled(await send(url), { 0: username, 1: password }));
    };

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('says what the check of the journeys finds: the nodes that we lack', () => {
      const [told = ''] = printed.filter((text) => text.includes('J13'));
      expect(told).toContain('AcmeRiskNode');
    });

    test('moves every journey of the realm', () => {
      const read = (file: string) =>
        JSON.parse(readFileSync(join(server.scratch, 'leaving', file), 'utf8')) as { trees: Record<string, unknown> };
      const names = Object.keys(read('journeys.json').trees);
      expect(names).toEqual(
        expect.arrayContaining(['FrontDoor', 'Middle Door', 'Ask for the password', 'ForeignDoor']),
      );
      expect(Object.keys(read('journeys-new.json').trees)).toEqual(expect.arrayContaining(names));
    });

    test('brings the applications, says what of them does not work, and gives them another secret', () => {
      const [told = ''] = printed.filter((text) => text.includes('portal was imported'));
      expect(told).toContain('advancedOAuth2ClientConfig.grantTypes has implicit, which is refused');
      expect(told).toContain('coreOAuth2ClientConfig.userpassword is unset: the secret did not come along');
      expect(printed.filter((text) => /secret +[\w-]{43}/.test(text))).toHaveLength(1);
    });

    test('brings users, passwords and devices of the recording, and says what did not come along', async () => {
      const told = printed.filter((text) => text.includes('Users in /alpha'));
      expect(told[0]).toContain('Nothing was changed. Users in /alpha would be: 4 created, 0 refused.');
      expect(told[1]).toMatch(/^Users in \/alpha: 4 created, 0 refused, in \d+ s\.$/m);
      expect(told[1]).toMatch(/PASSWORD_SCHEME 1 \[SMD5\]: .*\n {4}emil/);
      expect(told[1]).toContain('Groups are not taken over: cn=staff,ou=groups,dc=example,dc=com');
      expect(told[2]).toMatch(/^Users in \/alpha: 1 created, 0 refused/m);
      const report = join(server.scratch, 'leaving/not-brought.jsonl');
      expect(readFileSync(report, 'utf8')).toBe('{"user":"emil","reason":"PASSWORD_SCHEME","detail":"SMD5"}\n');
      expect(statSync(report).mode & 0o777).toBe(0o600);
      const at = { am: server.am, administrator: ADMINISTRATOR };
      const [ann, carl, dora, dan] = await Promise.all(
        ['ann', 'carl', 'dora', 'dan'].map((name) => attributesOf(at, name, '/alpha')),
      );
      expect(ann).toMatchObject({ givenName: ['Ann'], push2faEnabled: ['2'], createTimestamp: ['20240131120000Z'] });
      expect(JSON.parse(ann?.pushDeviceProfiles?.[0] ?? '')).toMatchObject({ deviceName: 'Pixel of Ann' });
      expect(ann?.oathDeviceProfiles).toHaveLength(1);
      // Encrypted in the export.
      expect(JSON.parse(carl?.pushDeviceProfiles?.[0] ?? '')).toMatchObject({ deviceName: 'Pixel of Carl' });
      expect(dora).toMatchObject({ inetUserStatus: ['Inactive'] });
      expect(dan).toMatchObject({ mail: ['dan@example.com'] });
    });

    test('lets the people in who were created or brought, by the journey that runs when nobody names one', async () => {
      // The last block has switched it off, as for a roll-back.
      expect(await signIn('ann', 'first-password-7')).toMatchObject({ status: 400 });
      await new Frodo(server).do(['journey', 'enable', '-i', 'FrontDoor'], { realm: 'alpha' });
      for (const [name, password] of [
        ['ann', 'first-password-7'],
        ['bob', 'first-password-8'],
        ['carl', 'first-password-8'],
        ['eve', 'first-password-7'],
      ] as const) {
        expect(await signIn(name, 'wrong')).toMatchObject({ status: 401 });
        expect((await signIn(name, password)).tokenId).toMatch(/.{32}/);
      }
    });

    test('leads to pages that exist', () => {
      const pages = [...guide.text.matchAll(/\]\(([^)#]+\.md)/g)].map(([, page = '']) => page);
      expect(pages.length).toBeGreaterThan(0);
      for (const page of pages) {
        expect(readFileSync(new URL(`../../docs/guides/${page}`, import.meta.url), 'utf8')).toMatch(
          /^(<!--.*-->\s*)?# /,
        );
      }
    });
  },
);
