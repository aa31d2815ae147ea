import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPhone } from '@assent/push/testing';
import { configuring } from '@assent/store/testing';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEMO_USER } from '../src/composition/seed.ts';
import { type ShippedJourney, toPublishedTree } from '../src/journeys/shipped-journey.ts';
import { inject } from '../src/testing/inject.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';
import { costOf, type RequestCost } from './request-costs.ts';

interface Step {
  readonly authId: string;
  readonly tokenId?: string;
  readonly callbacks: readonly {
    readonly type: string;
    readonly output: readonly { readonly name: string; readonly value: unknown }[];
    readonly input?: readonly { readonly name: string; readonly value: unknown }[];
  }[];
}

/** The push login without a device profile: what the budget of design.md §4 calls three commits. */
const BARE: ShippedJourney = {
  name: 'BarePush',
  description: 'Password and push.',
  entry: 'signIn',
  nodes: {
    signIn: {
      type: 'PageNode',
      displayName: 'Sign in',
      to: { outcome: 'check' },
      inside: [
        { type: 'UsernameCollectorNode', displayName: 'Username' },
        { type: 'PasswordCollectorNode', displayName: 'Password' },
      ],
    },
    check: { type: 'DataStoreDecisionNode', displayName: 'Check', to: { true: 'send', false: 'Failure' } },
    send: {
      type: 'PushAuthenticationSenderNode',
      displayName: 'Send',
      config: { mandatory: true, pushType: 'CHALLENGE' },
      to: { SENT: 'wait', NOT_REGISTERED: 'Failure' },
    },
    wait: { type: 'PushWaitNode', displayName: 'Wait', to: { DONE: 'verify', EXITED: 'Failure' } },
    verify: {
      type: 'PushResultVerifierNode',
      displayName: 'Verify',
      to: { TRUE: 'Success', FALSE: 'Failure', EXPIRED: 'Failure', WAITING: 'wait' },
    },
  },
};

type Costs = Readonly<Record<string, number>>;

/**
 * The journey, the user, the user's counters, the devices, the message: each is read once in a request, by key or index.
 * A read more than that is a join or a memory that somebody forgot.
 */
const MAX_READS: Costs = {
  start: 0,
  credentials: 4,
  'device profile': 4,
  poll: 2,
  'phone fetches': 2,
  'phone answers': 2,
  finish: 3,
};

/** What is stored, counted, asked for as a condition, and put on record. One more says what another one says. */
const MAX_CHANGES: Costs = { credentials: 3, 'device profile': 5, 'phone answers': 2, finish: 8 };

const hiddenValue = ({ callbacks }: Step): string =>
  String(callbacks.find(({ type }) => type === 'HiddenValueCallback')?.output[0]?.value ?? '');

/**
 * Statements of each request, reads and commits (P17): nothing but a change of what a login does may raise one. PostgreSQL counts COMMIT, what
 * begins a transaction, and what locks its rows, too (OPS-08).
 */
const STATEMENTS: Readonly<Record<string, Costs>> = {
  SQLite: { credentials: 7, 'device profile': 9, 'phone fetches': 2, 'phone answers': 5, finish: 11 },
  PostgreSQL: {
    credentials: 9,
    'device profile': 13,
    poll: 2,
    'phone fetches': 2,
    'phone answers': 8,
    finish: 15,
  },
};
/** Rows that those statements return. PostgreSQL also returns the rows that a commit locks. */
const ROWS: Readonly<Record<string, Costs>> = {
  SQLite: { credentials: 2, 'device profile': 3, 'phone fetches': 2, 'phone answers': 3, finish: 4 },
  PostgreSQL: { credentials: 2, 'device profile': 6, poll: 2, 'phone fetches': 2, 'phone answers': 4, finish: 7 },
};
/** Calls of `node:crypto`. They do not depend on the store; the driver of PostgreSQL also hashes each statement that it sends for the first time. */
const CRYPTO_CALLS: Costs = {
  start: 3,
  credentials: 5,
  'device profile': 12,
  poll: 1,
  'phone fetches': 4,
  'phone answers': 8,
  finish: 5,
};
/** A whole registration: sign-in, phone, recovery codes, and the login that proves the phone. */
const REGISTRATION: Readonly<Record<string, Costs>> = {
  SQLite: { statements: 73, rows: 23, crypto: 96 },
  PostgreSQL: { statements: 100, rows: 36 },
};
/**
 * Pages that the commits of one login write to the write-ahead log of SQLite, each 4 KiB with a header of 24 bytes; the median of several logins,
 * since ids decide which pages split. PostgreSQL has one log for all databases of a server, so a test that shares the server cannot measure a login.
 */
