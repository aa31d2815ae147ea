import { hash as digestOf } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountKey } from '@assent/engine/host';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { inject } from '../src/testing/inject.ts';
import { Interleaving, type Point } from '../src/testing/interleaving.ts';
import { restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, type SteeredServerOptions, steeredServer } from '../src/testing/steered-server.ts';

// Guesses at one account that come to two instances at once: what each of them knows by itself saves work, and the commit keeps the limit (OPS-30).

const PASSWORD = 'correct horse 7';
/** PASSWORD at a lesser cost than ours, so that whoever proves it wants to replace the hash. */
const LESSER_HASH = '$argon2id$v=19$m=32,t=1,p=1$s/rSk1GzepXfqm4uWoHyYg$6kb5dpvNvt51bVFqLbnyaZzQVoLxlbZxKEVd7QrbNzo';
/** How many wrong ones lock: from a place, and from all strangers together. */
const OF_PLACE = 5;
const OF_STRANGERS = 20;
const REALM = '/alpha';
const JOURNEY = `${REALM}/authenticate?authIndexType=service&authIndexValue=Login`;
const address = (at: number) => `198.51.100.${at}`;

/** The commit that ends a sign-in with a right password. */
const isOfRightOne = (point: Point): boolean =>
  typeof point !== 'string' && point.some(({ type }) => type === 'throttle.unlocked');

