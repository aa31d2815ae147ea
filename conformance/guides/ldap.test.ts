import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlapdServer } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

// The directory of the guide is a real one, which knows the entry that the guide has made there, and not its administrator.

const guide = new Guide('ldap');

const SERVICE_PASSWORD = 'the password of that entry';

const ENTRIES = `
dn: ou=services,dc=example,dc=test
objectClass: organizationalUnit
ou: services

dn: cn=assent,ou=services,dc=example,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: assent
userPassword: ${SERVICE_PASSWORD}

dn: uid=kim,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: kim
cn: Kim
sn: Kim
userPassword: correct horse

dn: uid=lee,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: lee
cn: Lee
sn: Lee
userPassword: correct horse
`;

const isMissing = spawnSync('curl', ['--version']).status !== 0;

describeWith(
  isMissing ? [] : ['slapd'],
  `the guide to a directory${isMissing ? ' (skipped: there is no curl)' : ''}`,
  () => {
    let slapd: SlapdServer;
    let server: ServerProcess;
    let code: Followed['code'];
    let printed: Followed['printed'];

    beforeAll(async () => {
      slapd = await SlapdServer.launch({ ldif: ENTRIES });
      const isListed = { ASSENT_PRIVATE_HOSTS: new URL(slapd.tlsUrl).host };
      server = await startServerProcess({ env: { ...isListed, ASSENT_ADMIN_PASSWORD: 'administrator-7' } });
      writeFileSync(join(server.scratch, 'bind-password'), SERVICE_PASSWORD);
      writeFileSync(join(server.scratch, 'authority.pem'), slapd.authority);
      ({ code, printed } = await guide.follow({
        directory: server.scratch,
        rewrite: (block) => {
          const here = block
            .replace('ldaps://directory.example.com', slapd.tlsUrl)
            .replace('ldaps://directory-2.example.com', 'ldaps://127.0.0.1:1')
            .replaceAll('dc=example,dc=com', slapd.base);
          // Readers take longer than a second; here the server is made to look at once, as it does for who administers.
          return block.startsWith('curl') ? `curl -sS -o look.json "$AM/json/realms/root/realm-config"\n${here}` : here;
        },
        env: {
          AM: server.am,
          NAME: 'kim',
          PASSWORD: 'correct horse',
          ...isListed,
          ASSENT_DATA_DIR: server.dataDir,
          ASSENT_PORT: new URL(server.am).port,
        },
      }));
    });
    afterAll(async () => {
      await Promise.all([server?.close(), slapd?.kill()]);
    });

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('asks the directory as the entry that it has made there (OPS-51, OPS-73)', () => {
      expect(printed[1]).toContain('realm /staff: The directory of the realm can be asked.');
    });

    test('signs in whom the directory knows, and lists nobody else (OPS-74, OPS-75)', () => {
      expect(printed[2]).toContain('"tokenId"');
      const lines = printed[3]?.trim().split('\n') ?? [];
      expect(lines.filter((line) => !line.startsWith('The realm /staff has its users in a directory'))).toEqual([
        'kim',
      ]);
    });

    test('shows no password, and makes the server tell of no error', () => {
      expect(printed.join('')).not.toContain(SERVICE_PASSWORD);
      expect(server.output()).not.toMatch(/"level":"(error|fatal)"/);
    });
  },
);