const MAX_LOG_PAGES = 29;
const PAGE_IN_LOG = 4_096 + 24;
/** What a commit locks and asks for, what it writes, and COMMIT. */
const MAX_FLIGHTS: Costs = { credentials: 3, 'device profile': 3, 'phone answers': 3, finish: 3 };

/** One client and one phone against a composed server, with what each request cost the store. */
class Measured {
  readonly #server: SteeredServer;
  readonly #phone = new TestPhone({ hasKey: true, deviceType: 'cli' });
  costs: Record<string, RequestCost> = {};

  constructor(server: SteeredServer) {
    this.#server = server;
  }

  forget(): void {
    this.costs = {};
  }

  /** Requests that cost the store more than they may, with the number. */
  beyond(what: Exclude<keyof RequestCost, 'commits'>, most: Costs): readonly string[] {
    return Object.entries(this.costs)
      .filter(([name, cost]) => cost[what] > (most[name] ?? 0))
      .map(([name, cost]) => `${name}: ${cost[what]} ${what}`);
  }

  sumOf(what: keyof RequestCost): number {
    return Object.values(this.costs).reduce((sum, cost) => sum + cost[what], 0);
  }

  async #cost<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { result, cost } = await costOf(this.#server, work);
    this.costs[name] = cost;
    return result;
  }

  async #call(method: 'GET' | 'POST', url: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await inject(this.#server.assent, {
      method,
      url: `/am/json/${url}`,
      headers: {
        host: 'localhost:8080',
        'content-type': 'application/json',
        'accept-api-version': 'resource=2.1',
        ...headers,
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    expect(response.statusCode).toBe(200);
    return response.json<unknown>();
  }

  start(journey: string, name = 'start'): Promise<Step> {
    const url = `authenticate?authIndexType=service&authIndexValue=${journey}`;
    return this.#cost(name, () => this.#call('POST', url, {}) as Promise<Step>);
  }

  submit(name: string, step: Step, values: Readonly<Record<string, unknown>> = {}): Promise<Step> {
    const callbacks = step.callbacks.map((callback) => ({
      ...callback,
      input: callback.input?.map((entry) => ({ ...entry, value: values[callback.type] ?? entry.value })),
    }));
    return this.#cost(
      name,
      () => this.#call('POST', 'authenticate', { authId: step.authId, callbacks }) as Promise<Step>,
    );
  }

  signIn(step: Step): Promise<Step> {
    return this.submit('credentials', step, { NameCallback: DEMO_USER.name, PasswordCallback: DEMO_USER.password });
  }

  tellDevice(step: Step): Promise<Step> {
    const profile = { identifier: 'budget', location: { latitude: 1, longitude: 2 } };
    return this.submit('device profile', step, { DeviceProfileCallback: JSON.stringify(profile) });
  }

  async register(step: Step): Promise<void> {
    const scanned = this.#phone.scan(hiddenValue(step));
    const body = this.#phone.registration(scanned);
    await this.#cost('phone registers', () => this.#call('POST', 'push/sns/message?_action=register', body));
  }

  async approve(step: Step): Promise<void> {
    const now = this.#server.clock.now();
    const token = this.#phone.relayToken('http://localhost:8080/am/json/push/relay', now);
    const url = `push/relay?mechanismUid=${this.#phone.mechanismUid}`;
    const listed = (await this.#cost('phone fetches', () =>
      this.#call('GET', url, undefined, { authorization: `Bearer ${token}`, accept: 'application/json' }),
    )) as { readonly messages: readonly { readonly messageId: string; readonly message: string }[] };
    const [request] = listed.messages;
    if (request === undefined) throw new Error('no request waits');
    const body = this.#phone.answer(request.messageId, request.message, { now, number: hiddenValue(step) });
    await this.#cost('phone answers', () => this.#call('POST', 'push/sns/message?_action=authenticate', body));
  }

  /** Registers the phone by the example journey, and ends signed in. */
  async enrol(): Promise<void> {
    const options = await this.tellDevice(await this.signIn(await this.start('PushLogin')));
    const code = await this.submit('register', options);
    await this.register(code);
    const codes = await this.submit('device stored', code);
    const wait = await this.submit('codes kept', codes);
    await this.approve(wait);
    await this.submit('finish', wait);
  }
}

