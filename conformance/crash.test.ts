import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CrashingServer,
  type KillPoint,
  type SurvivingAnswer,
  startCrashingServer,
} from './support/crashing-server.ts';
import { addUser, PASSWORD } from './support/people.ts';
import { Phone } from './support/phone.ts';
import {
  DEVICE_PROFILE,
  filled,
  hiddenValue,
  OPTION,
  outputOf,
  type RestCallback,
  setupCode,
} from './support/rest-client.ts';

// `kill -9` loses nothing that was acknowledged (issue 2, done when 5; REL-02, REL-05, REL-06; fault plan F01 to F16).

const USERS = ['ada', 'bea', 'cleo', 'dora', 'eve', 'fay'];

/** Spread over all that six people do at the same time: see the counts that the test prints on failure. */
const POINTS: readonly KillPoint[] = [
  { on: 'answer', count: 4 },
  { on: 'request', count: 21 },
  { on: 'answer', count: 37 },
  { on: 'request', count: 52 },
  { on: 'answer', count: 70 },
  { on: 'request', count: 88 },
  { on: 'answer', count: 104 },
  { on: 'request', count: 123 },
  { on: 'answer', count: 140 },
];

let server: CrashingServer;
const acknowledgedSessions: string[] = [];

beforeAll(async () => {
  server = await startCrashingServer(POINTS);
  for (const user of USERS) {
    await addUser(server.process, user);
  }
});
afterAll(() => server.process.close());

interface Step {
  readonly authId: string | undefined;
  readonly callbacks: readonly RestCallback[];
}

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<SurvivingAnswer> =>
  server.send({
    method: 'POST',
    url: `${server.process.am}/json/realms/root/${path}`,
    headers: { 'accept-api-version': 'protocol=1.0,resource=2.1', ...headers },
    body,
  });

const stepOf = ({ status, body }: SurvivingAnswer, what: string): Step => {
  if (status !== 200 || typeof body.authId !== 'string') {
    throw new Error(`${what}: a step was expected, and came ${status} ${JSON.stringify(body)}`);
  }
  return { authId: body.authId, callbacks: body.callbacks as RestCallback[] };
};

const submit = (step: Step, answers: Readonly<Record<number, unknown>> = {}): Promise<SurvivingAnswer> =>
  post('authenticate', filled(step, answers));

const isTimedOut = ({ status, body }: SurvivingAnswer): boolean =>
  status === 401 && (body.detail as { readonly errorCode?: unknown } | undefined)?.errorCode === '110';

/**
 * The end of a journey that must succeed. Success is never answered twice (SEC-39): where a crash swallowed it, the
 * repeated submit finds a journey that is over, and nothing else is allowed.
 */
const expectSignedIn = (answer: SurvivingAnswer, what: string): void => {
  if (answer.wasRepeated && isTimedOut(answer)) return;
  expect(answer.body, what).toMatchObject({ tokenId: expect.stringMatching(/.{32}/) });
  acknowledgedSessions.push(String(answer.body.tokenId));
};

const passPassword = async (user: string): Promise<Step> => {
  const first = stepOf(await post('authenticate', {}), `${user} starts`);
  const profile = stepOf(await submit(first, { 0: user, 1: PASSWORD }), `${user} sends the password`);
  expect(profile.callbacks[0]?.type).toBe('DeviceProfileCallback');
  return stepOf(await submit(profile, { 0: DEVICE_PROFILE }), `${user} sends the profile`);
};

const approve = async (phone: Phone, wait: Step): Promise<void> => {
  const answer = await phone.approve(await phone.request(), hiddenValue(wait, 'pushChallengeNumber'));
  expect(answer.status, 'an approve, or the same once more').toBe(200);
};

/** Every code of the script that shows them. */
const codesIn = (step: Step): readonly string[] =>
  String(outputOf(step.callbacks[0], 'message')).match(/\b[0-9A-HJKMNP-TV-Z]{16}\b/g) ?? [];

const connect = async (
  user: string,
  phone: Phone,
): Promise<{ readonly wait: Step; readonly codes: readonly string[] }> => {
  const options = await passPassword(user);
  const setup = stepOf(await submit(options, { 1: OPTION.register }), `${user} chooses to register`);
  const registered = await phone.register(setupCode(setup));
  expect(registered.status, 'a registration, or the same once more').toBe(200);
  const shown = stepOf(await submit(setup), `${user} has registered`);
  const codes = codesIn(shown);
  expect(codes, 'a phone that was told 200 is connected').toHaveLength(10);
  return { wait: stepOf(await submit(shown), `${user} has seen the codes`), codes };
};

const useCode = async (user: string, code: string): Promise<SurvivingAnswer> => {
  const wait = await passPassword(user);
  const exit = wait.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
  const entry = stepOf(await submit(wait, { [exit]: 0 }), `${user} leaves the wait`);
  return submit(entry, { 0: code });
};

