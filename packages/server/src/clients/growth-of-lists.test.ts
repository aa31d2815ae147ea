import { expect, test } from 'vitest';
import { core, openId, read } from '../testing/client-documents.ts';
import { localizedTexts, scopeTexts, withTextsOf } from './texts-for-people.ts';

const LENGTH = 8_192;
/** The ratio is taken over several at once: 15.6 at most, where a linear reader has 8 and a quadratic one 64. */
const DOUBLINGS = 3;
/** Milliseconds. Below this a ratio tells of caches and collections alone; a quadratic reader needs hundreds. */
const FLOOR = 20;

const many = (count: number, of: (at: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, at) => of(at));
const names = (count: number) => many(count, (at) => `scope-${at}`);
const provider = (count: number) => ({
  advancedOAuth2Config: { supportedScopes: names(count), defaultScopes: names(count) },
});

const readers: readonly [name: string, read: (length: number) => unknown][] = [
  ['scopes with a text each', (length) => scopeTexts(many(length, (at) => `s${at}|Read`))],
  [
    'one scope with many texts',
    (length) => scopeTexts(many(length, (at) => `s|aa-${at.toString(36).padStart(4, '0')}|R`)),
  ],
  ['texts of the provider', (length) => withTextsOf(scopeTexts(names(length)), scopeTexts(names(length)))],
  [
    'a name in many languages',
    (length) => localizedTexts(many(length, (at) => `aa-${at.toString(36).padStart(4, '0')}|A`)),
  ],
  ['a stored client with many scopes', (length) => read(core({ scopes: names(length) }), provider(length))],
  ['its own default scopes', (length) => read(core({ scopes: names(length), defaultScopes: names(length) }))],
  ['redirect URIs', (length) => read(core({ redirectionUris: many(length, (at) => `https://a.example/${at}`) }))],
  ['single claims', (length) => read(openId({ claims: names(length) }))],
];

/** Milliseconds of processor time, the least of some runs: what else the machine does only adds to it. */
const leastTime = (work: () => unknown, runs: number): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const begin = process.cpuUsage();
    work();
    least = Math.min(least, process.cpuUsage(begin).user / 1_000);
  }
  return least;
};

test.each(readers)('reading %s takes time that grows with the list alone (SEC-93)', (_, work) => {
  const isLinear = () => {
    const whole = leastTime(() => work(LENGTH), 3);
    return whole < FLOOR || whole / leastTime(() => work(LENGTH / 2 ** DOUBLINGS), 8) <= 2.5 ** DOUBLINGS;
  };
  // A collection of garbage can fall into all runs of one attempt, and a quadratic reader fails every attempt.
  expect([1, 2, 3].some(isLinear)).toBe(true);
});