for (const storage of ['SQLite', 'PostgreSQL']) {
  describeWith(
    storage === 'PostgreSQL' ? ['postgres'] : [],
    `the budget of a push login, data in ${storage} (P12, P13)`,
    () => {
      let server: SteeredServer;
      let directory: string;
      let database: TestDatabase | undefined;
      beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), 'assent-budget-'));
        database = storage === 'PostgreSQL' ? await createDatabase() : undefined;
        server = await steeredServer({
          port: 8080,
          ...(storage === 'SQLite' && { dataDir: directory }),
          ...(database && { databaseUrl: database.url }),
        });
      });
      afterEach(async () => {
        await server.assent.stop();
        await database?.close();
        rmSync(directory, { recursive: true, force: true });
      });

      test('the example journey commits four times: credentials, send, the answer, finish', async () => {
        const login = new Measured(server);
        await login.enrol();
        login.forget();
        const wait = await login.tellDevice(await login.signIn(await login.start('PushLogin')));
        const polled = await login.submit('poll', wait);
        expect(polled.authId).toBe(wait.authId);
        await login.approve(wait);
        expect(await login.submit('finish', wait)).toHaveProperty('tokenId');
        expect(Object.entries(login.costs).map(([name, { commits }]) => [name, commits])).toEqual([
          ['start', 0],
          ['credentials', 1],
          ['device profile', 1],
          ['poll', 0],
          ['phone fetches', 0],
          ['phone answers', 1],
          ['finish', 1],
        ]);
        expect(login.beyond('reads', MAX_READS)).toEqual([]);
        expect(login.beyond('changes', MAX_CHANGES)).toEqual([]);
        expect(login.beyond('flights', MAX_FLIGHTS)).toEqual([]);
        expect(login.beyond('statements', STATEMENTS[storage] ?? {})).toEqual([]);
        expect(login.beyond('rows', ROWS[storage] ?? {})).toEqual([]);
        if (storage === 'SQLite') expect(login.beyond('crypto', CRYPTO_CALLS)).toEqual([]);
      });

      if (storage === 'SQLite')
        test('a login writes no more pages to the log than it may', async () => {
          const login = new Measured(server);
          await login.enrol();
          const logBytes = () => statSync(join(directory, 'assent.db-wal')).size;
          const pages: number[] = [];
          for (let logins = 0; logins < 21; logins += 1) {
            const before = logBytes();
            const wait = await login.tellDevice(await login.signIn(await login.start('PushLogin')));
            await login.approve(wait);
            await login.submit('finish', wait);
            pages.push((logBytes() - before) / PAGE_IN_LOG);
          }
          const median = [...pages].sort((one, other) => one - other)[10];
          expect(median).toBeGreaterThan(0);
          expect(median).toBeLessThanOrEqual(MAX_LOG_PAGES);
        });

      test('without the device profile three commits are enough', async () => {
        const login = new Measured(server);
        await login.enrol();
        login.forget();
        await configuring(server.assent.store).publishTree(toPublishedTree('/', BARE));
        await server.assent.configuration.refresh();
        const wait = await login.signIn(await login.start(BARE.name));
        await login.approve(wait);
        expect(await login.submit('finish', wait)).toHaveProperty('tokenId');
        expect(login.sumOf('commits')).toBe(3);
        // The credentials bring the send with them, which reads the devices and the counters of sends.
        expect(login.beyond('reads', { ...MAX_READS, credentials: 6 })).toEqual([]);
        expect(login.beyond('changes', { ...MAX_CHANGES, credentials: 6 })).toEqual([]);
        expect(login.beyond('flights', MAX_FLIGHTS)).toEqual([]);
      });

      test('a registration opens its code, takes the phone, and stores device, setting and codes in one commit', async () => {
        const login = new Measured(server);
        await login.enrol();
        expect(login.costs).toMatchObject({
          register: { commits: 1 },
          'phone registers': { commits: 1 },
          'device stored': { commits: 1 },
          'codes kept': { commits: 1 },
        });
        expect(login.sumOf('commits')).toBe(8);
        for (const [what, most] of Object.entries(REGISTRATION[storage] ?? {})) {
          expect([what, login.sumOf(what as keyof RequestCost)]).toEqual([what, expect.toSatisfy((it) => it <= most)]);
        }
      });

      test('starts and polls write nothing, however many there are', async () => {
        const login = new Measured(server);
        await login.enrol();
        const wait = await login.tellDevice(await login.signIn(await login.start('PushLogin')));
        const { commits } = server.assent.store.counters;
        for (let round = 0; round < 20; round += 1) {
          await login.start('PushLogin');
          server.clock.advance(5_001);
          await login.submit('poll', wait);
        }
        expect(server.assent.store.counters.commits).toBe(commits);
      });

      test('an authId is at most half a kibibyte at the start, and two along the way', async () => {
        const login = new Measured(server);
        await login.enrol();
        const first = await login.start('PushLogin');
        expect(first.authId.length).toBeLessThanOrEqual(512);
        const profile = await login.signIn(first);
        const wait = await login.tellDevice(profile);
        for (const { authId } of [profile, wait]) expect(authId.length).toBeLessThanOrEqual(2_048);
      });
    },
  );
}
