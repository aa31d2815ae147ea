import { Writable } from 'node:stream';
import type { AuditEvent, Change, CommitResult } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import type { Mail, MailResult } from '@assent/nodes';
import { expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { AccountNotices } from './account-notices.ts';
import { NOTICE_LANGUAGES, NOTICED_EVENTS, noticeTexts } from './notice-texts.ts';

const AT = Date.parse('2026-03-09T14:05:30Z');
const MAILED = { mail: ['demo@example.org'] };

const setUp = ({
  service = { hostname: 'smtp.example.org', from: 'login@example.org' },
  attributes = MAILED,
  result = { status: 'accepted' },
  committed = { committed: true },
  locale = 'en',
}: {
  readonly service?: object | null;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly result?: MailResult | Error;
  readonly committed?: CommitResult;
  readonly locale?: string;
} = {}) => {
  const sent: Mail[] = [];
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const notices = new AccountNotices({
    configuration: {
      realm: () => testRealm({ locale }),
      service: (realm, type) => (service === null ? undefined : { realm, type, config: service as never }),
    },
    identities: {
      findById: async (id) =>
        id === 'nobody'
          ? undefined
          : { id, realm: '/', username: '$& {time}', active: true, rev: 1, credentialRev: 1, attributes },
    },
    mailer: {
      async send(mail) {
        if (result instanceof Error) throw result;
        sent.push(mail);
        return result;
      },
    },
    log: createLog('info', destination),
    publicUrl: 'https://id.example.org/am',
  });
  const committer = notices.over({ commit: async () => committed });
  return {
    sent,
    lines,
    async commit(...events: readonly (Partial<AuditEvent> & { readonly event: string })[]) {
      const changes: readonly Change[] = events.map((event) => ({
        type: 'audit.append',
        event: { at: AT, realm: '/', transactionId: 't', userId: 'u', ...event },
      }));
      const answer = await committer.commit([{ type: 'session.endAllOf', userId: 'u' }, ...changes]);
      await notices.idle();
      return answer;
    },
  };
};

test.each([
  [
    'the commit did not come about',
    { committed: { committed: false, refused: 'device.update' } } as const,
    'DEVICE_ADD',
  ],
  ['the realm has no mail service', { service: null }, 'DEVICE_ADD'],
  ['the user has no address', { attributes: {} }, 'DEVICE_ADD'],
  ['nothing happened that a user is told of', {}, 'SESSION_END'],
])('mails nothing where %s', async (_what, given, event) => {
  const it = setUp(given);
  await it.commit({ event });
  expect([it.sent, it.lines]).toEqual([[], []]);
});

test('mails nothing to a user who is gone, and about nobody', async () => {
  const it = setUp();
  const { userId: _, ...ofNobody } = { event: 'DEVICE_ADD', userId: 'u' };
  await it.commit({ event: 'MFA_RESET', userId: 'nobody' });
  await it.commit({ ...ofNobody, userId: undefined } as never);
  expect(it.sent).toEqual([]);
});

test.each([
  [{ status: 'refused', cause: 'no such address' } as const, { cause: 'no such address' }],
  [new Error('broken'), { err: expect.objectContaining({ message: 'broken' }) }],
])('keeps the change, and logs reason, where the mail cannot be sent: %s', async (result, logged) => {
  const it = setUp({ result });
  expect(await it.commit({ event: 'DEVICE_REMOVE' })).toEqual({ committed: true });
  expect(it.lines).toMatchObject([{ msg: 'A notice could not be mailed.', realm: '/', transactionId: 't', ...logged }]);
  expect(JSON.stringify(it.lines)).not.toContain('demo@example.org');
});

test('mails one notice of all that a commit did, each said once, with the way to the account', async () => {
  const it = setUp();
  await it.commit({ event: 'DEVICE_ADD' }, { event: 'RECOVERY_CREATED' }, { event: 'RECOVERY_CREATED' });
  expect(it.sent).toMatchObject([
    {
      server: { host: 'smtp.example.org' },
      from: 'login@example.org',
      to: 'demo@example.org',
      subject: 'Your account has changed',
      text: [
        'Account $& {time}, 2026-03-09 14:05 UTC:',
        '',
        'A device was added.',
        'New recovery codes were made.',
        '',
        'Was this not you? Sign in at https://id.example.org/am/account, sign out others, and remove what you do not know.',
        '',
      ].join('\n'),
    },
  ]);
});

test('mails that somebody used an old key of an application (spec: oidc §5.2)', async () => {
  const it = setUp();
  await it.commit({ event: 'TOKEN_REUSE', outcome: 'ended', detail: { client: 'planner' } });
  expect(it.sent.map(({ text }) => text.split('\n')[2])).toEqual([
    'Somebody used an old key of an app. We signed the app out; the account page says which.',
  ]);
});

test('mails each user of a commit apart', async () => {
  const it = setUp();
  await it.commit({ event: 'DEVICE_ADD', userId: 'a' }, { event: 'MFA_RESET', userId: 'b' });
  expect(it.sent.map(({ text }) => text.split('\n')[2])).toEqual([
    'A device was added.',
    'All devices of a kind were removed.',
  ]);
});

test.each([
  [{ preferredLocale: ['de-AT'] }, 'ja', 'de'],
  [{ preferredlanguage: ['fr'] }, 'ja', 'fr'],
  [{ preferredLocale: ['xx'] }, 'ja', 'ja'],
  [{}, 'pt', 'en'],
] as const)(
  'speaks the language of the user, then of the realm: %j in %s is %s',
  async (preference, locale, language) => {
    const it = setUp({ attributes: { ...MAILED, ...preference }, locale });
    await it.commit({ event: 'DEVICE_ADD' });
    expect(it.sent[0]?.subject).toBe(noticeTexts[language].subject);
  },
);

test.each(NOTICE_LANGUAGES)('has a sentence of its own for every event in %s, and every value', (language) => {
  const { about, notYou, happened } = noticeTexts[language];
  expect(new Set(NOTICED_EVENTS.map((event) => happened[event])).size).toBe(NOTICED_EVENTS.length);
  expect([about.match(/\{\w+\}/g)?.sort(), notYou.match(/\{\w+\}/g)]).toEqual([['{time}', '{user}'], ['{url}']]);
});
