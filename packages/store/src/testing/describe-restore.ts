import type { Erasure } from '@assent/engine/host';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import type { Restored } from '../sql/restored.ts';
import {
  auditEvent,
  boundRow,
  codeRow,
  commit,
  deviceRow,
  grantRow,
  journeyRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  oathRow,
  outboxEntry,
  passkeyRow,
  refusedAt,
  sessionRow,
  takeTrail,
} from './rows.ts';

/** A database in the hands of a test that puts it back. */
export interface PutBack {
  open(): Promise<Store>;
  restore(choice?: { readonly voidCodes?: boolean; readonly erasures?: readonly Erasure[] }): Promise<Restored>;
  close(): Promise<void>;
}

const key = () => new Uint8Array([1]);
const another = () => new Uint8Array([2]);

/** What a restore does in every database (OPS-61, REL-26). */
export const describeRestore = (make: () => Promise<PutBack>): void => {
  describe('a database that was put back', () => {
    let database: PutBack;
    const within = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
      const store = await database.open();
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    };
    beforeEach(async () => {
      database = await make();
      await within(async (store) => {
        await mustCommit(
          store,
          newUser(),
          { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
          { type: 'oath.insert', row: oathRow({ counter: 7 }), maxDevices: 5 },
          { type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 },
          { type: 'bound.insert', row: boundRow(), maxDevices: 5 },
          { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] },
          { type: 'journey.insert', row: journeyRow() },
          { type: 'push.open', rows: [messageRow()] },
          { type: 'session.insert', row: sessionRow() },
          { type: 'grant.open', row: grantRow() },
        );
        await store.secrets.getOrCreate('auth-id-key', key);
        await store.secrets.getOrCreate('vapid-key', key);
      });
    });
    afterEach(() => database.close());

    test('has nothing of what was under way, and all of what was not (OPS-61, REL-26)', async () => {
      expect(await database.restore()).toMatchObject({
        epoch: expect.any(Number),
        ended: { sessions: 1, journeys: 1, requests: 1, grants: 1, backChannels: 0, unsent: 0 },
        goodAgain: { recoveryCodes: 1, usersWithCodes: 1, counterApps: 1 },
        codesVoided: false,
      });
      await within(async (store) => {
        expect(await store.sessions.get(sessionRow().tokenHash)).toBeUndefined();
        expect(await store.journeySessions.get(journeyRow().id)).toBeUndefined();
        expect(await store.messages.get(messageRow().id)).toBeUndefined();
        expect(await store.grants.get(grantRow().id)).toBeUndefined();
        expect(await store.identities.find('/alpha', 'demo')).toBeDefined();
        expect(await store.devices.ofUser('user-1')).toHaveLength(1);
        expect(await store.passkeys.ofUser('user-1')).toEqual([passkeyRow()]);
        expect(await store.boundDevices.ofUser('user-1')).toEqual([boundRow()]);
        expect(await store.devices.countCodes('user-1', 'push')).toBe(1);
        // What a browser has was signed by the first; phones know the second.
        expect(await store.secrets.getOrCreate('auth-id-key', another)).toEqual(another());
        expect(await store.secrets.getOrCreate('vapid-key', another)).toEqual(key());
      });
    });

    test('says which life of it this is, each time a later one, and at a later version of the configuration', async () => {
      const before = await within((store) => store.configuration.version());
      const { epoch } = await database.restore();
      expect(epoch).toBeGreaterThan(0);
      expect((await database.restore()).epoch).toBe(epoch + 1);
      expect(await within((store) => store.configuration.version())).toBe(before + 2);
    });

    test('takes no one-time code of before, whether it was used since the backup or not (REL-26, SEC-49)', async () => {
      const ahead = oathRow({ uuid: 'ahead', clockDriftSeconds: 60, lastLoginSeconds: NOW / 1_000 - 3_600 });
      const behind = oathRow({ uuid: 'behind', clockDriftSeconds: -30, lastLoginSeconds: 0 });
      await within((store) =>
        mustCommit(store, ...[ahead, behind].map((row) => ({ type: 'oath.insert', row, maxDevices: 5 }) as const)),
      );
      await database.restore();
      const last = await within(async (store) =>
        Promise.all(['ahead', 'behind'].map(async (id) => (await store.oathDevices.get(id))?.lastLoginSeconds)),
      );
      expect(last).toEqual([NOW / 1_000 + 60, NOW / 1_000]);
    });

    test('takes no proof of an application of before, whether it was shown since the backup or not (REL-26, OIDC-22)', async () => {
      await database.restore();
      const seen = { type: 'replay.see', owner: 'o', expiresAt: NOW + 600_000, now: NOW + 120_000 } as const;
      await within(async (store) => {
        // A clock may be a minute ahead.
        for (const issuedAt of [NOW - 600_000, NOW, NOW + 59_999]) {
          expect(await commit(store, { ...seen, hash: `of ${issuedAt}`, issuedAt })).toEqual(refusedAt('replay.see'));
        }
        await mustCommit(store, { ...seen, hash: 'of later', issuedAt: NOW + 60_000 });
        // What does not say when it was issued, such as a token that is revoked.
        await mustCommit(store, { ...seen, hash: 'of no time' });
        expect(await commit(store, { ...seen, hash: 'of later' })).toEqual(refusedAt('replay.see'));
      });
    });

    test('has no recovery codes any more where they were voided', async () => {
      expect(await database.restore({ voidCodes: true })).toMatchObject({
        goodAgain: { recoveryCodes: 1 },
        codesVoided: true,
      });
      expect(await within((store) => store.devices.countCodes('user-1', 'push'))).toBe(0);
    });

    test('goes on sending its trail where it had stopped, under the next epoch, whoever was to send it (OPS-58)', async () => {
      const write = (store: Store, at: number, ...events: readonly string[]) =>
        mustCommit(
          store,
          ...events.map((event) => ({ type: 'audit.append', event: auditEvent({ event, at }) }) as const),
        );
      const taken = await within(async (store) => {
        await write(store, NOW - 1, 'FIRST', 'SECOND', 'THIRD');
        return takeTrail(store, { holder: 'a', now: NOW }, 2);
      });
      const { epoch } = await database.restore();
      const after = await within(async (store) => {
        await write(store, NOW + 1, 'LAST');
        // The one before was not heard of for no time at all: it is gone for good.
        return takeTrail(store, { holder: 'b', now: NOW });
      });
      expect(after.map(({ event }) => event)).toEqual(['THIRD', 'RESTORE', 'LAST']);
      const all = [...taken, ...after];
      expect(all.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
      expect(all.map((row) => row.epoch)).toEqual([...taken.map(() => epoch - 1), epoch, epoch, epoch]);
    });

    test('has nobody who was erased since, as far as that is known; the trail says so (security-reliability §7)', async () => {
      const address = { address: '192.0.2.7' };
      await within((store) =>
        mustCommit(store, newUser({ id: 'user-2', username: 'stays' }), {
          type: 'audit.append',
          event: auditEvent({ userId: 'user-1', at: NOW - 1, detail: address }),
        }),
      );
      const erasures = ['user-1', 'of-another-time', 'user-1'].map((userId) => ({ userId, realm: '/alpha', at: NOW }));
      expect(await database.restore({ erasures })).toMatchObject({ erasedAgain: 1 });
      await within(async (store) => {
        expect(await store.identities.find('/alpha', 'demo')).toBeUndefined();
        expect(await store.devices.ofUser('user-1')).toEqual([]);
        expect(await store.identities.find('/alpha', 'stays')).toBeDefined();
        const [erased, ...others] = await store.audit.ofUser('user-1', 9);
        expect(erased).toMatchObject({ event: 'ERASE', detail: { by: 'restore' } });
        expect(others.map(({ detail }) => detail)).toEqual([undefined]);
        expect(await store.erasures.among(['user-1', 'user-2', 'of-another-time'])).toEqual([
          'of-another-time',
          'user-1',
        ]);
      });
      expect(await database.restore({ erasures })).toMatchObject({ erasedAgain: 0 });
    });

    test('sends nothing that was to be sent then', async () => {
      await within((store) => mustCommit(store, { type: 'outbox.put', entry: outboxEntry() }));
      expect((await database.restore()).ended.unsent).toBe(1);
    });
  });
};