const live = async (user: string): Promise<void> => {
  const phone = new Phone({ send: server.send, now: Date.now });
  const { wait, codes } = await connect(user, phone);
  await approve(phone, wait);
  expectSignedIn(await submit(wait), `${user}: the first approve`);

  const [code = ''] = codes;
  expectSignedIn(await useCode(user, code), `${user}: the recovery code`);

  const again = await passPassword(user);
  await approve(phone, again);
  expectSignedIn(await submit(again), `${user}: another approve`);

  const refused = await useCode(user, code);
  expect(refused.body.tokenId, `${user}: a used code stays used`).toBeUndefined();
  expect(stepOf(refused, `${user} may try another code`).callbacks[0]?.type).toBe('NameCallback');

  const denied = await passPassword(user);
  expect((await phone.deny(await phone.request())).status).toBe(200);
  expect((await submit(denied)).status, `${user}: denied stays denied`).toBe(401);
};

test('six people sign in while the server is killed again and again, and miss nothing', {
  timeout: 90_000,
}, async () => {
  await Promise.all(USERS.map(live));
  expect(server.kills()).toBe(POINTS.length);

  await server.crash();
  expect(acknowledgedSessions.length).toBeGreaterThan(0);
  expect(new Set(acknowledgedSessions).size).toBe(acknowledgedSessions.length);
  const usersSeen = new Set<string>();
  for (const tokenId of acknowledgedSessions) {
    const { body } = await post('sessions?_action=validate', { tokenId });
    expect(body).toMatchObject({ valid: true, realm: '/' });
    const user = String(body.uid);
    usersSeen.add(user);
    const devices = await server.send({
      method: 'GET',
      url: `${server.process.am}/json/realms/root/users/${user}/devices/2fa/push?_queryFilter=true`,
      headers: { iplanetdirectorypro: tokenId },
    });
    expect(devices.body, `${user} has one phone`).toMatchObject({ resultCount: 1 });
  }
  expect([...usersSeen].every((user) => USERS.includes(user))).toBe(true);
});

const APP = { client_id: 'demo-app', redirect_uri: 'http://localhost:5173/callback' };
const VERIFIER = 'v'.repeat(43);

interface OAuthAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const oauth = (path: string, init: RequestInit = {}) =>
  server.survive(async (): Promise<OAuthAnswer> => {
    const answer = await fetch(`${server.process.am}/oauth2/realms/root/${path}`, { redirect: 'manual', ...init });
    const text = await answer.text();
    const body = text.startsWith('{') ? (JSON.parse(text) as OAuthAnswer['body']) : {};
    return { status: answer.status, location: answer.headers.get('location'), body };
  });

/** A code that the application has been told of. */
const authorized = async (session: string): Promise<string> => {
  const query = new URLSearchParams({
    ...APP,
    response_type: 'code',
    scope: 'openid offline_access',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const { location } = await oauth(`authorize?${query}`, { headers: { iplanetdirectorypro: session } });
  const code = new URL(location ?? 'none:').searchParams.get('code');
  if (code === null) throw new Error(`There is no code in ${location}.`);
  return code;
};

const exchange = (form: Readonly<Record<string, string>>) =>
  oauth('access_token', { method: 'POST', body: new URLSearchParams({ ...APP, ...form }) });
const redeem = (code: string) => exchange({ grant_type: 'authorization_code', code, code_verifier: VERIFIER });

test('a code that was answered outlives a crash, and so do the tokens that it became', async () => {
  const [session = ''] = acknowledgedSessions;
  const code = await authorized(session);
  await server.crash();
  const first = await redeem(code);
  expect(first).toMatchObject({ status: 200, wasRepeated: false });
  await server.crash();
  const next = await exchange({ grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token) });
  expect(next.status).toBe(200);
  expect((await redeem(code)).body.error, 'the code is spent').toBe('invalid_grant');
});

/** How long the server lives on after it was sent a code, in turns of our loop: from before it reads it to after it has answered. */
const TURNS = [300, 1_000, 2_000];

test('a crash in mid-exchange gives no tokens twice: the application has them, or begins again', async () => {
  const [session = ''] = acknowledgedSessions;
  for (const turns of TURNS) {
    const code = await authorized(session);
    const answering = redeem(code);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    void server.crash();
    const { status, body, wasRepeated } = await answering;
    if (status !== 200) {
      // What was committed when the server died was answered to nobody, and is not answered to whoever comes next.
      expect({ status, error: body.error, wasRepeated }).toEqual({
        status: 400,
        error: 'invalid_grant',
        wasRepeated: true,
      });
    }
    expect((await redeem(code)).body.error, 'one code, one set of tokens').toBe('invalid_grant');
    expect((await redeem(await authorized(session))).status, 'the application begins again').toBe(200);
  }
});

test('a session that was ended stays ended', async () => {
  const [tokenId = ''] = acknowledgedSessions;
  expect((await post('sessions?_action=logout', { tokenId })).body).toEqual({ result: 'Successfully logged out' });
  await server.crash();
  expect((await post('sessions?_action=validate', { tokenId })).body).toEqual({ valid: false });
});
