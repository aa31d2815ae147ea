import { describe, expect, test } from 'vitest';
import { accountOf } from '../rules/throttle-subjects.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  auditEvent,
  boundRow,
  codeRow,
  commit,
  countWinners,
  deviceRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  oathRow,
  passkeyRow,
  refusedAt,
  sessionRow,
} from './rows.ts';

export const describeIdentities = (open: OpenStore): void => {
  describe('identities', () => {
    const store = freshStore(open);

    test('nobody is found in an empty store, and nothing of nobody changes', async () => {
      expect(await store().identities.find('/alpha', 'demo')).toBeUndefined();
      expect(await store().identities.passwordHash('user-1')).toBeUndefined();
      expect(await commit(store(), { type: 'identity.password', id: 'user-1', hash: 'h' })).toEqual(
        refusedAt('identity.password'),
      );
      expect(await commit(store(), { type: 'identity.active', id: 'user-1', active: false })).toEqual(
        refusedAt('identity.active'),
      );
      expect(await commit(store(), { type: 'identity.delete', id: 'user-1' })).toEqual(refusedAt('identity.delete'));
    });

    test.each(['demo', 'DEMO', 'ｄｅｍｏ'])(
      'the name is taken in its realm, also spelled %s (SEC-60)',
      async (username) => {
        await mustCommit(store(), newUser());
        expect(await commit(store(), newUser({ id: 'user-2', username }))).toEqual(refusedAt('identity.insert'));
        expect(await store().identities.find('/alpha', username)).toMatchObject({ id: 'user-1', username: 'demo' });
      },
    );

    test('the same name in another realm is another user', async () => {
      await mustCommit(store(), newUser(), newUser({ id: 'user-2', realm: '/' }));
      expect(await store().identities.find('/', 'demo')).toMatchObject({ id: 'user-2', realm: '/' });
      expect((await store().identities.page('/alpha', { limit: 9 })).users.map(({ id }) => id)).toEqual(['user-1']);
    });

    test('an id is never used twice', async () => {
      await mustCommit(store(), newUser());
      expect(await commit(store(), newUser({ username: 'other' }))).toEqual(refusedAt('identity.insert'));
    });

    test('a new user is active, has the attributes given and a password only where one was given', async () => {
      await mustCommit(store(), newUser(), newUser({ id: 'user-2', username: 'other', hash: 'h' }));
      expect(await store().identities.findById('user-1')).toEqual({
        id: 'user-1',
        realm: '/alpha',
        username: 'demo',
        active: true,
        attributes: { mail: ['demo@example.com'] },
        rev: 1,
        credentialRev: 1,
      });
      expect(await store().identities.passwordHash('user-1')).toBeUndefined();
      expect(await store().identities.passwordHash('user-2')).toBe('h');
    });

    test('a change of attributes leaves those it does not name, and an empty list removes one', async () => {
      await mustCommit(store(), newUser());
      const change = (seenRev: number, attributes: Record<string, readonly string[]>) =>
        mustCommit(store(), { type: 'identity.attributes', id: 'user-1', seenRev, attributes });
      await change(1, { push2faEnabled: ['2'], cn: ['Demo', 'User'] });
      expect((await store().identities.findById('user-1'))?.attributes).toEqual({
        mail: ['demo@example.com'],
        push2faEnabled: ['2'],
        cn: ['Demo', 'User'],
      });
      await change(2, { mail: [], cn: ['Demo'] });
      expect((await store().identities.findById('user-1'))?.attributes).toEqual({
        push2faEnabled: ['2'],
        cn: ['Demo'],
      });
    });

    describe('a look-up by an attribute', () => {
      const namesOf = async (attribute: string, value: string, realm = '/alpha') =>
        (await store().identities.findByAttribute(realm, attribute, value)).map(({ username }) => username);

      test.each([
        ['mail', 'demo@example.com', ['demo']],
        ['mail', 'DEMO@Example.com', ['demo']],
        ['mail', 'ｄｅｍｏ@example.com', ['demo']],
        ['mail', 'demo@example.co', []],
        ['mail', '%', []],
        ['cn', 'demo@example.com', []],
      ])('%s of %s finds %j', async (attribute, value, names) => {
        await mustCommit(store(), newUser());
        expect(await namesOf(attribute, value)).toEqual(names);
        expect(await namesOf(attribute, value, '/')).toEqual([]);
      });

      test('finds each of several values, and follows every change', async () => {
        await mustCommit(store(), newUser());
        const change = (seenRev: number, mail: readonly string[]) =>
          mustCommit(store(), { type: 'identity.attributes', id: 'user-1', seenRev, attributes: { mail } });
        await change(1, ['a@example.com', 'A@example.com', 'b@example.com']);
        expect(await namesOf('mail', 'a@example.com')).toEqual(['demo']);
        expect(await namesOf('mail', 'b@example.com')).toEqual(['demo']);
        expect(await namesOf('mail', 'demo@example.com')).toEqual([]);
        await mustCommit(store(), {
          type: 'identity.attributes',
          id: 'user-1',
          seenRev: 2,
          attributes: { cn: ['Demo'] },
        });
        expect(await namesOf('mail', 'b@example.com')).toEqual(['demo']);
        await change(3, []);
        expect(await namesOf('mail', 'b@example.com')).toEqual([]);
      });

      test('gives two of many, which is enough to know that the value names nobody', async () => {
        for (const id of ['user-1', 'user-2', 'user-3']) await mustCommit(store(), newUser({ id, username: id }));
        expect(await namesOf('mail', 'demo@example.com')).toHaveLength(2);
      });

      test.each([
        ['mail', 'demo@example.com', 'assentClaimedMail'],
        ['telephoneNumber', '+49 1', 'assentClaimedTelephoneNumber'],
      ])(
        'of a %s has the users who only claim it last, however many there are (SEC-87)',
        async (attribute, value, claim) => {
          const having = (id: string, more: Record<string, readonly string[]>) =>
            mustCommit(store(), newUser({ id, username: id, attributes: { [attribute]: [value], ...more } }));
          const claims = { [claim]: ['2026-12-01T09:00:00.000Z'] };
          for (const id of ['user-1', 'user-2', 'user-3']) await having(id, claims);
          expect(await namesOf(attribute, value)).toHaveLength(2);
          // The text of a claim in another attribute is none, nor is the claim of another address.
          const other = claim === 'assentClaimedMail' ? 'assentClaimedTelephoneNumber' : 'assentClaimedMail';
          await having('user-4', { cn: [`"${claim}":["x"]`], [other]: claims[claim] ?? [] });
          expect((await namesOf(attribute, value))[0]).toBe('user-4');
          await having('user-5', {});
          expect([...(await namesOf(attribute, value))].toSorted()).toEqual(['user-4', 'user-5']);
        },
      );

      test('never goes by what is secret', async () => {
        await mustCommit(store(), newUser());
        await mustCommit(store(), {
          type: 'identity.attributes',
          id: 'user-1',
          seenRev: 1,
          attributes: { kbaInfo: ['hash'] },
        });
        expect(await namesOf('kbaInfo', 'hash')).toEqual([]);
      });

      test('leaves out long values and deleted users', async () => {
        await mustCommit(store(), newUser());
        const long = 'x'.repeat(257);
        await mustCommit(store(), {
          type: 'identity.attributes',
          id: 'user-1',
          seenRev: 1,
          attributes: { note: [long, long.slice(1)] },
        });
        expect(await namesOf('note', long)).toEqual([]);
        expect(await namesOf('note', long.slice(1))).toEqual(['demo']);
        await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
        expect(await namesOf('note', long.slice(1))).toEqual([]);
        await mustCommit(store(), newUser({ id: 'user-2' }));
        expect(await namesOf('note', long.slice(1))).toEqual([]);
      });

      test('finds nothing of a commit that was refused', async () => {
        await mustCommit(store(), newUser());
        const lost = { type: 'identity.attributes', id: 'user-1', seenRev: 9, attributes: {} } as const;
        const change = { ...lost, seenRev: 1, attributes: { mail: ['new@example.com'] } };
        expect(await commit(store(), change, lost)).toEqual(refusedAt('identity.attributes'));
        expect(await namesOf('mail', 'new@example.com')).toEqual([]);
        expect(await namesOf('mail', 'demo@example.com')).toEqual(['demo']);
      });
    });

    test('of 50 changes of attributes seen at one rev, one wins', async () => {
      await mustCommit(store(), newUser());
      const commits = Array.from({ length: 50 }, (_, at) => [
        { type: 'identity.attributes', id: 'user-1', seenRev: 1, attributes: { count: [String(at)] } } as const,
      ]);
      expect(await countWinners(store(), commits)).toBe(1);
      expect(await store().identities.findById('user-1')).toMatchObject({ rev: 2 });
    });

    test('a hash is made anew where it is still the one seen, and the credentials stay the same', async () => {
      await mustCommit(store(), newUser({ hash: 'old' }));
      const stale = { type: 'identity.rehash', id: 'user-1', hash: 'new', seenHash: 'older' } as const;
      expect(await commit(store(), stale)).toEqual(refusedAt('identity.rehash'));
      expect(await store().identities.passwordHash('user-1')).toBe('old');
      await mustCommit(store(), { ...stale, seenHash: 'old' });
      expect(await store().identities.passwordHash('user-1')).toBe('new');
      expect(await store().identities.findById('user-1')).toMatchObject({ rev: 1, credentialRev: 1 });
    });

    test('a hash is not made anew for somebody who has none', async () => {
      await mustCommit(store(), newUser());
      const change = { type: 'identity.rehash', id: 'user-1', hash: 'new', seenHash: 'old' } as const;
      expect(await commit(store(), change)).toEqual(refusedAt('identity.rehash'));
    });

    test('of 50 passwords set over the credentials seen, one is set', async () => {
      await mustCommit(store(), newUser({ hash: 'old' }));
      const commits = Array.from({ length: 50 }, (_, at) => [
        { type: 'identity.password', id: 'user-1', hash: String(at), seenCredentialRev: 1 } as const,
      ]);
      expect(await countWinners(store(), commits)).toBe(1);
      expect(await store().identities.findById('user-1')).toMatchObject({ rev: 1, credentialRev: 2 });
    });

    test('a password whatever was there, and a revocation, are other credentials', async () => {
      await mustCommit(store(), newUser({ hash: 'old' }));
      expect(await commit(store(), { type: 'identity.revoke', id: 'user-2' })).toEqual(refusedAt('identity.revoke'));
      await mustCommit(store(), { type: 'identity.password', id: 'user-1', hash: 'new' });
      expect(await store().identities.find('/alpha', 'demo')).toMatchObject({ credentialRev: 2 });
      await mustCommit(store(), { type: 'identity.revoke', id: 'user-1' });
      expect(await store().identities.find('/alpha', 'demo')).toMatchObject({ rev: 1, credentialRev: 3 });
      expect(await store().identities.passwordHash('user-1')).toBe('new');
    });

    test.each([
      ['nobody', { id: 'user-2', credentialRev: 1 }],
      ['other credentials', { id: 'user-1', credentialRev: 2 }],
    ])('a commit for an account in use is refused for %s', async (_what, given) => {
      await mustCommit(store(), newUser());
      expect(await commit(store(), { type: 'identity.usable', ...given })).toEqual(refusedAt('identity.usable'));
    });

    test('a commit for an account in use sees what the commit itself has changed', async () => {
      await mustCommit(
        store(),
        newUser(),
        { type: 'identity.usable', id: 'user-1', credentialRev: 1 },
        { type: 'identity.password', id: 'user-1', hash: 'new' },
        { type: 'identity.usable', id: 'user-1', credentialRev: 2 },
      );
      const locks = { type: 'identity.active', id: 'user-1', active: false } as const;
      const usable = { type: 'identity.usable', id: 'user-1', credentialRev: 2 } as const;
      expect(await commit(store(), locks, usable)).toEqual(refusedAt('identity.usable'));
      await mustCommit(store(), locks);
      expect(await commit(store(), usable)).toEqual(refusedAt('identity.usable'));
      // What the lock has ended does not come back with the account (SEC-90).
      expect(await commit(store(), { ...locks, active: true }, usable)).toEqual(refusedAt('identity.usable'));
      await mustCommit(store(), { ...locks, active: true }, { ...usable, credentialRev: 3 });
    });

    test.each([
      ['nobody', { id: 'nobody', seenRev: 1 }],
      ['another state', { id: 'user-1', seenRev: 2 }],
    ])('a commit for a user as seen is refused for %s (A3)', async (_what, given) => {
      await mustCommit(store(), newUser());
      const type = 'identity.unchanged';
      expect(await commit(store(), { type, ...given })).toEqual(refusedAt(type));
      await mustCommit(store(), { type, id: 'user-1', seenRev: 1 }, { type, id: 'user-1', seenRev: 1 });
      await mustCommit(store(), { type: 'identity.active', id: 'user-1', active: false });
      expect(await commit(store(), { type, id: 'user-1', seenRev: 1 })).toEqual(refusedAt(type));
    });

    test('an identity that is switched off says so', async () => {
      await mustCommit(store(), newUser(), { type: 'identity.active', id: 'user-1', active: false });
      expect(await store().identities.find('/alpha', 'demo')).toMatchObject({ active: false, rev: 2 });
    });

    test('a deleted user leaves no device, code, message, session or counter, but keeps the audit trail', async () => {
      await mustCommit(
        store(),
        newUser({ hash: 'h' }),
        { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
        { type: 'oath.insert', row: oathRow(), maxDevices: 5 },
        { type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 },
        { type: 'bound.insert', row: boundRow(), maxDevices: 5 },
        { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] },
        { type: 'push.open', rows: [messageRow()] },
        { type: 'session.insert', row: sessionRow() },
        { type: 'throttle.put', row: { subject: 'password:user-1', hits: [NOW], lockedUntil: 0, rev: 0 } },
        { type: 'throttle.put', row: { subject: 'password:user-10', hits: [NOW], lockedUntil: 0, rev: 0 } },
        { type: 'throttle.put', row: { subject: 'password:User-1', hits: [NOW], lockedUntil: 0, rev: 0 } },
        {
          type: 'throttle.put',
          row: { subject: `password:${accountOf('/alpha', 'Demo')}:203.0.113.7`, hits: [NOW], lockedUntil: 0, rev: 0 },
        },
        {
          type: 'throttle.put',
          row: { subject: `strangers:${accountOf('/', 'demo')}`, hits: [NOW], lockedUntil: 0, rev: 0 },
        },
        { type: 'audit.append', event: auditEvent() },
      );
      await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
      expect(await store().identities.find('/alpha', 'demo')).toBeUndefined();
      expect(await store().identities.passwordHash('user-1')).toBeUndefined();
      expect(await store().devices.get('device-1')).toBeUndefined();
      expect(await store().oathDevices.get('oath-1')).toBeUndefined();
      expect(await store().passkeys.get('passkey-1')).toBeUndefined();
      expect(await store().boundDevices.get('/alpha', 'kid-1')).toBeUndefined();
      expect(await store().devices.countCodes('user-1', 'push')).toBe(0);
      expect(await store().messages.get('AUTHENTICATE:1')).toBeUndefined();
      expect(await store().sessions.get('token-1')).toBeUndefined();
      const subjects = [
        'password:user-1',
        'password:user-10',
        'password:User-1',
        `password:${accountOf('/alpha', 'Demo')}:203.0.113.7`,
        `strangers:${accountOf('/', 'demo')}`,
      ];
      const counters = await store().throttles.get(subjects);
      expect(counters.map((row) => row.subject)).toEqual([
        'password:user-10',
        'password:User-1',
        `strangers:${accountOf('/', 'demo')}`,
      ]);
      expect(await store().audit.ofUser('user-1', 10)).toHaveLength(1);
      await mustCommit(store(), newUser({ id: 'user-2' }));
    });
  });
};
