import { type AuditEvent, type Change, newOutboxRow, type OutboxEntry } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import type { Mail, MailResult } from '@assent/nodes';
import { expect, test } from 'vitest';
import { accountNoticeSender, withAccountNotices } from './account-notices.ts';
import { NOTICE_LANGUAGES, NOTICED_EVENTS, noticeTexts } from './notice-texts.ts';

const AT = Date.parse('2026-03-09T14:05:30Z');
const MAILED = { mail: ['demo@example.org'] };

const setUp = ({
  service = { hostname: 'smtp.example.org', from: 'login@example.org' },
  attributes = MAILED,
  result = { status: 'accepted' },
  locale = 'en',
}: {
  readonly service?: object | null;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly result?: MailResult;
  readonly locale?: string;
} = {}) => {
  const sent: Mail[] = [];
  const entries: OutboxEntry[] = [];
  const configuration = {
    realm: () => testRealm({ locale }),
    service: (realm: string, type: string) =>
      service === null ? undefined : { realm, type, config: service as never },
  };
  const committer = withAccountNotices(
    {
      async commit(changes) {
        for (const { type, entry } of changes) if (type === 'outbox.put') entries.push(entry as OutboxEntry);
        return { committed: true };
      },
    },
    configuration,
  );
  const sender = accountNoticeSender({
    configuration,
    identities: {
      findById: async (id) =>
        id === 'nobody'
          ? undefined
          : { id, realm: '/', username: '$& {time}', active: true, rev: 1, credentialRev: 1, attributes },
    },
    mailer: {
      async send(mail) {
        sent.push(mail);
        return result;
      },
    },
    publicUrl: 'https://id.example.org/am',
  });
  return {
    sent,
    entries,
    sender,
    /** Commits, and sends what the commit has put into the outbox. */
    async commit(...events: readonly (Partial<AuditEvent> & { readonly event: string })[]) {
      const changes: readonly Change[] = events.map((event) => ({
        type: 'audit.append',
        event: { at: AT, realm: '/', transactionId: 't', userId: 'u', ...event },
      }));
      await committer.commit([{ type: 'session.endAllOf', userId: 'u' }, ...changes]);
      return Promise.all(entries.splice(0).map((entry) => sender.send(newOutboxRow(entry))));
    },
  };
};

test.each([
  ['the realm has no mail service', { service: null }, 'DEVICE_ADD'],
  ['the user has no address', { attributes: {} }, 'DEVICE_ADD'],
  ['nothing happened that a user is told of', {}, 'SESSION_END'],
])('mails nothing where %s', async (_what, given, event) => {
  const it = setUp(given);
  const came = await it.commit({ event });
  expect(it.sent).toEqual([]);
  expect(came.every(({ status }) => status === 'settled')).toBe(true);
});

test('a notice is part of the commit that it tells of, whatever becomes of that (OPS-43, SEC-13)', async () => {
  const committer = withAccountNotices(
    { commit: async (changes) => ({ committed: false, refused: changes.map(({ type }) => type).join(' ') }) },
    { service: (realm, type) => ({ realm, type, config: {} }) },
  );
  const event: AuditEvent = { at: AT, realm: '/', transactionId: 't', userId: 'u', event: 'MFA_RESET' };
  const result = await committer.commit([{ type: 'audit.append', event }]);
  expect(result).toEqual({ committed: false, refused: 'audit.append outbox.put' });
});

test('the same commit, done again, tells once; another one tells again', async () => {
  const ids: string[] = [];
  const committer = withAccountNotices(
    {
      async commit(changes) {
        for (const { entry } of changes) if (entry !== undefined) ids.push((entry as OutboxEntry).id);
        return { committed: true };
      },
    },
    { service: (realm, type) => ({ realm, type, config: {} }) },
  );
  const event: AuditEvent = { at: AT, realm: '/', transactionId: 't', userId: 'u', event: 'MFA_RESET' };
  for (const at of [AT, AT, AT + 1]) await committer.commit([{ type: 'audit.append', event: { ...event, at } }]);
  expect(new Set(ids).size).toBe(2);
});

test('mails nothing to a user who is gone, and about nobody', async () => {
  const it = setUp();
  const { userId: _, ...ofNobody } = { event: 'DEVICE_ADD', userId: 'u' };
  await it.commit({ event: 'MFA_RESET', userId: 'nobody' });
  await it.commit({ ...ofNobody, userId: undefined } as never);
  expect(it.sent).toEqual([]);
});

test('is tried again where the mail cannot be sent, and the trail does not say where to', async () => {
  const it = setUp({ result: { status: 'refused', cause: 'no such host' } });
  const came = await it.commit({ event: 'DEVICE_REMOVE' });
  expect(came).toEqual([{ status: 'failed', cause: 'no such host' }]);
  const entry: OutboxEntry = {
    id: 'e',
    kind: 'notice',
    realm: '/',
    recipient: 'mail server',
    userId: 'u',
    payload: JSON.stringify({ at: AT, transactionId: 't', events: ['DEVICE_REMOVE', 'MFA_RESET'] }),
  };
  expect(it.sender.audit(newOutboxRow(entry), 7, 'sent')).toEqual({
    type: 'audit.append',
    event: {
      at: 7,
      event: 'MAIL',
      realm: '/',
      transactionId: 't',
      outcome: 'sent',
      detail: { notice: 'DEVICE_REMOVE MFA_RESET' },
      userId: 'u',
    },
  });
});

test('mails one notice of all that a commit did, each said once, with the way to the account (SEC-13)', async () => {
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

test('mails once a day that a passkey counts as a copy of it does (spec: webauthn §10.3)', async () => {
  const it = setUp();
  await it.commit({ event: 'PASSKEY_COUNTER', outcome: 'accepted', detail: { device: 'd1' } });
  await it.commit({ event: 'PASSKEY_COUNTER', outcome: 'accepted', detail: { device: 'd1', again: true } });
  expect(it.sent.map(({ text }) => text.split('\n')[2])).toEqual([
    'A passkey was used as if there were a copy of it. If you do not know why, remove it and add a new one.',
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

test.each(NOTICE_LANGUAGES)(
  'has a sentence of its own for every event in %s, and every value (SEC-13, SEC-47)',
  (language) => {
    const { about, notYou, happened } = noticeTexts[language];
    expect(new Set(NOTICED_EVENTS.map((event) => happened[event])).size).toBe(NOTICED_EVENTS.length);
    expect([about.match(/\{\w+\}/g)?.sort(), notYou.match(/\{\w+\}/g)]).toEqual([['{time}', '{user}'], ['{url}']]);
  },
);
