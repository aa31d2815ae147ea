import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type MailWorld, mailWorld, PASSWORD } from './mail-world.ts';

// SEC-46, SEC-57: a right code clears the wrong ones of a user only where it proves something of that user.

const CALLER = { address: '203.0.113.7' };
const MAILBOX_OF_CALLER = 'mallory@evil.example';
let world: MailWorld;

beforeAll(async () => {
  world = await mailWorld(18_734);
  const { hostPort } = world;
  await publishTree(world.server, 'RegisterByCode', {
    name: ['UsernameCollectorNode', { outcome: 'ask' }],
    ask: ['AttributeCollectorNode', { outcome: 'gen' }, { attributesToCollect: ['mail'], required: true }],
    gen: ['OneTimePasswordGeneratorNode', { outcome: 'send' }],
    send: [
      'OneTimePasswordSmtpSenderNode',
      { outcome: 'code' },
      { hostName: '127.0.0.1', hostPort, fromEmailAddress: 'a@example.org', sslOption: 'NON_SSL' },
    ],
    code: ['OneTimePasswordCollectorDecisionNode', { true: 'create', false: FAILURE }],
    create: ['CreateObjectNode', { CREATED: SUCCESS, FAILURE }],
  });
  await world.server.assent.configuration.refresh();
});
afterAll(() => world?.stop());

/** Makes a user, has a right code come between 4 wrong ones and 4 more, and says how many of the 8 were looked at before the lock. */
const wrongCodes = async (name: string, rightCode: () => Promise<string>): Promise<number> => {
  await world.server.createUser('/', name, PASSWORD);
  await world.server.setAttributes('/', name, { mail: [`${name}@example.org`] });
  let counted = 0;
  for (const round of [1, 2]) {
    let step = await world.walk('CodeAlone', [name], CALLER);
    for (let guess = 0; guess < 4 && step.body.authId !== undefined; guess += 1) {
      step = await world.answer('CodeAlone', step.body, CALLER, 'wrong');
      counted += 1;
    }
    if (round === 1) await rightCode();
  }
  return counted;
};

const typed = async (name: string): Promise<string> => {
  let step = await world.walk('RegisterByCode', [name, MAILBOX_OF_CALLER], CALLER);
  const code = await world.codeFor(MAILBOX_OF_CALLER);
  step = await world.answer('RegisterByCode', step.body, CALLER, code);
  return code;
};

test('a code to an address that the caller typed leaves the wrong codes of the named user counted', async () => {
  expect(await wrongCodes('vic', () => typed('vic'))).toBe(5);
});

test('a code to an address of the user clears them', async () => {
  const own = async () => {
    world.smtp.mails.length = 0;
    const { body } = await world.walk('CodeAlone', ['own'], CALLER);
    const code = await world.codeFor('own@example.org');
    expect((await world.answer('CodeAlone', body, CALLER, code)).isSuccess).toBe(true);
    return code;
  };
  expect(await wrongCodes('own', own)).toBe(8);
});
