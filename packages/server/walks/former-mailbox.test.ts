import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { totp } from '@assent/factors';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addGenerator } from '../src/testing/account-fixture.ts';
import type { SteeredServerOptions } from '../src/testing/steered-server.ts';
import { type From, HOUR, type MailWorld, mailWorld } from './mail-world.ts';

// A browser that a mailbox has made known draws on nothing of the owner's once the user has another address or a device (SEC-61, SEC-86, SEC-87).

const DAY = 24 * HOUR;
/** Mails within an hour in the part of known browsers, and for strangers at one source. */
const PART = 10;
const OF_SOURCE = 5;
/** Wrong codes in a row that lock one place, and of all known browsers within a day. */
const OF_PLACE = 5;
const OF_DAY = 40;

const describeFormerMailbox = (
  where: () => Promise<Pick<SteeredServerOptions, 'dataDir' | 'databaseUrl'>>,
  port: number,
): void => {
  let world: MailWorld;
  let users = 0;

  beforeAll(async () => {
    world = await mailWorld(port, await where());
  });
  afterAll(() => world?.stop());

  const someone = async () => {
    users += 1;
    const name = `jane${users}`;
    await world.server.createUser('/', name, 'correct horse 7');
    await world.server.setAttributes('/', name, { mail: [`${name}@example.org`] });
    return { name, mail: `${name}@example.org` };
  };
  const moved = async (name: string): Promise<string> => {
    const mail = `new-${name}@example.org`;
    const token = await world.administrator();
    expect((await world.rest('PUT', `/users/${name}`, { token, body: { mail: [mail] } })).status).toBe(200);
    world.server.clock.advance(8 * DAY);
    return mail;
  };
  /** Signs in by the mailbox alone, in a browser that is known from then on. */
  const byLink = async (mail: string, from: From): Promise<From> => {
    await world.walk('Link', [mail], from);
    const { isSuccess, known } = await world.followLink(mail, from);
    expect([isSuccess, known]).toEqual([true, expect.stringMatching(/kb=m/)]);
    return { ...from, ...(known !== undefined && { cookie: known }) };
  };
  const byCode = async ({ name, mail }: { readonly name: string; readonly mail: string }, from: From) => {
    const asked = await world.walk('CodeAlone', [name], from);
    const { isSuccess, known } = await world.answer('CodeAlone', asked.body, from, await world.codeFor(mail));
    expect([isSuccess, known]).toEqual([true, expect.stringMatching(/kb=c/)]);
    return { ...from, ...(known !== undefined && { cookie: known }) };
  };
  const browsersByCode = async (user: { readonly name: string; readonly mail: string }): Promise<From[]> => {
    const browsers: From[] = [];
    for (let n = 0; n < OF_DAY / OF_PLACE; n += 1) browsers.push(await byCode(user, world.stranger()));
    return browsers;
  };
  const THIEF = { address: '203.0.113.50' };
  const OWN = { address: '192.0.2.7' };

  test('a reader of the former mailbox with a browser that a link made known uses up no mail of the owner', async () => {
    const { name, mail } = await someone();
    const thief = await byLink(mail, THIEF);
    const newMail = await moved(name);
    const own = await byLink(newMail, OWN);
    world.server.clock.advance(DAY);
    for (let hour = 0; hour < 3; hour += 1) {
      expect(await world.mailsOf(2 * PART, () => world.walk('Link', [newMail], thief))).toBe(OF_SOURCE);
      expect(await world.mailsOf(PART, () => world.walk('Link', [newMail], own))).toBe(PART);
      world.server.clock.advance(HOUR + 1_000);
    }
  });

  test('nor one with browsers that a code made known a guess of the owner', async () => {
    const user = await someone();
    const thieves = await browsersByCode(user);
    const mail = await moved(user.name);
    const own = await byCode({ ...user, mail }, OWN);
    world.server.clock.advance(DAY);
    for (const thief of thieves) {
      let { body } = await world.walk('CodeAlone', [user.name], { ...thief, ...THIEF });
      for (let n = 0; n < OF_PLACE && body.authId !== undefined; n += 1)
        ({ body } = await world.answer('CodeAlone', body, { ...thief, ...THIEF }, '000000'));
    }
    await byCodeAgain({ ...user, mail }, own);
  });

  /** In a browser that is known already. */
  const byCodeAgain = async ({ name, mail }: { readonly name: string; readonly mail: string }, from: From) => {
    world.smtp.mails.length = 0;
    const asked = await world.walk('CodeAlone', [name], from);
    const done = await world.answer('CodeAlone', asked.body, from, await world.codeFor(mail));
    expect(done.isSuccess, JSON.stringify(done.body)).toBe(true);
  };

  test('browsers that a code made known use up no guess at the device that the user has since', async () => {
    const user = await someone();
    const browsers = await browsersByCode(user);
    await addGenerator(world.server, '/', user.name);
    const code = () =>
      totp({ secret: new Uint8Array(20).fill(7), digits: 6, intervalSeconds: 30, atMillis: world.server.clock.now() });
    const guess = async (typed: string, from: From) => {
      const asked = await world.walk('Generator', [user.name], from);
      if (asked.body.callbacks === undefined) return asked;
      return world.answer('Generator', asked.body, from, typed, '0');
    };
    world.server.clock.advance(DAY);
    const { known } = await guess(code(), OWN);
    expect(known).toMatch(/kb=f/);
    const own = { ...OWN, cookie: known ?? '' };
    world.server.clock.advance(DAY);
    for (const browser of browsers)
      for (let n = 0; n < OF_PLACE; n += 1) await guess('000000', { ...browser, ...THIEF });
    const done = await guess(code(), own);
    expect(done.isSuccess, JSON.stringify(done.body)).toBe(true);
  });
};

describe('the former mailbox of a user, on SQLite,', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-former-mailbox-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  describeFormerMailbox(async () => ({ dataDir }), 18_762);
});

describeWith(['postgres'], 'the former mailbox of a user, on PostgreSQL,', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database?.close());
  describeFormerMailbox(async () => ({ databaseUrl: database.url }), 18_763);
});
