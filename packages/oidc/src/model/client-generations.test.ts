import { describe, expect, test } from 'vitest';
import {
  consentGenerations,
  type EndedByClient,
  nextClientGenerations,
  readClientGenerations,
} from './client-generations.ts';

let count = 0;
const fresh = (): string => {
  count += 1;
  return String(count).padStart(22, '0');
};
const OLD = 'o'.repeat(22);
const KINDS = ['generation', 'grantGeneration', 'consentGeneration'] as const;

describe('the generations of a client (SEC-90, OIDC-20)', () => {
  test('are three different ones with its creation', () => {
    const made = readClientGenerations(nextClientGenerations(undefined, 'all', fresh));
    expect(new Set(KINDS.map((kind) => made[kind])).size).toBe(3);
    for (const kind of KINDS) expect(made[kind]).toHaveLength(22);
  });

  test.each<[EndedByClient, readonly (typeof KINDS)[number][]]>([
    ['all', ['generation', 'grantGeneration', 'consentGeneration']],
    ['tokens', ['generation', 'grantGeneration']],
    ['grants', ['grantGeneration']],
  ])('where %s end, replaces those of %s alone, and of nothing else', (ended, replaced) => {
    const before = nextClientGenerations(undefined, 'all', fresh);
    const [old, now] = [before, nextClientGenerations(before, ended, fresh)].map(readClientGenerations);
    expect(KINDS.filter((kind) => old?.[kind] !== now?.[kind])).toEqual(replaced);
  });

  test('are none for a client from before there were any, and one where only its own tokens had one', () => {
    expect(readClientGenerations(undefined)).toEqual({});
    expect(readClientGenerations(OLD)).toEqual({ generation: OLD });
  });

  test.each<[string, string | undefined]>([
    ['none', undefined],
    ['one for its own tokens', OLD],
  ])('end the grants of an older client with %s, and keep its consents', (_, before) => {
    for (const ended of ['tokens', 'grants'] as const) {
      const now = readClientGenerations(nextClientGenerations(before, ended, fresh));
      expect(now.grantGeneration).toHaveLength(22);
      expect(now.generation).toHaveLength(22);
      expect(now.generation === OLD).toBe(before === OLD && ended === 'grants');
      expect(now).not.toHaveProperty('consentGeneration');
    }
  });

  test('of consents are listed by the id of the client', () => {
    const generation = nextClientGenerations(undefined, 'all', fresh);
    expect([...consentGenerations([{ id: 'a', generation }, { id: 'b' }])]).toEqual([
      ['a', generation.slice(44)],
      ['b', undefined],
    ]);
  });
});
