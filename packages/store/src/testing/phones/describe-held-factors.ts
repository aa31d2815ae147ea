import { FACTOR_KINDS, type FactorKind } from '@assent/engine';
import { describe, expect, test } from 'vitest';
import type { StoreChange } from '../../ports/store.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import {
  auditEvent,
  boundRow,
  commit,
  deviceRow,
  mustCommit,
  newUser,
  oathRow,
  passkeyRow,
  refusedAt,
} from '../rows.ts';

const UUID = 'device-of-user';
const ADDED: Readonly<Record<FactorKind, StoreChange>> = {
  push: { type: 'device.insert', row: deviceRow({ uuid: UUID }), maxDevices: 5 },
  oath: { type: 'oath.insert', row: oathRow({ uuid: UUID }), maxDevices: 5 },
  webauthn: { type: 'passkey.insert', row: passkeyRow({ uuid: UUID }), maxDevices: 5 },
  binding: { type: 'bound.insert', row: boundRow({ uuid: UUID }), maxDevices: 5 },
};
const REMOVED: Readonly<Record<FactorKind, StoreChange>> = {
  push: { type: 'device.delete', uuid: UUID },
  oath: { type: 'oath.delete', uuid: UUID },
  webauthn: { type: 'passkey.delete', uuid: UUID },
  binding: { type: 'bound.delete', realm: '/alpha', uuid: UUID },
};
const ALL_REMOVED: Readonly<Record<FactorKind, StoreChange>> = {
  push: { type: 'device.deleteAll', userId: 'user-1' },
  oath: { type: 'oath.deleteAll', userId: 'user-1' },
  webauthn: { type: 'passkey.deleteAll', userId: 'user-1' },
  binding: { type: 'bound.deleteAll', userId: 'user-1' },
};

/** What a journey demands of a device that has proven something in it (docs/adr/0147). */
export const describeHeldFactors = (open: OpenStore): void => {
  describe('a commit that demands a device of a user', () => {
    const store = freshStore(open);
    const held = (kind: FactorKind, userId = 'user-1') => ({ type: 'factor.held', kind, uuid: UUID, userId }) as const;
    const other: StoreChange = { type: 'audit.append', event: auditEvent({ event: 'LOST', userId: 'user-1' }) };

    test.each(FACTOR_KINDS)('is refused and leaves nothing without that device of kind %s', async (kind) => {
      await mustCommit(store(), newUser());
      for (const removal of [undefined, REMOVED[kind], ALL_REMOVED[kind]]) {
        if (removal !== undefined) await mustCommit(store(), ADDED[kind], removal);
        expect(await commit(store(), other, held(kind))).toEqual(refusedAt('factor.held'));
      }
      expect((await store().audit.ofUser('user-1', 9)).map(({ event }) => event)).not.toContain('LOST');
    });

    test.each(FACTOR_KINDS)('stands with it, and is refused for another user and another kind: %s', async (kind) => {
      await mustCommit(store(), newUser(), ADDED[kind]);
      await mustCommit(store(), held(kind));
      expect(await commit(store(), held(kind, 'user-2'))).toEqual(refusedAt('factor.held'));
      for (const wrong of FACTOR_KINDS.filter((it) => it !== kind)) {
        expect(await commit(store(), held(wrong))).toEqual(refusedAt('factor.held'));
      }
    });
  });
};
