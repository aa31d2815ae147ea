import type { AuthenticatorMetadataRow } from '@assent/factors';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, mustCommit, NOW, refusedAt } from './rows.ts';

export const metadataRow = (given: Partial<AuthenticatorMetadataRow> = {}): AuthenticatorMetadataRow => ({
  realm: '/alpha',
  place: 0,
  source: 'source-1',
  no: 5,
  nextUpdate: NOW + 30 * 86_400_000,
  readAt: NOW,
  models: '[]',
  ...given,
});

export const describeAuthenticatorMetadata = (open: OpenStore): void => {
  describe('metadata of authenticators', () => {
    const store = freshStore(open);
    const keep = (given: Parameters<typeof metadataRow>[0] = {}) =>
      ({ type: 'metadata.keep', row: metadataRow(given) }) as const;
    const stored = (realm = '/alpha', place = 0) => store().authenticatorMetadata.get(realm, place);

    test('comes back as it was given, for its place in its realm alone (WA-21)', async () => {
      const models = JSON.stringify([{ aaguid: 'é📱', statuses: [] }]);
      await mustCommit(store(), keep({ models }), keep({ place: 1, no: 3 }), keep({ realm: '/beta', no: 1 }));
      expect(await stored()).toEqual(metadataRow({ models }));
      expect((await stored('/beta'))?.no).toBe(1);
      expect(await stored('/alpha', 2)).toBeUndefined();
      const { models: _, ...head } = metadataRow({ models });
      expect(await store().authenticatorMetadata.ofRealm('/alpha')).toEqual([head, { ...head, place: 1, no: 3 }]);
      expect(await store().authenticatorMetadata.ofRealm('/gamma')).toEqual([]);
    });

    test('never goes back to an earlier edition, and may be read once more (WA-22)', async () => {
      await mustCommit(store(), keep({ no: 7 }));
      expect(await commit(store(), keep({ no: 6 }))).toEqual(refusedAt('metadata.keep'));
      await mustCommit(store(), keep({ no: 7, readAt: 9 }));
      expect(await stored()).toMatchObject({ no: 7, readAt: 9 });
    });

    test('begins anew where it comes from elsewhere, or is verified in another way', async () => {
      await mustCommit(store(), keep({ no: 7 }), keep({ no: 1, source: 'other' }));
      expect(await stored()).toEqual(metadataRow({ no: 1, source: 'other' }));
    });

    test('of several that are kept at once the last edition stays', async () => {
      await Promise.all([7, 9, 8, 9, 6].map((no) => commit(store(), keep({ no }))));
      expect((await stored())?.no).toBe(9);
    });
  });
};
