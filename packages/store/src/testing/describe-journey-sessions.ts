import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, countWinners, journeyRow, mustCommit, refusedAt } from './rows.ts';

export const describeJourneySessions = (open: OpenStore): void => {
  describe('journey sessions', () => {
    const store = freshStore(open);
    const read = () => store().journeySessions.get('journey-1');

    test('a journey nobody stored is not there', async () => {
      expect(await read()).toBeUndefined();
      const row = journeyRow({ nonce: 'nonce-2' });
      expect(await commit(store(), { type: 'journey.advance', seenNonce: 'nonce-1', row })).toEqual(
        refusedAt('journey.advance'),
      );
    });

    test('an id is inserted once', async () => {
      await mustCommit(store(), { type: 'journey.insert', row: journeyRow() });
      const again = journeyRow({ nonce: 'nonce-9' });
      expect(await commit(store(), { type: 'journey.insert', row: again })).toEqual(refusedAt('journey.insert'));
      expect(await read()).toEqual(journeyRow());
    });

    test('a superseded nonce advances nothing (SEC-38)', async () => {
      await mustCommit(store(), { type: 'journey.insert', row: journeyRow() });
      const row = journeyRow({ nonce: 'nonce-3' });
      expect(await commit(store(), { type: 'journey.advance', seenNonce: 'nonce-0', row })).toEqual(
        refusedAt('journey.advance'),
      );
      expect(await read()).toEqual(journeyRow());
    });

    test('an ended journey keeps its row, without state, and advances no more', async () => {
      await mustCommit(store(), { type: 'journey.insert', row: journeyRow() });
      const ended = journeyRow({ nonce: 'nonce-2', ended: true, state: '' });
      await mustCommit(store(), { type: 'journey.advance', seenNonce: 'nonce-1', row: ended });
      expect(await read()).toEqual(ended);
      const row = journeyRow({ nonce: 'nonce-3' });
      expect(await commit(store(), { type: 'journey.advance', seenNonce: 'nonce-2', row })).toEqual(
        refusedAt('journey.advance'),
      );
    });

    test('everything of a journey comes back as it was given, with the mark of the last submit', async () => {
      await mustCommit(store(), { type: 'journey.insert', row: journeyRow() });
      const row = journeyRow({
        nonce: 'nonce-2',
        state: '{"text":"Zürich 東京 🔑"}',
        lastSubmit: { nonce: 'nonce-1', code: 'code', at: 17 },
      });
      await mustCommit(store(), { type: 'journey.advance', seenNonce: 'nonce-1', row });
      expect(await read()).toEqual(row);
    });

    test('of 50 first submits of one start, one wins', async () => {
      const commits = Array.from({ length: 50 }, (_, at) => [
        { type: 'journey.insert', row: journeyRow({ nonce: `nonce-${at}` }) } as const,
      ]);
      expect(await countWinners(store(), commits)).toBe(1);
    });

    test('of 50 submits of one step, one wins (SEC-38)', async () => {
      await mustCommit(store(), { type: 'journey.insert', row: journeyRow() });
      const commits = Array.from({ length: 50 }, (_, at) => [
        { type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ nonce: `next-${at}` }) } as const,
      ]);
      expect(await countWinners(store(), commits)).toBe(1);
    });
  });
};