const describeGuesses = (
  where: () => Promise<Pick<SteeredServerOptions, 'dataDir' | 'databaseUrl'>>,
  port: number,
): void => {
  const interleaving = new Interleaving();
  let one: SteeredServer;
  let other: SteeredServer;
  let count = 0;

  beforeAll(async () => {
    const place = await where();
    one = await steeredServer({ port, ...place });
    await one.createRealm(REALM);
    other = await steeredServer({ port, ...place, clock: one.clock, between: interleaving.between });
  });
  afterAll(() => Promise.all([one, other].map((it) => it?.assent.stop())));

  const someone = async (): Promise<string> => {
    const name = `guessed${++count}`;
    await one.createUser(REALM, name, PASSWORD);
    return name;
  };
  const guess = async ({ assent }: SteeredServer, name: string, password: string, from: string) => {
    const { host, pathname } = new URL(assent.publicUrl);
    const { statusCode, body } = await inject(assent, {
      method: 'POST',
      url: `${pathname}/json${JOURNEY}`,
      remoteAddress: from,
      headers: {
        host,
        'accept-api-version': 'protocol=1.0,resource=2.1',
        'x-openam-username': name,
        'x-openam-password': password,
      },
    });
    return { status: statusCode, token: (JSON.parse(body) as { readonly tokenId?: string }).tokenId };
  };
  const statusOf = async (...given: Parameters<typeof guess>) => (await guess(...given)).status;

  const counted = async (name: string, from: string) => {
    const account = accountKey((text) => digestOf('sha256', text, 'base64url'), REALM, name);
    const subjects = [`password:${account}:${from}`, `strangers:${account}`];
    const rows = await one.assent.store.throttles.get(subjects);
    return subjects.map((subject) => {
      const row = rows.find((it) => it.subject === subject);
      return { hits: row?.hits.length ?? 0, isLocked: (row?.lockedUntil ?? 0) > one.clock.now() };
    });
  };
  /** So many wrong guesses at once, of which each instance gets every second one. */
  const guessWrong = (howMany: number, name: string, from: (at: number) => string) =>
    Promise.all(
      Array.from({ length: howMany }, (_, at) => statusOf(at % 2 === 0 ? one : other, name, `wrong ${at}`, from(at))),
    );

  test('200 from one place: as many are counted as lock it, and then the right one is none (OPS-30, SEC-57)', async () => {
    const name = await someone();
    const statuses = await guessWrong(200, name, () => address(1));
    // Those who find too many before them in the line of their instance are not heard at all.
    expect(statuses.filter((status) => status !== 503 && status !== 401)).toEqual([]);
    const [ofPlace, ofStrangers] = await counted(name, address(1));
    expect(ofPlace).toEqual({ hits: OF_PLACE, isLocked: true });
    // One guess at each instance may have been under way when the lock came.
    expect(ofStrangers?.hits).toBeLessThanOrEqual(OF_PLACE + 1);
    expect([
      await statusOf(one, name, PASSWORD, address(1)),
      await statusOf(other, name, PASSWORD, address(1)),
    ]).toEqual([401, 401]);
  });

  test('200 from 200 places: as many are counted as shut out strangers, and only them (OPS-30, SEC-57)', async () => {
    const name = await someone();
    expect(await statusOf(one, name, PASSWORD, address(250))).toBe(200);
    const statuses = await guessWrong(200, name, address);
    expect(statuses.filter((status) => status !== 503 && status !== 401)).toEqual([]);
    expect((await counted(name, address(1)))[1]).toEqual({ hits: OF_STRANGERS, isLocked: true });
    expect(await statusOf(one, name, PASSWORD, address(251))).toBe(401);
    expect(await statusOf(other, name, PASSWORD, address(250))).toBe(200);
  });

  /** The answer to the right password, whose commit waits until so many wrong ones are counted at the other instance. */
  const afterWrongOnes = async (wrong: number, from: (at: number) => string): Promise<number | undefined> => {
    const name = await someone();
    let status: number | undefined;
    const right = async () => {
      status = await statusOf(other, name, PASSWORD, address(1));
    };
    const wrongOnes = async () => {
      for (let at = 0; at < wrong; at += 1) await statusOf(one, name, `wrong ${at}`, from(at));
    };
    expect(await interleaving.nest(right, wrongOnes, 0, isOfRightOne)).toBe(true);
    return status;
  };

  test.each([
    ['from one place', OF_PLACE, () => address(1)],
    ['from many places', OF_STRANGERS, (at: number) => address(at + 2)],
  ])(
    'the right one counts until the last wrong one that is free is committed, however long it was checked before: %s (OPS-30)',
    async (_what, limit, from) => {
      expect(await afterWrongOnes(limit - 1, from)).toBe(200);
      expect(await afterWrongOnes(limit, from)).toBe(401);
    },
  );

  describe('the right one whose commit has lost is tried again, and is right (OPS-30)', () => {
    const withLesserHash = async () => {
      const name = `guessed${++count}`;
      const user = { id: crypto.randomUUID(), realm: REALM, username: name, hash: LESSER_HASH, attributes: {} };
      expect(await one.assent.store.committer.commit([{ type: 'identity.insert', ...user }])).toEqual({
        committed: true,
      });
      return name;
    };
    /** The right one at one instance, just before the other commits what it has made of the same hash. */
    const overtaken = async (name: string, outer: () => Promise<number>) => {
      let status = 0;
      const isOvertaken = await interleaving.nest(
        async () => {
          status = await outer();
        },
        async () => expect(await statusOf(one, name, PASSWORD, address(3))).toBe(200),
        0,
        (point) => typeof point !== 'string' && point.some(({ type }) => type === 'identity.rehash'),
      );
      expect([isOvertaken, await counted(name, address(1))]).toEqual([
        true,
        [
          { hits: 0, isLocked: false },
          { hits: 0, isLocked: false },
        ],
      ]);
      return status;
    };

    test('in a journey', async () => {
      const name = await withLesserHash();
      expect(await overtaken(name, () => statusOf(other, name, PASSWORD, address(1)))).toBe(200);
    });

    test('over REST', async () => {
      const name = await withLesserHash();
      const { token } = await openSession(one, REALM, name);
      const change = async () =>
        (
          await restClient(other)('POST', `${REALM}/users/${name}?_action=changePassword`, {
            token,
            body: { currentpassword: PASSWORD, userpassword: 'battery staple 8' },
          })
        ).status;
      expect(await overtaken(name, change)).toBe(200);
    });
  });
};

describe('on SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-guesses-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  describeGuesses(async () => ({ dataDir: directory }), 18_478);
});

describeWith(['postgres'], 'on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database?.close());
  describeGuesses(async () => ({ databaseUrl: database.url }), 18_479);
});
