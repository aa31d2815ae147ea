import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AttackGroup } from '../attack-case.ts';
import { pathOf, ROUTE_ROWS } from '../generator/route-rows.ts';
import { type Attacker, PASSWORD } from '../target/attacker.ts';

const TREES = '/json/realm-config/authentication/authenticationtrees/trees';
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';

const put = (attacker: Attacker, id: string, tree: unknown) => attacker.asAdministrator('PUT', `${TREES}/${id}`, tree);

/** Each setting of any depth whose name says that it is secret. */
const secretsOf = (value: unknown, name = ''): readonly string[] => {
  if (typeof value === 'string')
    return /secret|password|privatekey/i.test(name) && value !== '' ? [`${name}: ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => secretsOf(member, Array.isArray(value) ? name : key));
};

export const administration: AttackGroup = {
  number: '3.11',
  title: 'administration',
  cases: [
    {
      ids: ['A157'],
      title: 'no route of administrators answers anybody else, whatever is sent to it',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const abroad = await attacker.person('/alpha');
        const step = await attacker.ask(attacker.authenticate('Login', '/alpha'));
        const body = {
          authId: step.authId,
          callbacks: step.callbacks.map((it) => ({
            ...it,
            input: it.input?.map((one) => ({ ...one, value: it.type === 'NameCallback' ? abroad.name : PASSWORD })),
          })),
        };
        const inAlpha = attacker.expectSession(await attacker.ask(attacker.authenticate('Login', '/alpha'), { body }));
        const open: string[] = [];
        for (const [key, rows] of Object.entries(ROUTE_ROWS)) {
          const [method = '', pattern = ''] = key.split(' ');
          for (const row of rows.filter(({ as }) => as === 'administrator')) {
            for (const session of ['', person.session, inAlpha]) {
              const query = new URLSearchParams(row.query).toString();
              const { status } = await attacker.ask(`${pathOf(pattern, row.names ?? {})}${query && `?${query}`}`, {
                method,
                headers: session === '' ? {} : { iplanetdirectorypro: session },
                body: row.body ?? {},
              });
              if (status !== 401 && status !== 403) open.push(`${key} ${query}: ${status}`);
            }
          }
        }
        // What each of them may know: the version, and the own account.
        assert.deepEqual(
          open.filter((it) => !/^(GET \/json\/serverinfo\/version|GET \/json\/users\/:user )/.test(it)),
          [],
        );
      },
    },
    {
      ids: ['A158'],
      title: 'a journey that is none is refused with its reason, and none is ever saved half',
      async attack(attacker) {
        const node = randomUUID();
        const one = { nodeType: 'UsernameCollectorNode', displayName: 'x', connections: { outcome: SUCCESS } };
        const trees: readonly unknown[] = [
          null,
          [],
          {},
          { entryNodeId: node, nodes: [] },
          { entryNodeId: 7, nodes: {} },
          { entryNodeId: node, nodes: { [node]: { ...one, nodeType: '__proto__' } } },
          { entryNodeId: node, nodes: { [node]: { ...one, connections: { outcome: randomUUID() } } } },
          { entryNodeId: node, nodes: { '../x': one } },
          { entryNodeId: node, nodes: Object.fromEntries(Array.from({ length: 10_000 }, () => [randomUUID(), one])) },
        ];
        for (const tree of trees) {
          const { status } = await put(attacker, `Hostile${attacker.address}`, tree);
          assert.ok([400, 413, 0].includes(status), `${JSON.stringify(tree)?.slice(0, 80)}: ${status}`);
        }
        assert.equal((await attacker.asAdministrator('GET', `${TREES}/Hostile${attacker.address}`)).status, 404);
      },
    },
    {
      ids: ['A163'],
      title: 'an export holds no secret, and what is saved from it keeps those that were there',
      async attack(attacker) {
        const service = '/json/realms/root/realms/alpha/realm-config/services/email';
        const secret = attacker.keep('Canary-Mail-Password-2b9d');
        const config = { hostname: 'mail.example.com', port: 465, username: 'a', password: secret, sslState: 'SSL' };
        const made = await attacker.asAdministrator('PUT', service, config);
        assert.ok([200, 201].includes(made.status), JSON.stringify(made.body));
        const read = await attacker.asAdministrator('GET', service);
        assert.equal(read.status, 200);
        assert.ok(!JSON.stringify(read.body).includes(secret));
        assert.deepEqual(secretsOf(read.body), []);
        const back = await attacker.asAdministrator('PUT', service, read.body);
        assert.equal(back.status, 200);
        assert.ok(!JSON.stringify(back.body).includes(secret));
        assert.equal((await attacker.asAdministrator('DELETE', service)).status, 200);
      },
    },
    {
      ids: ['A161'],
      title: 'a logo is a picture that is sent, and no address that anybody would fetch',
      async attack(attacker) {
        const service = '/json/realms/root/realms/alpha/realm-config/services/assent';
        const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>').toString(
          'base64',
        );
        for (const brandLogo of [
          'http://169.254.169.254/latest',
          'https://evil.example/logo.png',
          'javascript:alert(1)',
          'data:text/html,<script>alert(1)</script>',
          `data:image/svg+xml;base64,${svg}`,
          `data:image/png;base64,${svg}`,
          `data:image/png;base64,${'A'.repeat(60_000)}`,
        ]) {
          const { status } = await attacker.asAdministrator('PUT', service, { brandLogo });
          assert.equal(status, 400, brandLogo.slice(0, 60));
        }
      },
    },
  ],
};
