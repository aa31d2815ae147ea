import type { Identities } from '@assent/engine';
import { memoryIdentities, memoryThrottle, runNode, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { oneTimePasswordSmsSender } from '../mfa/one-time-password-sms-sender.node.ts';
import { oneTimePasswordSmtpSender } from '../mfa/one-time-password-smtp-sender.node.ts';
import { emailSuspend } from './email-suspend.node.ts';
import { emailTemplateNode } from './email-template.node.ts';

// SEC-59: what a mail costs the source that asks for it must not tell which users there are.

const SOURCE = '192.0.2.1';
const MAIL_SERVER = { hostName: 'smtp.example.org', hostPort: 25, fromEmailAddress: 'a@example.org' };
const USERS = {
  demo: { mail: ['demo@example.org'], telephoneNumber: ['1@sms.example'] },
  other: { mail: ['other@example.org'], telephoneNumber: ['2@sms.example'] },
  bare: {},
  inactive: { mail: ['inactive@example.org'], telephoneNumber: ['3@sms.example'] },
  long: { mail: ['a'.repeat(1_025)] },
};

/** Ports of one realm, and what its callers cost their source. */
const setUp = () => {
  const throttle = memoryThrottle(simulatedClock());
  const memory = memoryIdentities(USERS);
  const withStatus = <Found extends { readonly username: string }>(found: Found | undefined) =>
    found && { ...found, active: found.username !== 'inactive' };
  const identities = { ...memory, find: async (name: string) => withStatus(await memory.find(name)) } as Identities;
  let mails = 0;
  const sent = () => {
    mails += 1;
  };
  const ports = {
    identities,
    throttle,
    sendLimits: throttle,
    sendLimitsNow: throttle,
    templateMailer: { sendLater: sent },
    mailer: {
      send: async () => {
        sent();
        return { status: 'accepted' as const };
      },
    },
  };
  return { ports, charged: () => throttle.rows.get(`mails:${SOURCE}`)?.hits.length ?? 0, mails: () => mails };
};
type World = ReturnType<typeof setUp>;

interface Visit {
  readonly state: Record<string, unknown>;
  readonly identified?: string;
}
type See = (it: World, visit: Visit) => Promise<unknown>;

/** What the caller can see of a visit. */
const QUIET: Readonly<Record<string, See>> = {
  'Email Suspend with Object Lookup': async ({ ports }, visit) => {
    const { callbacks, journey } = await runNode(emailSuspend, { config: { objectLookup: true }, ports, ...visit });
    return { callbacks, rests: journey.suspendedMinutes };
  },
  'Email Suspend to a collected address': async ({ ports }, visit) => {
    const { callbacks, journey } = await runNode(emailSuspend, { config: {}, ports, ...visit });
    return { callbacks, rests: journey.suspendedMinutes };
  },
  // Its outcomes tell users with an address from all others, as in AM, so a tree hides that by joining them.
  'Email Template': async ({ ports }, visit) => {
    const { action } = await runNode(emailTemplateNode, { config: {}, ports, ...visit });
    return action.kind;
  },
};

const USER_CASES: Readonly<Record<string, string | undefined>> = {
  'a user with an address': 'demo',
  'a user without one': 'bare',
  'a user with a text that is no address': 'long',
  'an inactive user': 'inactive',
  'a name without a user': 'missing',
  'no name': undefined,
};
const visitOf = (name: string | undefined): Visit => ({
  state: {
    ...(name !== undefined && { username: name }),
    objectAttributes: { mail: USERS[name as 'demo']?.mail?.[0] ?? (name === 'missing' ? 'new@example.org' : 7) },
  },
});

describe.each(Object.keys(QUIET))('%s', (node) => {
  const run: See = (it, visit) => (QUIET[node] ?? expect.unreachable())(it, visit);

  test.each(Object.keys(USER_CASES))('charges the source once for %s, and answers the same (SEC-59)', async (which) => {
    const it = setUp();
    const usual = await run(setUp(), visitOf('demo'));
    for (let visit = 1; visit < 10; visit += 1) {
      expect(await run(it, visitOf(USER_CASES[which]))).toEqual(usual);
      expect(it.charged()).toBe(visit);
    }
    // The mailbox of one user gets 5 of them.
    expect(it.mails()).toBeLessThanOrEqual(5);
  });

  test.each(Object.keys(USER_CASES))(
    'mails nothing for a source that is used up by visits for %s (SEC-56)',
    async (which) => {
      const it = setUp();
      for (let visit = 0; visit < 101; visit += 1) await run(it, visitOf(USER_CASES[which]));
      const before = it.mails();
      await run(it, visitOf('other'));
      expect(it.mails()).toBe(before);
    },
  );

  test('charges no source once a user is identified', async () => {
    const it = setUp();
    for (const name of ['demo', 'bare', 'missing']) await run(it, { ...visitOf(name), identified: 'id-of-demo' });
    expect(it.charged()).toBe(0);
  });
});

// The author puts these behind a node that proves the user: both end the journey in error for a user without an address, as in AM.
describe.each([
  ['OTP Email Sender', oneTimePasswordSmtpSender],
  ['OTP SMS Sender', oneTimePasswordSmsSender],
] as const)('%s', (_title, node) => {
  const run = ({ ports }: World, name: string) =>
    runNode(node, { config: MAIL_SERVER, ports, state: { username: name, oneTimePassword: '01234567' } } as never);

  test.each(['demo', 'inactive'])(
    'charges the source for each code to %s, also once the mailbox got too many',
    async (name) => {
      const it = setUp();
      for (let visit = 1; visit < 10; visit += 1) {
        expect((await run(it, name)).action).toMatchObject({ outcome: 'outcome' });
        expect(it.charged()).toBe(visit);
      }
      expect(it.mails()).toBe(5);
    },
  );

  test.each(['bare', 'missing'])('ends in error for %s, and charges nothing', async (name) => {
    const it = setUp();
    await expect(run(it, name)).rejects.toThrow();
    expect(it.charged()).toBe(0);
  });
});
