import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../composition/seed.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';
import { hiddenValue, PAGE, WaitingPage } from '../../testing/waiting-page.ts';

// Our login page has the same request sent once more (spec: ux §2.1 [P] Send again, SEC-25, docs/adr/0015).

const REST = 15_000;

let server: SteeredServer;
let page: WaitingPage;

beforeEach(async () => {
  server = await steeredServer({ port: 8080 });
  page = new WaitingPage(() => server);
});
afterEach(() => server.assent.stop());

const again = (authId: unknown, headers: Readonly<Record<string, string>> = PAGE, realm = '') =>
  page.post<Readonly<Record<string, unknown>>>(`${realm}authenticate/renotify`, { authId }, headers);
const sends = async (): Promise<number> => {
  const user = await server.assent.store.identities.find('/', DEMO_USER.name);
  const [row] = await server.assent.store.throttles.get([`push:${user?.id}`]);
  return row?.hits.length ?? 0;
};

describe('a request is not sent again', () => {
  test('for a client that is no page of ours', async () => {
    const { authId } = await page.toWait();
    server.clock.advance(REST);
    expect((await again(authId, {})).status).toBe(404);
    expect(await sends()).toBe(1);
  });

  test.each(['same-site', 'cross-site', 'none'])('for a page of another origin (%s)', async (site) => {
    const { authId } = await page.toWait();
    server.clock.advance(REST);
    expect((await again(authId, { ...PAGE, 'sec-fetch-site': site })).status).toBe(403);
    expect((await again(authId, { ...PAGE, origin: 'https://evil.example' })).status).toBe(403);
    expect(await sends()).toBe(1);
  });

  test('without a step, with one that is forged, or with one that waits for no phone', async () => {
    for (const authId of [undefined, '', 7, 'x.y']) expect((await again(authId)).status).toBe(400);
    expect((await again((await page.start()).body.authId)).status).toBe(404);
    const code = await page.toSetupCode();
    expect((await again(`${code.authId.slice(0, -4)}AAAA`)).status).toBe(400);
    server.clock.advance(REST);
    // A setup code is scanned, and rings nobody.
    expect((await again(code.authId)).status).toBe(409);
  });

  test('in another realm, with a step that was used, or after the journey has run out', async () => {
    await server.createRealm('/alpha');
    const step = await page.toWait();
    server.clock.advance(REST);
    expect((await again(step.authId, PAGE, 'realms/root/realms/alpha/')).status).toBe(401);
    await page.answerOnPhone({ number: hiddenValue(step) });
    await page.submit(step);
    expect((await again(step.authId)).status).toBe(401);
    const other = await page.pastPassword();
    server.clock.advance(16 * 60_000);
    expect((await again(other.authId)).status).toBe(401);
  });

  test('for another browser than the one that the step was given to (SEC-42)', async () => {
    const ours = { ...PAGE, 'sec-fetch-site': 'same-origin', 'x-requested-with': 'assent-login' };
    const first = await page.start(ours);
    expect((await again(first.body.authId, { ...ours, cookie: 'jb=another' })).status).toBe(401);
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    expect((await again(first.body.authId, { ...ours, cookie })).status).toBe(404);
  });

  test('once the phone has answered', async () => {
    const step = await page.toWait();
    server.clock.advance(REST);
    await page.answerOnPhone({ deny: true });
    expect((await again(step.authId)).status).toBe(409);
  });

  test('too soon: it says when, and counts nothing', async () => {
    const { authId } = await page.toWait();
    server.clock.advance(10_000);
    const { status, headers } = await again(authId);
    expect([status, headers['retry-after']]).toEqual([429, '5']);
    expect(await sends()).toBe(1);
  });

  test('twice by two presses at once, nor a third time', async () => {
    const { authId } = await page.toWait();
    server.clock.advance(REST);
    const both = await Promise.all([again(authId), again(authId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    expect(await sends()).toBe(2);
    server.clock.advance(REST);
    expect((await again(authId)).status).toBe(200);
    server.clock.advance(REST);
    expect((await again(authId)).status).toBe(409);
    expect(await sends()).toBe(3);
  });
});

test('over the limit the page hears what it always hears, and nothing is sent', async () => {
  const { clock } = server;
  let step = await page.toWait();
  // Three sign-ins within a minute: that is all.
  for (let times = 2; times <= 3; times += 1) step = await page.pastPassword();
  clock.advance(REST);
  const { status, body } = await again(step.authId);
  expect(status).toBe(200);
  expect(body).toEqual({ now: clock.now(), resend: { left: 1, at: clock.now() + REST } });
  expect(await sends()).toBe(3);
});

test('the same request is sent again, and its approval signs in', async () => {
  const { clock } = server;
  const sentAt = clock.now();
  const step = await page.toWait();
  expect(step.assent?.phone?.resend).toEqual({ left: 2, at: sentAt + REST });
  const before = await page.listed();
  clock.advance(REST);
  const { status, body } = await again(step.authId);
  expect(status).toBe(200);
  expect(body).toEqual({ now: clock.now(), resend: { left: 1, at: clock.now() + REST } });
  expect(await page.listed()).toEqual(before);
  // The step of before is still good, and says what is left.
  const { body: polled } = await page.submit(step);
  expect(hiddenValue(polled)).toBe(hiddenValue(step));
  expect(polled.assent?.phone?.resend).toEqual({ left: 1, at: clock.now() + REST });
  await page.answerOnPhone({ number: hiddenValue(step) });
  expect((await page.submit(polled)).body).toMatchObject({ tokenId: '' });
});
