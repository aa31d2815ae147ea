import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, expect, test } from 'vitest';
import { hiddenValue, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';
import { directoryWorld, noEntry, PASSWORD, person, STAFF } from './directory-world.ts';

const REALM = STAFF;

describeWith(['slapd'], 'a phone of a user whom a directory has (OPS-74)', () => {
  const world = directoryWorld({ people: ['kim', 'lee', 'max'] });
  let { slapd, server, rest, admin } = world;
  beforeAll(async () => {
    ({ slapd, server, rest, admin } = world);
    await server.setPushService(REALM, { delegateFactory: 'relay' });
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
