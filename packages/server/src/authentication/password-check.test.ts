import { Unavailable } from '@assent/engine';
import type { Change, CommitResult } from '@assent/engine/host';
import { openMemoryStore } from '@assent/store';
import { describe, expect, test } from 'vitest';
import { newRealmSettings } from '../realms/realm-defaults.ts';
import { passwordCheck } from './password-check.ts';

type CommitFault = () => CommitResult;

const overtaken: CommitFault = () => ({ committed: false, refused: 'throttle.unlocked' });
const unavailable: CommitFault = () => {
  throw new Unavailable('the database is away');
};
const broken: CommitFault = () => {
  throw new TypeError('a defect');
};

/** What happens to the first commits instead of a write, and in which try the store of passwords fails. */
interface Faults {
  readonly commits?: readonly CommitFault[];
  readonly failingProof?: number;
}

/** A check of the password `right` with faults. */
const world = async ({ commits = [], failingProof }: Faults = {}) => {
  const { throttles, committer } = await openMemoryStore();
  const faults = [...commits];
  let proofs = 0;
  const check = passwordCheck({
    keeper: {
      knownAs: async () => undefined,
      prove: async (
        _unit: unknown,
        { password, isRefused }: { readonly password: string; readonly isRefused: boolean },
      ) => {
        proofs += 1;
        if (proofs === failingProof) throw new Unavailable('the directory is away');
        return { status: isRefused ? 'locked' : password === 'right' ? 'right' : 'wrong' };
      },
    } as never,
    throttles,
    isKnownSource: async () => false,
    clock: { now: () => 1_000_000 },
    digest: (text) => text,
    committer: { commit: async (changes: readonly Change[]) => faults.shift()?.() ?? committer.commit(changes) },
    log: { error: () => undefined } as never,
  });
  const request = { clientAddress: '203.0.113.7', transactionId: 't', header: () => undefined } as never;
  return {
    guess: (password: string) => check(newRealmSettings('/', 'http://localhost:8080/am'), request, 'ada', password),
    proofs: () => proofs,
    hits: async () => (await throttles.get(['source:203.0.113.7'])).flatMap((row) => row.hits),
  };
};

test('a right password whose commit was overtaken is tried again, and is right (OPS-30)', async () => {
  const { guess, proofs } = await world({ commits: [overtaken, overtaken] });
  expect([await guess('right'), proofs()]).toEqual([true, 3]);
});

test('a wrong one that was overtaken is counted once (OPS-30)', async () => {
  const { guess, hits } = await world({ commits: [overtaken] });
  expect(await guess('wrong')).toBe(false);
  expect(await hits()).toHaveLength(1);
});

describe('a guess that gets no answer', () => {
  const unanswered: readonly [string, Faults][] = [
    ['is always overtaken (OPS-30)', { commits: [overtaken, overtaken, overtaken] }],
    ['finds the store unavailable', { commits: [unavailable] }],
    ['meets a defect at its commit', { commits: [broken] }],
    ['is overtaken, then finds the store unavailable', { commits: [overtaken, unavailable] }],
    ['is overtaken, then cannot be judged again', { commits: [overtaken], failingProof: 2 }],
  ];

  test.each(unanswered)('counts once where it is wrong and %s (SEC-56)', async (_, faults) => {
    const { guess, hits } = await world(faults);
    await expect(guess('wrong')).rejects.toThrow();
    expect(await hits()).toHaveLength(1);
  });

  test.each(unanswered)('counts not at all where it is right and %s', async (_, faults) => {
    const { guess, hits } = await world(faults);
    await expect(guess('right')).rejects.toThrow();
    expect(await hits()).toEqual([]);
  });

  test('is not counted where the password could not be judged at all', async () => {
    const { guess, hits } = await world({ failingProof: 1 });
    await expect(guess('wrong')).rejects.toThrow(Unavailable);
    expect(await hits()).toEqual([]);
  });
});
