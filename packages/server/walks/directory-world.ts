import { SlapdServer } from '@assent/test-servers';
import { afterAll, beforeAll, expect } from 'vitest';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

/** The realm whose users the directory has. */
export const STAFF = '/staff';
/** The password of everybody there. */
export const PASSWORD = 'correct horse';

/** The entry of somebody, with more lines than everybody has. */
export const person = (uid: string, more = ''): string => `
dn: uid=${uid},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: ${uid}
cn: Person ${uid}
sn: ${uid}
mail: ${uid}@example.test
userPassword: ${PASSWORD}
${more}`;

export const noEntry = (uid: string): string => `\ndn: uid=${uid},ou=people,dc=example,dc=test\nchangetype: delete\n`;

export interface DirectoryWorld {
  readonly slapd: SlapdServer;
  readonly server: SteeredServer;
  readonly rest: RestClient;
  /** Token of the administrator. */
  readonly admin: string;
  /** By which the realm knows the directory. */
  readonly service: Readonly<Record<string, unknown>>;
}

/** Starts a directory with these people, and a server with a realm for it, before the tests; what it returns is there from then on. */
export const directoryWorld = ({
  people,
  settings = [],
}: {
  readonly people: readonly string[];
  /** Of `slapd.conf`, for the database. */
  readonly settings?: readonly string[];
}): DirectoryWorld => {
  const world = {} as { -readonly [Name in keyof DirectoryWorld]: DirectoryWorld[Name] };
  beforeAll(async () => {
    const slapd = await SlapdServer.launch({ ldif: people.map((name) => person(name)).join('\n'), settings });
    world.slapd = slapd;
    world.server = await steeredServer({ port: 8080, privateHosts: ['127.0.0.1:1', new URL(slapd.url).host] });
    world.rest = restClient(world.server);
    await world.server.createRealm(STAFF);
    world.admin = (await signIn(world.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
    world.service = {
      urls: [slapd.url],
      startTls: true,
      caCertificates: slapd.authority,
      bindDn: slapd.administrator.dn,
      bindPassword: slapd.administrator.password,
      baseDn: `ou=people,${slapd.base}`,
      writableAttributes: ['telephoneNumber'],
      passwordWrites: true,
      timeoutMillis: 500,
    };
    const path = `${STAFF}/realm-config/services/ldap`;
    const answer = await world.rest('PUT', path, { token: world.admin, body: world.service });
    expect(answer).toMatchObject({ status: 201 });
    expect(JSON.stringify(answer.body)).not.toContain(slapd.administrator.password);
  });
  afterAll(async () => {
    await world.server?.assent.stop();
    await world.slapd?.kill();
  });
  return world;
};
