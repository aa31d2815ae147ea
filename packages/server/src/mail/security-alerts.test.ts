import { type AuditEvent, type Change, newOutboxRow, type OutboxEntry, readWebhookEntry } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import type { Mail } from '@assent/nodes';
import { expect, test } from 'vitest';
import { NOTICE_LANGUAGES } from './notice-texts.ts';
import { SECURITY_ALERT, securityAlertSender, withSecurityAlerts } from './security-alerts.ts';

const AT = Date.parse('2026-03-09T14:05:30Z');
const FIRST = 'security@example.org';
const SECOND = 'desk@example.org';

const setUp = (settings: Parameters<typeof testRealm>[0] = { alertMail: [FIRST, SECOND], alertWebhooks: ['siem'] }) => {
  const commits: (readonly Change[])[] = [];
  const sent: Mail[] = [];
  let looks = 0;
  const configuration = {
    realm: (path: string) => (path === '/' ? testRealm(settings) : undefined),
    service: (realm: string, type: string) => ({
      realm,
      type,
      config: { hostname: 'smtp.example.org', from: 'login@example.org' } as never,
    }),
  };
  const committer = withSecurityAlerts(
    {
      async commit(changes) {
        commits.push(changes);
        return { committed: true };
      },
    },
    {
      configuration,
      identities: {
        findById: async (id) => {
          looks += 1;
          return id === 'nobody'
            ? undefined
            : { id, realm: '/', username: '$& {time}', active: true, rev: 1, credentialRev: 1, attributes: {} };
        },
      },
    },
  );
  const sender = securityAlertSender({
    configuration,
    mailer: {
      async send(mail) {
        sent.push(mail);
        return { status: 'accepted' };
      },
    },
  });
  const commit = async (given: Partial<AuditEvent>): Promise<readonly OutboxEntry[]> => {
    const event: AuditEvent = { at: AT, realm: '/', transactionId: 't', userId: 'u', event: 'PUSH_ALERT', ...given };
    await committer.commit([{ type: 'audit.append', event }]);
    return (commits.at(-1) ?? []).flatMap(({ type, entry }) => (type === 'outbox.put' ? [entry as OutboxEntry] : []));
  };
  return { commit, commits, sender, sent, looks: () => looks };
};

test.each<[string, Partial<AuditEvent>, Parameters<typeof testRealm>[0]?]>([
  ['a realm that names nobody', {}, { alertMail: [], alertWebhooks: [] }],
  ['a realm that is gone', { realm: '/gone' }],
  ['a user who is gone', { userId: 'nobody' }],
  ['a denial without more', { event: 'PUSH_DENIED', outcome: 'not_me' }],
])('nobody is told of %s, and the commit is made', async (_what, event, settings) => {
  const { commit, commits } = setUp(settings);
  expect(await commit(event)).toEqual([]);
  expect(commits).toHaveLength(1);
});

test('a commit of anything else looks nobody up', async () => {
  const { commit, looks } = setUp();
  await commit({ event: 'PUSH_ANSWERED' });
  expect(looks()).toBe(0);
});

test('the commit of an alert tells each address and webhook of the realm once (SEC-26)', async () => {
  const { commit, sender, sent } = setUp();
  const entries = await commit({ outcome: 'not-me' });
  expect(entries.map(({ kind, recipient }) => [kind, recipient])).toEqual([
    [SECURITY_ALERT, 'mail server'],
    [SECURITY_ALERT, 'mail server'],
    ['webhook', 'siem'],
  ]);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
  // However many one user brings about, there are places left for those of others.
  expect(entries.map(({ mostOfUser }) => mostOfUser)).toEqual([500, 500, 500]);
  expect(new Set((await commit({ outcome: 'not-me' })).map(({ id }) => id))).toEqual(
    new Set(entries.map(({ id }) => id)),
  );
  const [mail, , call] = entries;
  if (mail === undefined || call === undefined) throw new Error('nothing');
  expect(readWebhookEntry(call)).toEqual({
    event: 'PUSH_ALERT',
    userId: 'u',
    username: '$& {time}',
    properties: { Outcome: 'not-me', TransactionId: 't', Time: '2026-03-09T14:05:30.000Z' },
  });
  expect(await sender.send(newOutboxRow(mail))).toEqual({ status: 'settled', outcome: 'sent' });
  expect(sent[0]).toMatchObject({ to: FIRST, subject: 'Somebody may be attacking an account' });
  expect(sent[0]?.text).toContain('Account $& {time}, realm /, 2026-03-09 14:05 UTC:');
  expect(sender.audit(newOutboxRow(mail), AT, 'sent')).toMatchObject({
    event: { event: 'MAIL', outcome: 'sent', userId: 'u', detail: { alert: 'PUSH_ALERT' } },
  });
});

test.each(NOTICE_LANGUAGES)('what happened is told apart, in the language of the realm: %s', async (locale) => {
  const { commit, sender, sent } = setUp({ locale, alertMail: [FIRST] });
  for (const event of [{ outcome: 'not-me' }, { outcome: 'too-late' }, { event: 'PUSH_PAUSED', outcome: 'phone' }]) {
    for (const entry of await commit(event)) await sender.send(newOutboxRow(entry));
  }
  expect(new Set(sent.map(({ text }) => text)).size).toBe(3);
  for (const { text } of sent) expect(text).toContain('2026-03-09 14:05 UTC');
});
