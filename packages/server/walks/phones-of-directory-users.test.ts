import { SlapdServer } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { hiddenValue, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';

const REALM = '/staff';
const PASSWORD = 'correct horse';

const person = (uid: string): string => `
dn: uid=${uid},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: ${uid}
cn: Person ${uid}
sn: ${uid}
userPassword: ${PASSWORD}
`;

const noEntry = (uid: string): string => `
dn: uid=${uid},ou=people,dc=example,dc=test
changetype: delete
`;

describeWith(['slapd'], 'a phone of a user whom a directory has (OPS-74)', () => {
  let slapd: SlapdServer;
  let server: SteeredServer;
  let rest: RestClient;
  let admin: string | undefined;

  beforeAll(async () => {
    slapd = await SlapdServer.launch({ ldif: ['kim', 'lee', 'max'].map(person).join('\n') });
    server = await steeredServer({ port: 8080, privateHosts: [new URL(slapd.url).host] });
    rest = restClient(server);
    await server.createRealm(REALM);
    await server.setPushService(REALM, { delegateFactory: 'relay' });
    admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const body = {
      urls: [slapd.url],
      startTls: true,
      caCertificates: slapd.authority,
      bindDn: slapd.administrator.dn,
      bindPassword: slapd.administrator.password,
      baseDn: `ou=people,${slapd.base}`,
    };
    const answer = await rest('PUT', `${REALM}/realm-config/services/ldap`, { token: admin, body });
    expect(answer.status).toBe(201);
  });
  afterAll(async () => {
    await server?.assent.stop();
    await slapd?.kill();
  });

  const pageOf = (name: string) => new WaitingPage(() => server, { realm: REALM, name, password: PASSWORD });
  const devicesOf = async (name: string, token = admin): Promise<readonly unknown[]> => {
    const path = `${REALM}/users/${name}/devices/2fa/push?_queryFilter=true`;
    const { status, body } = await rest('GET', path, { token });
    return status === 200 ? (body.result as readonly { deviceName: string }[]).map((it) => it.deviceName) : [status];
  };
  /** Our own page gets it as a cookie alone. */
  const tokenOf = ({ headers }: Awaited<ReturnType<WaitingPage['submit']>>): string | undefined =>
    /iPlanetDirectoryPro=([^;]+)/.exec(String(headers['set-cookie']))?.[1];
  const approve = async (page: WaitingPage, wait: WaitingStep) => {
    await page.answerOnPhone({ number: hiddenValue(wait) });
    return page.submit(wait);
  };
  /** Connects a phone by the code on the page, and signs in by it: the session, and the recovery codes. */
  const connect = async (page: WaitingPage) => {
    const setup = await page.toSetupCode();
    await page.register(setup);
    const shown = (await page.submit(setup)).body;
    const codes = JSON.stringify(shown).match(/\b(?:[0-9A-Z]{4}-?){3}[0-9A-Z]{4}\b/g) ?? [];
    const token = tokenOf(await approve(page, (await page.submit(shown)).body));
    return { token, codes: [...new Set(codes)] };
  };
  /** Says at the wait that the phone is lost, and gives the code. */
  const recover = async (page: WaitingPage, code: string) => {
    const asked = (await page.submit(await page.pastPassword(), { ConfirmationCallback: 0 })).body;
    return tokenOf(await page.submit(asked, { NameCallback: code }));
  };

  test('is connected by the code on the page, approves sign-ins, and is listed as theirs', async () => {
    const page = pageOf('kim');
    const { token, codes } = await connect(page);
    expect(token).toBeDefined();
    expect(codes).toHaveLength(10);
    expect(tokenOf(await approve(page, await page.pastPassword()))).toBeDefined();
    expect(await devicesOf('kim', token)).toEqual(['Pixel 8']);
    expect(await devicesOf('kim')).toEqual(['Pixel 8']);

    const [code = ''] = codes;
    expect(await recover(page, code)).toBeDefined();
    expect(await recover(page, code)).toBeUndefined();
  });

  test('that approves a sign-in whose user has left the directory meanwhile lets nobody in', async () => {
    const page = pageOf('lee');
    const { token } = await connect(page);
    expect(await devicesOf('lee', token)).toEqual(['Pixel 8']);
    const wait = await page.pastPassword();
    await slapd.load(noEntry('lee'));
    const answer = await approve(page, wait);
    expect(answer.status).toBe(401);
    expect(tokenOf(answer)).toBeUndefined();
    expect(await devicesOf('lee', token)).toEqual([401]);
  });

  test('of somebody who has left is not that of the next who has the name', async () => {
    const page = pageOf('max');
    const { codes } = await connect(page);
    await slapd.load(noEntry('max'));
    expect(
      (await page.submit((await page.start()).body, { NameCallback: 'max', PasswordCallback: PASSWORD })).status,
    ).toBe(401);
    expect(await devicesOf('max')).toEqual([404]);

    await slapd.load(person('max'));
    const next = pageOf('max');
    expect(hiddenValue(await next.toSetupCode())).toMatch(/^pushauth:/);
    expect(await page.listed()).toEqual([]);
    expect(await devicesOf('max')).toEqual([]);
    await connect(next);
    expect(await recover(next, codes[0] ?? '')).toBeUndefined();
    expect(await devicesOf('max')).toEqual(['Pixel 8']);
  });
});
