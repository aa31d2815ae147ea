import type { Passkey, PasskeyChange } from '@assent/factors';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { codeRow, commit, countWinners, mustCommit, NOW, newUser, passkeyRow, refusedAt } from '../rows.ts';

type Used = Extract<PasskeyChange, { type: 'passkey.used' }>;

export const describePasskeys = (open: OpenStore): void => {
  describe('passkeys', () => {
    const store = freshStore(open);
    const insert = (given: Partial<Passkey> = {}, maxDevices = 5) =>
      ({ type: 'passkey.insert', row: passkeyRow(given), maxDevices }) as const;
    const used = (given: Partial<Used> = {}): Used => ({
      type: 'passkey.used',
      uuid: 'passkey-1',
      signCount: 8,
      mismatch: false,
      userVerified: false,
      backedUp: false,
      at: NOW + 5,
      ...given,
    });
    const codes = () =>
      ({
        type: 'codes.replace',
        userId: 'user-1',
        deviceType: 'webauthn',
        rows: [codeRow({ id: 'webauthn-code', deviceType: 'webauthn' })],
      }) as const;
    const countCodes = () => store().devices.countCodes('user-1', 'webauthn');
    const stored = () => store().passkeys.get('passkey-1');

    test('that somebody else in the realm has are refused, and in another realm they are not (WA-08)', async () => {
      await mustCommit(store(), insert());
      const others = { uuid: 'other', userId: 'user-2' };
      expect(await commit(store(), insert(others))).toEqual(refusedAt('passkey.insert'));
      expect(await commit(store(), insert({ ...others, userId: 'user-1' }))).toEqual(refusedAt('passkey.insert'));
      expect(await store().passkeys.ofUser('user-2')).toEqual([]);
      await mustCommit(store(), insert({ ...others, realm: '/beta' }));
      expect((await store().passkeys.byCredentialId('/alpha', 'credential-1'))?.uuid).toBe('passkey-1');
      expect((await store().passkeys.byCredentialId('/beta', 'credential-1'))?.uuid).toBe('other');
      expect(await store().passkeys.byCredentialId('/gamma', 'credential-1')).toBeUndefined();
      // Ids differ by case.
      expect(await store().passkeys.byCredentialId('/alpha', 'CREDENTIAL-1')).toBeUndefined();
    });

    test('of 50 that bring one credential at once, one is stored (WA-08)', async () => {
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ uuid: `p-${at}`, userId: `user-${at}` })]);
      expect(await countWinners(store(), commits)).toBe(1);
      expect(await store().passkeys.byCredentialId('/alpha', 'credential-1')).toBeDefined();
    });

    test('of 50 registrations at once, as many are stored as the limit allows (WA-19)', async () => {
      await mustCommit(store(), newUser());
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ uuid: `p-${at}`, credentialId: `c-${at}` }, 3)]);
      expect(await countWinners(store(), commits)).toBe(3);
      await mustCommit(store(), insert({ uuid: 'other', credentialId: 'other', userId: 'user-2' }, 3));
    });

    test('a count that does not follow is refused, and nothing of that use is kept (WA-11)', async () => {
      await mustCommit(store(), insert({ signCount: 7 }));
      for (const signCount of [0, 6, 7]) {
        expect(await commit(store(), used({ signCount, userVerified: true }))).toEqual(refusedAt('passkey.used'));
      }
      expect(await stored()).toEqual(passkeyRow({ signCount: 7 }));
      await mustCommit(store(), used({ signCount: 2 ** 32 - 1 }));
      expect(await stored()).toMatchObject({ signCount: 2 ** 32 - 1, lastAccessAt: NOW + 5 });
    });

    test('a count that is told not to follow stays what it was, with the time of it (WA-11)', async () => {
      await mustCommit(store(), insert({ signCount: 7 }));
      await mustCommit(store(), used({ signCount: 3, mismatch: true, userVerified: true }));
      const marked = { signCount: 7, counterMismatchAt: NOW + 5, lastAccessAt: NOW + 5, userVerified: true };
      expect(await stored()).toEqual(passkeyRow(marked));
      // Of two such, the later one is what is told, whichever was stored first; and a use that counts on leaves the mark.
      await mustCommit(store(), used({ mismatch: true, at: NOW + 4, userVerified: true }), used({ signCount: 9 }));
      expect(await stored()).toEqual(passkeyRow({ ...marked, signCount: 9 }));
    });

    test('of one that does not count, any use follows, and the first count does (WA-11)', async () => {
      await mustCommit(store(), insert({ signCount: 0 }), used({ signCount: 0 }), used({ signCount: 0 }));
      await mustCommit(store(), used({ signCount: 1 }));
      expect(await commit(store(), used({ signCount: 0 }))).toEqual(refusedAt('passkey.used'));
      expect(await stored()).toMatchObject({ signCount: 1 });
    });

    test('of 50 answers with one count at once, one gets in (WA-11)', async () => {
      await mustCommit(store(), newUser(), insert({ signCount: 7 }));
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [used()]),
        ),
      ).toBe(1);
    });

    test('who was verified once stays so, no time goes back, and what is synced is as it is now', async () => {
      await mustCommit(store(), insert({ signCount: 0, lastAccessAt: NOW + 9, backedUp: true }));
      await mustCommit(store(), used({ signCount: 0, userVerified: true, backedUp: false }));
      await mustCommit(store(), used({ signCount: 0, userVerified: false, backedUp: true }));
      expect(await stored()).toMatchObject({ userVerified: true, backedUp: true, lastAccessAt: NOW + 9 });
    });

    test('what another server has not said of one is kept from its first use, and never changes (WA-12)', async () => {
      const { backupEligible: _, rpId: __, ...brought } = passkeyRow({ signCount: 0 });
      await mustCommit(store(), { type: 'passkey.insert', row: brought, maxDevices: 5 });
      expect(await stored()).toEqual(brought);
      await mustCommit(store(), used({ signCount: 0 }));
      expect(await stored()).not.toHaveProperty('backupEligible');
      await mustCommit(store(), used({ signCount: 0, backupEligible: true, rpId: 'example.org' }));
      await mustCommit(store(), used({ signCount: 0, backupEligible: false, rpId: 'example.com' }));
      expect(await stored()).toMatchObject({ backupEligible: true, rpId: 'example.org' });
    });

    test('one that is gone is used, renamed and removed by nobody (WA-32)', async () => {
      await mustCommit(store(), insert(), { type: 'passkey.delete', uuid: 'passkey-1' });
      expect(await commit(store(), used())).toEqual(refusedAt('passkey.used'));
      expect(await commit(store(), used({ mismatch: true }))).toEqual(refusedAt('passkey.used'));
      expect(await commit(store(), { type: 'passkey.update', row: passkeyRow() })).toEqual(refusedAt('passkey.update'));
      expect(await commit(store(), { type: 'passkey.delete', uuid: 'passkey-1' })).toEqual(refusedAt('passkey.delete'));
      await mustCommit(store(), insert());
      expect(await stored()).toEqual(passkeyRow());
    });

    test('a new name is all that a rename changes, and of two that saw one state the first counts (WA-11)', async () => {
      await mustCommit(store(), insert({ signCount: 7 }), used({ signCount: 9 }));
      const row = passkeyRow({ deviceName: 'Clé 🔑', signCount: 0, userVerified: true, credentialId: 'other' });
      await mustCommit(store(), { type: 'passkey.update', row });
      expect(await commit(store(), { type: 'passkey.update', row })).toEqual(refusedAt('passkey.update'));
      expect(await stored()).toEqual(passkeyRow({ deviceName: 'Clé 🔑', signCount: 9, lastAccessAt: NOW + 5, rev: 2 }));
    });

    test('everything of one comes back as it was given, newest first', async () => {
      const rsa: Passkey = passkeyRow({
        uuid: 'new',
        credentialId: 'A'.repeat(1_364),
        deviceName: 'Schlüssel 🔑',
        publicKey: { kty: 'RSA', n: 'n'.repeat(683), e: 'AQAB' },
        algorithm: -257,
        signCount: 2 ** 32 - 1,
        userVerified: true,
        backupEligible: true,
        backedUp: true,
        transports: ['hybrid', 'internal'],
        attachment: 'cross-platform',
        attestation: 'CA',
        counterMismatchAt: NOW + 1,
        createdAt: NOW + 5,
        rev: 3,
      });
      await mustCommit(store(), insert(), { type: 'passkey.insert', row: rsa, maxDevices: 5 });
      await mustCommit(store(), insert({ uuid: 'other', credentialId: 'other', userId: 'user-2' }));
      expect(await store().passkeys.ofUser('user-1')).toEqual([rsa, passkeyRow()]);
    });

    test('those of another relying party are counted up to a limit, without those of which nobody knows it', async () => {
      const names = ['example.com', 'example.org', 'a.example.org', 'zz.example', 'example.org'];
      await mustCommit(store(), ...names.map((rpId, at) => insert({ uuid: `p-${at}`, credentialId: `c-${at}`, rpId })));
      const { rpId: _, ...unknown } = passkeyRow({ uuid: 'unknown', credentialId: 'unknown', userId: 'user-2' });
      await mustCommit(store(), { type: 'passkey.insert', row: unknown, maxDevices: 5 });
      await mustCommit(store(), insert({ uuid: 'elsewhere', userId: 'user-3', realm: '/beta' }));
      const { countOfOtherRelyingParty: count } = store().passkeys;
      expect([await count('/alpha', 'example.org', 9), await count('/alpha', 'example.org', 2)]).toEqual([3, 2]);
      expect([await count('/alpha', 'nowhere', 9), await count('/gamma', 'example.org', 9)]).toEqual([5, 0]);
    });

    test('the codes go with the last one and not before (SEC-48)', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'passkey-2', credentialId: 'credential-2' }), codes());
      await mustCommit(store(), { type: 'passkey.delete', uuid: 'passkey-1' });
      expect(await countCodes()).toBe(1);
      await mustCommit(store(), { type: 'passkey.delete', uuid: 'passkey-2' });
      expect(await countCodes()).toBe(0);
    });

    test('deleting all of a user takes the codes too, and leaves the codes of phones and other users', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'other', credentialId: 'other', userId: 'user-2' }), codes(), {
        type: 'codes.replace',
        userId: 'user-1',
        deviceType: 'push',
        rows: [codeRow()],
      });
      expect((await store().devices.codesOfUser('user-1')).map(({ deviceType }) => deviceType).sort()).toEqual([
        'push',
        'webauthn',
      ]);
      await mustCommit(store(), { type: 'passkey.deleteAll', userId: 'user-1' });
      expect(await store().passkeys.ofUser('user-1')).toEqual([]);
      expect([await countCodes(), await store().devices.countCodes('user-1', 'push')]).toEqual([0, 1]);
      expect(await store().passkeys.get('other')).toBeDefined();
    });
  });
};
