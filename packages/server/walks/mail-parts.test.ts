import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOUR, type MailWorld, mailWorld, PASSWORD } from './mail-world.ts';

// An attacker with the password, or who knows no more than the mail address, has codes and links sent from many addresses. What the owner asks for
// from a known browser or a known address is sent each time (SEC-87).

const OF_STRANGERS = 20;
const OF_SOURCE = 5;
const PART = 10;

let world: MailWorld;
let users = 0;

beforeAll(async () => {
  world = await mailWorld(18_711);
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.server.clock.advance(HOUR);
  world.smtp.mails.length = 0;
});

/** A user with a browser and an address that a mailed code has made known. */
const someone = async () => {
  const { server, smtp, walk, answer, codeFor } = world;
  users += 1;
  const name = `jane${users}`;
  const mail = `${name}@example.org`;
  await server.createUser('/', name, PASSWORD);
  await server.setAttributes('/', name, { mail: [mail], telephoneNumber: [`${name}@sms.example`] });
  const address = `203.0.113.${users}`;
  const step = await walk('MailCode', [name, PASSWORD], { address });
  const { known } = await answer('MailCode', step.body, { address }, await codeFor(mail));
  expect(known).toMatch(/kb=c/);
  // What this sign-in has counted is over.
  server.clock.advance(HOUR);
  smtp.mails.length = 0;
  return { name, mail, browser: { address: '192.0.2.77', cookie: known ?? '' }, home: { address } };
};

describe.each(['MailCode', 'SmsCode', 'Link', 'Template'])('%s', (tree) => {
  test('is sent to the owner from a known browser and a known address after 30 tries of strangers (SEC-87)', async () => {
    const { mailsOf, walk, stranger } = world;
    const { name, mail, browser, home } = await someone();
    const values = tree.endsWith('Code') ? [name, PASSWORD] : [mail];
    expect(await mailsOf(30, () => walk(tree, values, stranger()))).toBe(OF_STRANGERS);
    expect(await mailsOf(PART, () => walk(tree, values, browser))).toBe(PART);
    expect(await mailsOf(PART, () => walk(tree, values, home))).toBe(PART);
    // Above the parts there is no more.
    expect(await mailsOf(2, () => walk(tree, values, browser))).toBe(0);
    expect(await mailsOf(2, () => walk(tree, values, home))).toBe(0);
  });

  test('is sent to the owner each time, while strangers try every 5 minutes (SEC-87)', async () => {
    const { mailsOf, walk, stranger } = world;
    const { name, mail, browser, home } = await someone();
    const values = tree.endsWith('Code') ? [name, PASSWORD] : [mail];
    await mailsOf(OF_STRANGERS, () => walk(tree, values, stranger()));
    let toOwner = 0;
    for (let number = 0; number < 12; number += 1) {
      world.server.clock.advance(180_000);
      await mailsOf(1, () => walk(tree, values, stranger()));
      world.server.clock.advance(120_000);
      toOwner += await mailsOf(1, () => walk(tree, values, number % 2 === 0 ? browser : home));
    }
    expect(toOwner).toBe(12);
  });
});

const ONE = { address: '198.18.0.1' };
/** What a caller who knows the address of the owner sends. */
const LINK = (mail: string) => ['Link', [mail]] as const;

test('a link is sent to the owner in a new browser at a new address, while a stranger at one address asks all day (SEC-87)', async () => {
  const { mailsOf, walk, stranger, server } = world;
  const { mail } = await someone();
  let toStranger = 0;
  for (let hour = 0; hour < 23; hour += 1) {
    toStranger += await mailsOf(2 * OF_SOURCE, () => walk(...LINK(mail), ONE));
    server.clock.advance(HOUR);
  }
  expect(toStranger).toBe(4 * OF_SOURCE);
  const own = stranger();
  expect(await mailsOf(OF_SOURCE, () => walk(...LINK(mail), own))).toBe(OF_SOURCE);
});
