import { describe, expect, test } from 'vitest';
import { admits, isAllowedLicence, lockfileProblems } from './lockfile.mjs';

describe('a range of Node versions', () => {
  test.each([
    '>=21',
    '^20.20.3',
    '^18.0.0 || ^22.0.0 || >=24',
    '~20.19.0',
    '20.19.x',
    '<20',
    '>20',
    '<=20.20.1',
    '>20.20.2',
    '>=18 <20',
    '18 - 19',
    '=20.20.1',
    '^0.20',
  ])('%s leaves 20.20.2 out', (range) => {
    expect(admits(range, '20.20.2')).toBe(false);
  });

  test.each([
    '*',
    '',
    '>=0.4.0',
    '>= 20.19.0',
    '>= 0.8',
    '^20.19.0 || ^22.13.0 || >=23.5.0',
    '^20.12||^22||>=24',
    '10.* || >= 12.*',
    '20.x || 22.x',
    '20',
    '20.20',
    '20.20.2',
    'v20.20.2',
    '~20.20.0',
    '~20',
    '>19',
    '>20.20.1',
    '<=20',
    '<21',
    '>=18 <21',
    '18 - 20',
    '18.0.0 - 20.20.2',
    '>=20.0.0-rc.1',
  ])('%s admits 20.20.2', (range) => {
    expect(admits(range, '20.20.2')).toBe(true);
  });

  test.each(['latest', '>=a', '20.20.2.1', '>>20'])('%s is refused rather than guessed at', (range) => {
    expect(() => admits(range, '20.20.2')).toThrow(RangeError);
  });
});

test.each([
  ['GPL-3.0', false],
  ['GPL-3.0 OR AGPL-3.0', false],
  ['MIT AND GPL-3.0', false],
  ['(MIT AND Zlib)', false],
  ['MIT OR Apache-2.0 AND', false],
  ['SEE LICENSE IN LICENSE.md', false],
  ['', false],
  ['(MIT', false],
  ['MIT GPL-3.0', false],
  ['MIT', true],
  ['(MIT OR WTFPL)', true],
  ['(GPL-3.0 OR MIT)', true],
  ['(BSD-2-Clause OR MIT OR Apache-2.0)', true],
  ['MIT AND (ISC OR GPL-3.0)', true],
  ['MPL-2.0', true],
])('whether the licence "%s" is allowed: %s', (licence, isAllowed) => {
  expect(isAllowedLicence(licence)).toBe(isAllowed);
});

describe('a lockfile', () => {
  const good = { version: '1.0.0', license: 'MIT', engines: { node: '>=18' }, integrity: 'sha512-YQ==' };
  const problems = (entry: object) => lockfileProblems({ packages: { 'node_modules/a': { ...good, ...entry } } });

  test.each([
    [{ engines: { node: '>=22' } }, /^node_modules\/a needs Node >=22/],
    [{ engines: { node: 'current' } }, /"current" is no version range/],
    [{ license: 'AGPL-3.0' }, /has the licence AGPL-3\.0/],
    [{ license: undefined }, /states no licence/],
    [{ license: '(MIT AND Zlib)' }, /has the licence/],
    [{ resolved: 'https://registry.example/a.tgz' }, /names where it was downloaded from/],
  ])('with %j in it has one problem', (entry, problem) => {
    expect(problems(entry)).toEqual([expect.stringMatching(problem)]);
  });

  test('refuses a package that runs a script when it is installed, unless it is listed (SEC-83)', () => {
    const lock = { packages: { 'node_modules/a': { ...good, hasInstallScript: true } } };
    expect(lockfileProblems(lock)).toEqual([expect.stringMatching(/^node_modules\/a runs a script/)]);
    expect(lockfileProblems(lock, undefined, { b: true, a: false })).toHaveLength(1);
    expect(lockfileProblems(lock, undefined, { a: true })).toEqual([]);
  });

  test.each([undefined, 'sha1-c2hhMQ=='])('refuses a package whose content is pinned by %j (SEC-83)', (integrity) => {
    expect(problems({ integrity })).toEqual(['node_modules/a has no SHA-512 of its content']);
  });

  test('of good packages, of links, and of tools under Zlib has none', () => {
    const packages = {
      '': { license: 'Apache-2.0' },
      'node_modules/a': good,
      'node_modules/ours': { resolved: 'packages/ours', link: true },
      'node_modules/tool': { ...good, license: '(MIT AND Zlib)', dev: true },
    };
    expect(lockfileProblems({ packages })).toEqual([]);
  });
});
