import { Unavailable } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { openMemoryStore } from '@assent/store';
import { expect, test } from 'vitest';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { passwordCheck } from './password-check.ts';

/** A check of the password `right`, of which so many commits are overtaken by another instance. */
const world = async (overtaken: number) => {
  const { throttles, committer } = await openMemoryStore();
  const commits: (readonly Change[])[] = [];
  let proofs = 0;
  const check = passwordCheck({
    keeper: {
      knownAs: async () => undefined,
      prove: async (
        _unit: unknown,
        { password, isRefused }: { readonly password: string; readonly isRefused: boolean },
      ) => {
        proofs += 1;
        return { status: isRefused ? 'locked' : password === 'right' ? 'right' : 'wrong' };
      },
    } as never,
    throttles,
    isKnownSource: async () => false,
    clock: { now: () => 1_000_000 },
    digest: (text) => text,
    committer: {
      async commit(changes) {
        commits.push(changes);
        return commits.length <= overtaken
          ? { committed: false, refused: 'throttle.unlocked' }
          : committer.commit(changes);
      },
    },
  });
  const request = { clientAddress: '203.0.113.7', transactionId: 't', header: () => undefined } as never;
  return {
    guess: (password: string) => check(newRealmSettings('/', 'http://localhost:8080/am'), request, 'ada', password),
    proofs: () => proofs,
    hits: async () => (await throttles.get(['source:203.0.113.7'])).flatMap((row) => row.hits),
  };
};

test('a right password whose commit was overtaken is tried again, and is right (OPS-30)', async () => {
  const { guess, proofs } = await world(2);
  expect([await guess('right'), proofs()]).toEqual([true, 3]);
});

test('a wrong one that was overtaken is counted all the same, once (OPS-30)', async () => {
  const { guess, hits } = await world(1);
  expect(await guess('wrong')).toBe(false);
  expect(await hits()).toHaveLength(1);
});

test.each(['right', 'wrong'])('a %s one that is always overtaken is not answered (OPS-30)', async (password) => {
  const { guess, proofs } = await world(99);
  await expect(guess(password)).rejects.toThrow(Unavailable);
  expect(proofs()).toBe(3);
});
