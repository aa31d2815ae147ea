import { type AuditEvent, type Change, newOutboxRow, type OutboxEntry } from '@assent/engine/host';
import { simulatedClock, testRealm } from '@assent/engine/testing';
import type { Mail, MailResult } from '@assent/nodes';
import { openMemoryStore } from '@assent/store';
import { describe, expect, test } from 'vitest';
import { accountNoticeSender, withAccountNotices } from './account-notices.ts';
import { NOTICE_LANGUAGES, NOTICED_EVENTS, noticeTexts } from './notice-texts.ts';

const AT = Date.parse('2026-03-09T14:05:30Z');
const HOUR = 3_600_000;
const MAILED = { mail: ['demo@example.org'] };
const UNPROVEN = { assentAddressChanges: [`mail ${new Date(AT).toISOString()}`] };

const setUp = async ({
  service = { hostname: 'smtp.example.org', from: 'login@example.org' },
  attributes = MAILED,
  result = { status: 'accepted' },
  locale = 'en',
  attributesOf = () => attributes,
}: {
  readonly service?: object | null;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly result?: MailResult;
  readonly locale?: string;
  /** Of each user apart. */
  readonly attributesOf?: (id: string) => Readonly<Record<string, readonly string[]>>;
} = {}) => {
  const sent: Mail[] = [];
  const entries: OutboxEntry[] = [];
  const configuration = {
    realm: () => testRealm({ locale }),
    service: (realm: string, type: string) =>
      service === null ? undefined : { realm, type, config: service as never },
  };
  const identities = {
    findById: async (id: string) =>
      id === 'nobody'
        ? undefined
        : {
            id,
            realm: '/',
            username: '$& {time}',
            active: true,
            rev: 1,
            credentialRev: 1,
            attributes: attributesOf(id),
          },
  };
  const committer = withAccountNotices(
    {
      async commit(changes) {
        for (const { type, entry } of changes) if (type === 'outbox.put') entries.push(entry as OutboxEntry);
        return { committed: true };
      },
    },
    { configuration, identities },
  );
  const clock = simulatedClock(AT);
  const store = await openMemoryStore();
  const sender = accountNoticeSender({
    clock,
    throttles: store.throttles,
    committer: store.committer,
    configuration,
    identities,
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
    clock,
    entries,
    committer,
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
  const it = await setUp(given);
  const came = await it.commit({ event });
  expect(it.sent).toEqual([]);
  expect(came.every(({ status }) => status === 'settled')).toBe(true);
});

const SERVED = {
  configuration: { service: (realm: string, type: string) => ({ realm, type, config: {} }) },
  identities: { findById: async () => undefined },
};

test('a notice is part of the commit that it tells of, whatever becomes of that (OPS-43, SEC-13)', async () => {
  const committer = withAccountNotices(
    { commit: async (changes) => ({ committed: false, refused: changes.map(({ type }) => type).join(' ') }) },
    SERVED,
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
    SERVED,
  );
  const event: AuditEvent = { at: AT, realm: '/', transactionId: 't', userId: 'u', event: 'MFA_RESET' };
  for (const at of [AT, AT, AT + 1]) await committer.commit([{ type: 'audit.append', event: { ...event, at } }]);
  expect(new Set(ids).size).toBe(2);
});

test('mails nothing to a user who is gone, and about nobody', async () => {
  const it = await setUp();
  const { userId: _, ...ofNobody } = { event: 'DEVICE_ADD', userId: 'u' };
  await it.commit({ event: 'MFA_RESET', userId: 'nobody' });
  await it.commit({ ...ofNobody, userId: undefined } as never);
  expect(it.sent).toEqual([]);
});

test('is tried again where the mail cannot be sent, and the trail does not say where to', async () => {
  const it = await setUp({ result: { status: 'refused', cause: 'no such host' } });
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
  const it = await setUp();
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
  const it = await setUp();
  await it.commit({ event: 'TOKEN_REUSE', outcome: 'ended', detail: { client: 'planner' } });
  expect(it.sent.map(({ text }) => text.split('\n')[2])).toEqual([
    'Somebody used an old key of an app. We signed the app out; the account page says which.',
  ]);
});

test('mails once a day that a passkey counts as a copy of it does (spec: webauthn §10.3)', async () => {
  const it = await setUp();
  await it.commit({ event: 'PASSKEY_COUNTER', outcome: 'accepted', detail: { device: 'd1' } });
  await it.commit({ event: 'PASSKEY_COUNTER', outcome: 'accepted', detail: { device: 'd1', again: true } });
  expect(it.sent.map(({ text }) => text.split('\n')[2])).toEqual([
    'A passkey was used as if there were a copy of it. If you do not know why, remove it and add a new one.',
  ]);
});

test('mails each user of a commit apart', async () => {
  const it = await setUp();
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
    const it = await setUp({ attributes: { ...MAILED, ...preference }, locale });
    await it.commit({ event: 'DEVICE_ADD' });
    expect(it.sent[0]?.subject).toBe(noticeTexts[language].subject);
  },
);

test.each(NOTICE_LANGUAGES)(
  'has a sentence of its own for every event in %s, and every value (SEC-13, SEC-47)',
  (language) => {
    const { about, aboutUnproven, notYou, happened } = noticeTexts[language];
    expect(aboutUnproven.match(/\{\w+\}/g)).toEqual(['{time}']);
    expect(new Set(NOTICED_EVENTS.map((event) => happened[event])).size).toBe(NOTICED_EVENTS.length);
    expect([about.match(/\{\w+\}/g)?.sort(), notYou.match(/\{\w+\}/g)]).toEqual([['{time}', '{user}'], ['{url}']]);
  },
);

describe('the address of a notice', () => {
  const recipientsAt = async (attributes: Readonly<Record<string, readonly string[]>> | Error, ...sets: object[]) => {
    const to: unknown[] = [];
    const committer = withAccountNotices(
      {
        async commit(changes) {
          for (const { type, entry } of changes) {
            if (type !== 'outbox.put') continue;
            const kept = JSON.parse((entry as OutboxEntry).payload);
            to.push([kept.to, kept.isProven]);
          }
          return { committed: true };
        },
      },
      {
        ...SERVED,
        identities: {
          findById: async () => {
            if (attributes instanceof Error) throw attributes;
            return { id: 'u', realm: '/', username: 'jane', active: true, rev: 1, credentialRev: 1, attributes };
          },
        },
      },
    );
    const event = { at: AT, realm: '/', transactionId: 't', userId: 'u', event: 'USER_ADDRESS_SET' };
    await committer.commit([...(sets as Change[]), { type: 'audit.append', event }]);
    return to;
  };
  const set = (attributes: object) => ({ type: 'identity.attributes', id: 'u', seenRev: 1, attributes });
  const time = new Date(AT).toISOString();

  test('is decided by the commit: a change of the user later does not redirect it (SEC-13)', async () => {
    const attributes = { mail: ['jane@example.org'] };
    const it = await setUp({ attributesOf: () => attributes });
    const event: AuditEvent = { at: AT, realm: '/', transactionId: 't', userId: 'u', event: 'DEVICE_ADD' };
    await it.committer.commit([{ type: 'audit.append', event }]);
    attributes.mail = ['thief@attacker.example'];
    for (const entry of it.entries) await it.sender.send(newOutboxRow(entry));
    expect(it.sent.map(({ to }) => to)).toEqual(['jane@example.org']);
  });

  test('is the one of a user whom the commit makes', async () => {
    const attributes = { mail: ['new@example.org'], assentClaimedMail: [time] };
    expect(await recipientsAt({}, { type: 'identity.insert', id: 'u', attributes })).toEqual([
      ['new@example.org', false],
    ]);
  });

  test('is told once where the user has it in several spellings, and keeps that it was proven (SEC-13)', async () => {
    const former = { assentFormerMail: [`${time} proven Jane <jane@example.org>`] };
    const mail = ['JANE@example.org', 'thief@attacker.example'];
    expect(await recipientsAt({ mail: ['jane@example.org'] }, set({ mail, ...UNPROVEN, ...former }))).toEqual([
      ['jane@example.org', true],
    ]);
  });

  test('is left to the sender while the directory of the user cannot be read, but for a change of the address (SEC-13)', async () => {
    const down = new Error('The directory does not answer.');
    expect(await recipientsAt(down, set({ sn: ['Doe'] }))).toEqual([[undefined, undefined]]);
    await expect(recipientsAt(down, set({ mail: ['thief@attacker.example'] }))).rejects.toThrow(down);
  });

  test.each([
    ['the former one within 7 days of a change that proves nothing', 'jane@example.org', 0],
    ['the one that the user has after that', 'thief@attacker.example', 7 * 24],
  ])('that no commit has said is %s (SEC-13)', async (_what, to, hours) => {
    const attributes = { mail: ['thief@attacker.example'], assentFormerMail: [`${time} proven jane@example.org`] };
    const it = await setUp({ attributes });
    it.clock.advance(hours * HOUR);
    const payload = JSON.stringify({ at: AT, transactionId: 't', events: ['DEVICE_ADD'] });
    await it.sender.send(
      newOutboxRow({ id: 'e', kind: 'notice', realm: '/', recipient: 'mail server', userId: 'u', payload }),
    );
    expect(it.sent.map((mail) => mail.to)).toEqual([to]);
  });
});

/** How many of so many notices are mailed, one a second, each of a commit of its own. */
const noticesOf = async (it: Awaited<ReturnType<typeof setUp>>, count: number, userId = 'u'): Promise<number> => {
  const before = it.sent.length;
  for (let number = 0; number < count; number += 1) {
    it.clock.advance(1_000);
    await it.commit({ event: 'DEVICE_RENAME', at: it.clock.now(), userId });
  }
  return it.sent.length - before;
};

test('mails 10 notices an hour and 30 a day to one address (SEC-13)', async () => {
  const it = await setUp();
  const hours: number[] = [];
  for (let hour = 0; hour < 25; hour += 1) {
    hours.push(await noticesOf(it, 20));
    it.clock.advance(HOUR);
  }
  expect(hours.slice(0, 5)).toEqual([10, 10, 10, 0, 0]);
  expect(hours.slice(3, 23).every((count) => count === 0)).toBe(true);
  expect(hours[24]).toBe(10);
});

test('settles a notice beyond the bound, so that the audit log has it as not sent (SEC-13)', async () => {
  const it = await setUp();
  await noticesOf(it, 10);
  expect(await it.commit({ event: 'DEVICE_ADD' })).toEqual([{ status: 'settled', outcome: 'too many' }]);
});

test('counts notices that are sent at once, and takes back those that were not sent (SEC-13)', async () => {
  const it = await setUp();
  const events = Array.from({ length: 25 }, (_, number) => ({ event: 'DEVICE_ADD', at: AT + number }));
  const came = await Promise.all(events.map((event) => it.commit(event)));
  expect(came.flat().length).toBeGreaterThan(10);
  expect(it.sent).toHaveLength(10);

  const refusing = await setUp({ result: { status: 'refused', cause: 'no such host' } });
  expect(await noticesOf(refusing, 40)).toBe(40);
});

test('counts all spellings of an address that is not proven together, of all users who claim it (SEC-13)', async () => {
  const spellings = ['victim@third.example', 'Victim@THIRD.example', 'You have won <victim@third.example>'];
  const it = await setUp({ attributesOf: (id) => ({ ...UNPROVEN, mail: [spellings[Number(id)] ?? ''] }) });
  for (const id of ['0', '1', '2']) expect(await noticesOf(it, 20, id)).toBe(3);
  for (let id = 3; id < 20; id += 1) {
    spellings[id] = spellings[id % 3] ?? '';
    await noticesOf(it, 20, String(id));
  }
  expect(it.sent).toHaveLength(30);
});

test('of all who claim an address, one keeps no notice from another, who may be its owner (SEC-13)', async () => {
  const it = await setUp({ attributes: { ...MAILED, ...UNPROVEN } });
  expect(await noticesOf(it, 20, 'mallory')).toBe(3);
  expect(await noticesOf(it, 3, 'jane')).toBe(3);
});

test('of others who claim an address, none keeps a notice from the user whose address it is (SEC-13)', async () => {
  const it = await setUp({ attributesOf: (id) => (id === 'jane' ? MAILED : { ...MAILED, ...UNPROVEN }) });
  expect(await noticesOf(it, 20, 'mallory')).toBe(3);
  expect(await noticesOf(it, 5, 'jane')).toBe(5);
});

test.each(NOTICE_LANGUAGES)(
  'writes no text of the user to an address that is not proven, in %s (SEC-13)',
  async (locale) => {
    const mail = ['Open evil.example now <victim@third.example>'];
    const texts = async (attributes: Readonly<Record<string, readonly string[]>>) => {
      const it = await setUp({ attributes, locale });
      await it.commit({ event: 'USER_ADDRESS_SET' });
      return JSON.stringify(it.sent);
    };
    for (const mark of [UNPROVEN, { assentClaimedMail: [new Date(AT - 30 * 24 * HOUR).toISOString()] }]) {
      const texted = await texts({ ...mark, mail });
      for (const text of ['evil', '$&', '{time}', '{user}']) expect(texted).not.toContain(text);
      expect(texted).toContain('"to":"victim@third.example"');
    }
    expect(await texts({ mail })).toContain('$& {time}');
  },
);
