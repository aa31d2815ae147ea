import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { totp } from '@assent/factors';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type SteeredServer, type SteeredServerOptions, steeredServer } from '../src/testing/steered-server.ts';
import { hiddenValue, PAGE, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';

// An attacker who has the password, 1,000 addresses and as many browsers as wanted gets the strangers' part of a day of requests and codes, and the
// owner signs in meanwhile: from a known browser, from a new browser at a known address, and from a new browser anywhere by a recovery code (SEC-87).

const HOUR = 3_600_000;
const OWNER = { name: 'jane', password: 'correct horse 7' };
const SECRET = new Uint8Array(20).fill(5);
const ADDRESSES = 1_000;
/** The strangers' part of a day, of requests and of each kind of code. */
const OF_STRANGERS = 20;

interface Browser {
  readonly address: string;
  cookie?: string;
}
type Ended = Partial<WaitingStep> & { readonly tokenId?: string };

const headersOf = ({ address, cookie }: Browser): Readonly<Record<string, string>> => ({
  ...PAGE,
  'accept-api-version': 'resource=2.1, protocol=1.0',
  'x-forwarded-for': address,
  ...(cookie !== undefined && { cookie }),
});

/** The cookie by which a browser is known, where the answer sets one. */
const knownCookie = (headers: Readonly<Record<string, unknown>>): string | undefined =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map((text) => String(text).split(';')[0] ?? '')
    .find((text) => /(?:^|-)kb=/.test(text));

const describeAttack = (
  where: () => Promise<Pick<SteeredServerOptions, 'dataDir' | 'databaseUrl'>>,
  instances: 1 | 2,
): void => {
  const servers: SteeredServer[] = [];
  let turn = 0;
  /** Requests go to the instances by turns. */
  const server = (): SteeredServer => {
    const next = servers[turn++ % servers.length];
    if (next === undefined) throw new Error('no server was started');
    return next;
  };
  const page = new WaitingPage(server, OWNER);
  /** In which the owner has shown the phone. */
  const known: Browser = { address: '203.0.113.9' };
  let userId = '';
  let codes: readonly string[] = [];
  const store = () => server().assent.store;
  const clock = () => server().clock;

  beforeAll(async () => {
    const options = { port: 8_080, trustedProxies: ['127.0.0.1'], ...(await where()) };
    servers.push(await steeredServer(options));
    const one = server();
    if (instances === 2) servers.push(await steeredServer({ ...options, clock: one.clock }));
    const begin = (next: string) =>
      ({
        name: ['UsernameCollectorNode', { outcome: 'secret' }],
        secret: ['PasswordCollectorNode', { outcome: 'check' }],
        check: ['DataStoreDecisionNode', { true: next, false: FAILURE }],
      }) as const;
    const lost = {
      lost: ['RecoveryCodeCollectorDecisionNode', { true: SUCCESS, false: FAILURE }, { recoveryCodeType: 'PUSH' }],
    } as const;
    await publishTree(one, 'Password', begin(SUCCESS));
    await publishTree(one, 'Push', {
      ...begin('send'),
      send: [
        'PushAuthenticationSenderNode',
        { SENT: 'wait', NOT_REGISTERED: FAILURE },
        { mandatory: true, pushType: 'CHALLENGE', messageTimeout: 120_000, passkeyAtRisk: false },
      ],
      wait: ['PushWaitNode', { DONE: 'verify', EXITED: 'lost' }, { secondsToWait: 5, exitMessage: { en: 'Lost' } }],
      verify: ['PushResultVerifierNode', { TRUE: SUCCESS, FALSE: FAILURE, EXPIRED: FAILURE, WAITING: 'wait' }],
      ...lost,
    });
    await publishTree(one, 'Codes', {
      ...begin('code'),
      code: [
        'OathTokenVerifierNode',
        {
          successOutcome: SUCCESS,
          failureOutcome: FAILURE,
          notRegisteredOutcome: FAILURE,
          recoveryCodeOutcome: 'lost',
        },
        { algorithm: 'TOTP', totpTimeSteps: 1, isRecoveryCodeAllowed: true },
      ],
      ...lost,
    });
    await one.createUser('/', OWNER.name, OWNER.password);
    for (const { assent } of servers) await assent.configuration.refresh();
    userId = (await store().identities.find('/', OWNER.name))?.id ?? '';

    const setup = await page.toSetupCode(headersOf(known));
    await page.register(setup);
    const shown = (await page.submit(setup, {}, headersOf(known))).body;
    codes = JSON.stringify(shown).match(/\b(?:[0-9A-HJKMNP-TV-Z]{4}[- ]?){4}\b/g) ?? [];
    const wait = (await page.submit(shown, {}, headersOf(known))).body;
    await approve(wait);
    const ended = await page.submit(wait, {}, headersOf(known));
    known.cookie = knownCookie(ended.headers) ?? '';
    await store().committer.commit([{ type: 'oath.insert', maxDevices: 5, row: generator() }]);
  });
  afterAll(() => Promise.all(servers.map(({ assent }) => assent.stop())));

  const generator = () => ({
    uuid: 'generator-of-jane',
    realm: '/',
    userId,
    username: OWNER.name,
    deviceName: 'App',
    issuer: 'Assent',
    secret: SECRET,
    digits: 6 as const,
    counter: 0,
    lastLoginSeconds: 0,
    clockDriftSeconds: 0,
    checksumDigit: false,
    truncationOffset: -1,
    createdAt: clock().now(),
    lastAccessAt: clock().now(),
    rev: 0,
  });
  const rightCode = () => totp({ secret: SECRET, digits: 6, intervalSeconds: 30, atMillis: clock().now() });

  /** Answers with the number of that page the request that shows it; the phone has those of others, too. */
  const approve = async (wait: WaitingStep): Promise<void> => {
    const waiting = await page.listed();
    const own = waiting.at(-1);
    if (own === undefined) throw new Error('no request waits');
    const now = clock().now();
    const body = page.phone.answer(own.messageId, own.message, { now, number: hiddenValue(wait) });
    await page.post('push/sns/message?_action=authenticate', body, {});
  };

  /** Past the password of a journey: one request, as programs make it. */
  const begin = async (tree: string, from: Browser): Promise<{ readonly step: Ended; readonly cookie?: string }> => {
    const answer = await inject(server().assent, {
      method: 'POST',
      url: `/am/json/authenticate?authIndexType=service&authIndexValue=${tree}`,
      headers: {
        ...headersOf(from),
        host: 'localhost:8080',
        'x-openam-username': OWNER.name,
        'x-openam-password': OWNER.password,
      },
    });
    const cookie = knownCookie(answer.headers);
    return { step: answer.json<Ended>(), ...(cookie !== undefined && { cookie }) };
  };
  const stepOf = ({ step }: Awaited<ReturnType<typeof begin>>): WaitingStep => {
    if (step.authId === undefined) throw new Error(`the journey has ended: ${JSON.stringify(step)}`);
    return step as WaitingStep;
  };
  const submit = async (step: WaitingStep, values: Readonly<Record<string, unknown>>, from: Browser): Promise<Ended> =>
    (await page.submit(step, values, headersOf(from))).body as Ended;

  /** The owner signs in by the phone; undefined where it does not ring. */
  const byPhone = async (from: Browser): Promise<string | undefined> => {
    clock().advance(1_000);
    const wait = stepOf(await begin('Push', from));
    if ((await page.listed()).length === 0) return undefined;
    await approve(wait);
    return (await submit(wait, {}, from)).tokenId;
  };
  const byCode = async (from: Browser, code: string): Promise<string | undefined> =>
    (await submit(stepOf(await begin('Codes', from)), { NameCallback: code, ConfirmationCallback: 0 }, from)).tokenId;
  const byRecoveryCode = async (from: Browser): Promise<string | undefined> => {
    const [code = '', ...rest] = codes;
    codes = rest;
    const asked = await submit(stepOf(await begin('Codes', from)), { ConfirmationCallback: 1 }, from);
    return (await submit(asked as WaitingStep, { NameCallback: code }, from)).tokenId;
  };

  const attacker = (n: number): Browser => {
    const at = (n * 37) % ADDRESSES;
    return { address: `198.51.${100 + Math.floor(at / 250)}.${1 + (at % 250)}` };
  };
  let attempts = 0;
  const nextAttacker = (): Browser => attacker(attempts++);
  const countOf = async (name: string): Promise<number> =>
    (await store().audit.ofUser(userId, 100_000)).filter(({ event }) => event === name).length;
  const sent = () => countOf('PUSH_SENT');
  const wrongCodes = () => countOf('OTP_FAIL');

  test('the password alone makes no browser known (SEC-86)', async () => {
    expect(known.cookie).toMatch(/kb=f/);
    for (let n = 0; n < 3; n += 1) {
      const { step, cookie } = await begin('Password', nextAttacker());
      expect(step.tokenId).toEqual(expect.any(String));
      expect(cookie).toBeUndefined();
    }
  });

  test('a day of attack takes the strangers’ part, and the owner signs in at each try (SEC-25, SEC-87)', async () => {
    const before = { sent: await sent(), wrong: await wrongCodes() };
    let byOwner = 0;
    const owned = async (token: Promise<string | undefined>, what: string) => {
      expect(await token, what).toEqual(expect.any(String));
    };
    // At once, to all instances: none of the limits is exceeded in between.
    await Promise.all(Array.from({ length: 12 }, () => begin('Push', nextAttacker())));
    expect((await sent()) - before.sent).toBeLessThanOrEqual(3);

    for (let hour = 1; hour <= 23; hour += 1) {
      clock().advance(HOUR);
      await begin('Push', nextAttacker());
      for (let n = 0; n < 2; n += 1) await byCode(nextAttacker(), '000000');
      if (hour % 11 !== 0) continue;
      await owned(byPhone(known), 'the known browser, by the phone');
      await owned(byCode(known, rightCode()), 'the known browser, by a code');
      await owned(byPhone({ address: known.address }), 'a new browser at a known address, by the phone');
      await owned(byRecoveryCode({ address: `192.0.2.${hour}` }), 'a new browser anywhere, by a recovery code');
      byOwner += 2;
    }
    expect((await sent()) - before.sent - byOwner).toBe(OF_STRANGERS);
    expect((await wrongCodes()) - before.wrong).toBe(OF_STRANGERS);
    // A new browser at a new address waits with the strangers for what can be guessed or asked for: that is what remains.
    expect(await byPhone({ address: '192.0.2.200' })).toBeUndefined();
    expect(await byCode({ address: '192.0.2.200' }, rightCode())).toBeUndefined();
  });

  test('a request of an attacker ends none of the owner, and each answer goes to its own (SEC-24)', async () => {
    clock().advance(25 * HOUR);
    const own = { address: '192.0.2.201' };
    const wait = stepOf(await begin('Push', own));
    clock().advance(1_000);
    const theirs = stepOf(await begin('Push', nextAttacker()));
    const waiting = await page.listed();
    expect(waiting).toHaveLength(2);
    const now = clock().now();
    const [first] = waiting;
    const body = page.phone.answer(first?.messageId ?? '', first?.message ?? '', { now, number: hiddenValue(wait) });
    await page.post('push/sns/message?_action=authenticate', body, {});
    expect((await submit(theirs, {}, nextAttacker())).tokenId).toBeUndefined();
    expect((await submit(wait, {}, own)).tokenId).toEqual(expect.any(String));
  });
};

describe('on SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-attacker-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  describeAttack(async () => ({ dataDir: directory }), 1);
});

describeWith(['postgres'], 'on two instances over PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database?.close());
  describeAttack(async () => ({ databaseUrl: database.url }), 2);
});
