import {
  fakeRequest,
  memoryIdentities,
  memoryLog,
  memoryThrottle,
  runNode,
  simulatedClock,
  TEST_RESUME_LINK,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { emailSuspend } from './email-suspend.node.ts';
import { emailTemplateNode } from './email-template.node.ts';
import type { TemplateMail } from './template-mailer.ts';

const users = {
  demo: { mail: ['demo@example.org'], second: ['2@example.org'], sn: ['User'], groups: ['a', 'b'], empty: [] },
  bare: {},
};

const setUp = () => {
  const mails: TemplateMail[] = [];
  const clock = simulatedClock();
  const log = memoryLog();
  const throttle = memoryThrottle(clock);
  const ports = {
    identities: memoryIdentities(users),
    throttle,
    sendLimits: throttle,
    templateMailer: { sendLater: (mail: TemplateMail) => void mails.push(mail) },
  };
  return { mails, log, ports };
};

describe('Email Template', () => {
  const run = (it: ReturnType<typeof setUp>, config = {}, state: Record<string, unknown> = { username: 'demo' }) =>
    runNode(emailTemplateNode, { config, ports: it.ports, state, log: it.log });

  test.each([
    ['nobody', {}],
    ['a user who does not exist', { username: 'nobody' }],
    ['a user without an address', { username: 'bare' }],
  ])('mails nothing to %s', async (_who, state) => {
    const it = setUp();
    expect((await run(it, {}, state)).action).toMatchObject({ outcome: 'EMAIL_NOT_SENT' });
    expect(it.mails).toEqual([]);
  });

  test.each([[{ emailTemplateName: '' }], [{ emailAttribute: '' }], [{ identityAttribute: '' }]])(
    'settings refuse %j',
    (config) => {
      expect(emailTemplateNode.config.safeParse(config).success).toBe(false);
    },
  );

  test('mails what the template may say of the user', async () => {
    const it = setUp();
    const { action, audit } = await run(it);
    expect(action).toMatchObject({ outcome: 'EMAIL_SENT' });
    expect(audit).toEqual([{ event: 'MAIL', detail: { template: 'welcome' } }]);
    expect(it.mails).toEqual([
      {
        template: 'welcome',
        to: 'demo@example.org',
        object: {
          _id: 'id-of-demo',
          userName: 'demo',
          mail: 'demo@example.org',
          second: '2@example.org',
          sn: 'User',
          groups: ['a', 'b'],
        },
        userId: 'id-of-demo',
      },
    ]);
  });

  test.each([
    [{ emailTemplateName: 'joined' }, { username: 'demo' }, { template: 'joined' }],
    [{ emailAttribute: 'second' }, { username: 'demo' }, { to: '2@example.org' }],
    [{ emailAttribute: 'groups' }, { username: 'demo' }, { to: 'a' }],
    [{ identityAttribute: 'mail' }, { objectAttributes: { mail: 'demo@example.org' } }, { to: 'demo@example.org' }],
    [{ identityAttribute: 'mail' }, { username: 'demo@example.org' }, { to: 'demo@example.org' }],
  ])('with %j and %j mails %j', async (config, state, expected) => {
    const it = setUp();
    await run(it, config, state);
    expect(it.mails).toMatchObject([expected]);
  });

  test('a sixth mail within the hour for one source is not sent, and the journey goes on as if it had been', async () => {
    const it = setUp();
    for (let mail = 0; mail < 5; mail += 1) await run(it);
    expect((await run(it)).action).toMatchObject({ outcome: 'EMAIL_SENT', detail: { mailed: false } });
    expect(it.mails).toHaveLength(5);
    expect(it.log.lines.at(-1)?.msg).toMatch(/^Too many mails to one address/);
  });
});

describe('Email Suspend', () => {
  const run = (
    it: ReturnType<typeof setUp>,
    config = {},
    state: Record<string, unknown> = { username: 'demo', objectAttributes: { mail: 'new@example.org', sn: 'New' } },
    given = {},
  ) => runNode(emailSuspend, { config, ports: it.ports, state, log: it.log, ...given });

  test.each([
    [{ suspendDuration: 0 }],
    [{ suspendDuration: 1.5 }],
    [{ suspendDuration: 43_201 }],
    [{ emailSuspendMessage: { qq_QQ: 'x' } }],
    [{ emailTemplateName: '' }],
  ])('settings refuse %j', (config) => {
    expect(emailSuspend.config.safeParse(config).success).toBe(false);
  });

  test('mails the link to the address that was collected, and rests for as long as the realm says', async () => {
    const it = setUp();
    const { callbacks, journey } = await run(it, {}, undefined, { realm: { suspendedMinutes: 7 } });
    expect(callbacks).toEqual([
      {
        type: 'SuspendedTextOutputCallback',
        output: {
          message: 'An email has been sent to the address you entered. Click the link in that email to proceed.',
          messageType: 0,
        },
      },
    ]);
    expect(journey.suspendedMinutes).toBe(7);
    expect(it.mails).toEqual([
      {
        template: 'registration',
        to: 'new@example.org',
        object: { mail: 'new@example.org', sn: 'New', resumeURI: TEST_RESUME_LINK },
      },
    ]);
  });

  test.each([
    ['the user whom it looks up', { objectLookup: true }, {}, { identified: 'id-of-bare' }, 'id-of-demo'],
    [
      'the user whom the journey has identified',
      {},
      {},
      { identified: 'id-of-demo', bound: 'id-of-bare' },
      'id-of-demo',
    ],
    ['the user whom the journey is bound to', {}, {}, { bound: 'id-of-demo' }, 'id-of-demo'],
    ['the user who was named and has the address', {}, { mail: 'demo@example.org' }, {}, 'id-of-demo'],
    ['no user: the address is that of another', {}, {}, {}, undefined],
  ])(
    'says that the mail is about %s, so that it goes with that user',
    async (_who, config, collected, given, userId) => {
      const it = setUp();
      const objectAttributes = { mail: 'new@example.org', ...collected };
      await run(it, config, { username: 'demo', objectAttributes }, given);
      expect(it.mails.map((mail) => mail.userId)).toEqual([userId]);
    },
  );

  test('mails to the user of the realm in which its settings look', async () => {
    const it = setUp();
    await run(it, { objectLookup: true, emailTemplateName: 'forgotten', emailAttribute: 'second' });
    expect(it.mails).toMatchObject([
      { template: 'forgotten', to: '2@example.org', object: { userName: 'demo', resumeURI: TEST_RESUME_LINK } },
    ]);
  });

  test('finds that user by another attribute', async () => {
    const it = setUp();
    const state = { objectAttributes: { mail: 'demo@example.org' } };
    await run(it, { objectLookup: true, identityAttribute: 'mail' }, state);
    expect(it.mails).toMatchObject([{ to: 'demo@example.org', object: { userName: 'demo' } }]);
  });

  test.each([
    ['of an unknown user', { objectLookup: true }, { username: 'nobody' }],
    ['of a user without an address', { objectLookup: true }, { username: 'bare' }],
    ['of nobody', {}, {}],
    ['that is none', {}, { objectAttributes: { mail: 7 } }],
  ])('tells the browser the same for the address %s, and rests as long', async (_who, config, state) => {
    const it = setUp();
    const there = await run(setUp());
    const { callbacks, journey } = await run(it, config, state);
    expect(callbacks).toEqual(there.callbacks);
    expect(journey.suspendedMinutes).toBe(there.journey.suspendedMinutes);
    expect(it.mails).toEqual([]);
    expect(it.log.lines.map(({ msg }) => msg)).toEqual([
      'There is no address to mail the link to: the journey rests, and nobody is told how to go on.',
    ]);
  });

  test.each(['identified', 'bound'])(
    'mails nothing where the %s user of the journey was deleted meanwhile',
    async (as) => {
      const it = setUp();
      const { callbacks } = await run(it, {}, undefined, { [as]: 'id-of-missing' });
      expect(callbacks).toEqual((await run(setUp())).callbacks);
      expect(it.mails).toEqual([]);
      expect(it.log.lines.at(-1)?.msg).toBe(
        'The user was deleted meanwhile: no link is mailed, and the journey rests.',
      );
    },
  );

  test('a sixth mail within the hour for one source is not sent, and the browser sees the same', async () => {
    const it = setUp();
    for (let mail = 0; mail < 5; mail += 1) await run(it);
    const { callbacks, log } = await run(it);
    expect(callbacks.map(({ type }) => type)).toEqual(['SuspendedTextOutputCallback']);
    expect(it.mails).toHaveLength(5);
    expect(log.at(-1)?.msg).toMatch(/^Too many mails to one address/);
  });

  test('before anybody is identified a hundred mails an hour go out for one address of the network (SEC-56)', async () => {
    const it = setUp();
    const mailTo = (at: number, identifiedUser?: string) =>
      run(
        it,
        {},
        { objectAttributes: { mail: `new-${at}@example.org` } },
        identifiedUser === undefined ? {} : { identified: identifiedUser },
      );
    for (let at = 0; at < 101; at += 1) await mailTo(at);
    expect(it.mails).toHaveLength(100);
    await mailTo(102, 'id-of-demo');
    expect(it.mails).toHaveLength(101);
  });

  test('rests for as long as the author says, and says what the author says', async () => {
    const config = { suspendDuration: 60, emailSuspendMessage: { de: 'Post!', fr: 'Courrier !' } };
    const { callbacks, journey } = await run(setUp(), config, undefined, {
      request: fakeRequest({ locales: ['fr'] }),
    });
    expect(journey.suspendedMinutes).toBe(60);
    expect(callbacks[0]?.output.message).toBe('Courrier !');
  });

  describe('refuses a link, as one that is over, to an address that its user no longer has (SEC-61)', () => {
    const mailed = async (it: ReturnType<typeof setUp>, config: object, state?: Record<string, unknown>) => {
      const { after } = await run(it, config, state);
      return (now: Record<string, Record<string, readonly string[]>>) =>
        run({ ...it, ports: { ...it.ports, identities: memoryIdentities(now) } }, config, state, {
          resumed: true,
          handedOver: after.handedOver,
        });
    };
    const gone = { code: 'SUSPENSION_GONE' };
    const lookUp = { objectLookup: true };
    const own = { username: 'demo', objectAttributes: { mail: 'Demo@example.org' } };

    test.each<[string, Record<string, Record<string, readonly string[]>>]>([
      ['has another', { demo: { mail: ['new@example.org'] } }],
      ['has a longer one', { demo: { mail: ['a.demo@example.org'] } }],
      ['has it in another attribute alone', { demo: { mail: ['new@example.org'], second: ['demo@example.org'] } }],
      ['has none', { demo: {} }],
      ['is gone, and another has it', { other: { mail: ['demo@example.org'] } }],
    ])('where the user %s', async (_what, now) => {
      await expect((await mailed(setUp(), lookUp))(now)).rejects.toMatchObject(gone);
      // Collected, and that of the user whom the journey names.
      await expect((await mailed(setUp(), {}, own))(now)).rejects.toMatchObject(gone);
    });

    test('also where the text is longer than an address', async () => {
      const long = `"${'a'.repeat(250)}" <demo@example.org>`;
      const it = setUp();
      const before = { ...it, ports: { ...it.ports, identities: memoryIdentities({ demo: { mail: [long] } }) } };
      const follow = await mailed(before, lookUp);
      await expect(follow({ demo: { mail: ['new@example.org'] } })).rejects.toMatchObject(gone);
      expect((await follow({ demo: { mail: [long] } })).action).toMatchObject({ outcome: 'outcome' });
    });

    test.each([[['DEMO@example.org']], [['new@example.org', 'demo@example.org']]])(
      'not where it has it among %j',
      async (mail) => {
        for (const [config, state] of [[lookUp, undefined] as const, [{}, own] as const])
          expect((await (await mailed(setUp(), config, state))({ demo: { mail } })).action).toMatchObject({
            outcome: 'outcome',
          });
      },
    );

    test.each([
      ['of a registration', { objectAttributes: { mail: 'new@example.org' } }],
      ['of a user who is to have it', undefined],
    ])('not where the address is one %s', async (_what, state) => {
      const follow = await mailed(setUp(), {}, state);
      expect((await follow({})).journey.handedOver.provenAddress).toBeDefined();
      expect((await follow(users)).action).toMatchObject({ outcome: 'outcome' });
    });

    test('not where the address is the user name', async () => {
      const state = { username: 'me@example.org' };
      const it = setUp();
      const now = { 'me@example.org': {} };
      const before = { ...it, ports: { ...it.ports, identities: memoryIdentities(now) } };
      const follow = await mailed(before, { ...lookUp, emailAttribute: 'userName' }, state);
      expect(it.mails).toMatchObject([{ to: 'me@example.org' }]);
      expect((await follow(now)).action).toMatchObject({ outcome: 'outcome' });
    });

    test('mails nothing to a text that is no address with a name either', async () => {
      const it = setUp();
      const { log } = await run(it, {}, { objectAttributes: { mail: 'a'.repeat(1_025) } });
      expect(it.mails).toEqual([]);
      expect(log.at(-1)?.msg).toMatch(/^There is no address/);
    });
  });

  test('goes on when its link was followed, and mails nothing more', async () => {
    const it = setUp();
    const { action, journey } = await run(it, {}, undefined, { resumed: true });
    expect(action).toMatchObject({ outcome: 'outcome' });
    expect(journey.suspendedMinutes).toBeUndefined();
    expect(it.mails).toEqual([]);
  });

  test.each([
    [{}, { address: 'new@example.org', userId: null }],
    [{ objectLookup: true }, { address: 'demo@example.org', userId: 'id-of-demo' }],
  ])('with %j notes which link was followed (SEC-87)', async (config, link) => {
    const it = setUp();
    const { after } = await run(it, config);
    const { journey } = await run(it, config, undefined, { resumed: true, handedOver: after.handedOver });
    expect(journey.followedLink).toEqual({ attribute: 'mail', ...link });
    expect((await run(it, config, undefined, { resumed: true })).journey.followedLink).toBeUndefined();
  });

  test('notes no link that was not mailed, or was mailed to a longer text than an address (SEC-87)', async () => {
    const it = setUp();
    for (let mail = 0; mail < 5; mail += 1) await run(it);
    const long = { objectAttributes: { mail: `${'a'.repeat(250)}@example.org` } };
    for (const { after } of [await run(it), await run(setUp(), {}, long)]) {
      const { journey } = await run(it, {}, undefined, { resumed: true, handedOver: after.handedOver });
      expect(journey.followedLink).toBeUndefined();
    }
  });
});
