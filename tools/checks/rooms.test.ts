import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arrowRules, crowdedRooms, MAX_CATALOGUE_SOURCES, MAX_LINES, MAX_SOURCES } from './rooms.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assent-rooms-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text = ''): void => {
  const file = join(root, 'packages', 'house', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

const plan = (rooms: Readonly<Record<string, string>>, catalogues: readonly string[] = []): void =>
  write('rooms.json', JSON.stringify({ rooms, catalogues }));

const problems = () => crowdedRooms(root, ['house']);

const fill = (folder: string, count: number): void => {
  for (let at = 0; at < count; at += 1) write(`src/${folder}/source-${at}.ts`);
};

describe('a package is refused', () => {
  test('without a plan of its rooms', () => {
    write('src/index.ts');
    expect(problems()).toEqual(['packages/house has no rooms.json.']);
  });

  test('with a source in no room', () => {
    plan({ model: 'What there is.' });
    write('src/model/user.ts');
    write('src/attic/user.ts');
    expect(problems()).toEqual(['packages/house/src/attic is no room of its rooms.json.']);
  });

  test('with a room that is not there', () => {
    plan({ model: 'What there is.', cellar: 'What there was.' });
    write('src/model/user.ts');
    expect(problems()).toEqual(['packages/house/rooms.json names cellar, which is not there.']);
  });

  test('with a folder of one source too many', () => {
    plan({ model: 'What there is.' });
    fill('model', MAX_SOURCES + 1);
    expect(problems()).toEqual([
      `packages/house/src/model has ${MAX_SOURCES + 1} sources; ${MAX_SOURCES} are the most.`,
    ]);
  });

  test('with a source of one line too many', () => {
    plan({ model: 'What there is.' });
    write('src/model/user.ts', '\n'.repeat(MAX_LINES + 1));
    expect(problems()).toEqual([
      `packages/house/src/model/user.ts has ${MAX_LINES + 1} lines; ${MAX_LINES} are the most.`,
    ]);
  });
});

test('tests, declarations and what a catalogue may hold count for nothing', () => {
  plan({ model: 'What there is.', screens: 'A file for each screen.' }, ['screens']);
  fill('model', MAX_SOURCES);
  write('src/model/user.test.ts', '\n'.repeat(MAX_LINES + 1));
  write('src/model/css.d.ts');
  fill('screens', MAX_CATALOGUE_SOURCES);
  expect(problems()).toEqual([]);
});

/** Whether a rule refuses an import, as the check of the boundaries reads its patterns. */
const refused = (from: string, to: string): boolean =>
  arrowRules(root, ['house']).some((rule) => {
    const holds = (path: string, { path: paths, pathNot }: { path: string | string[]; pathNot: string[] }) =>
      [paths].flat().some((it) => new RegExp(it).test(path)) && !pathNot.some((it) => new RegExp(it).test(path));
    return holds(`packages/house/src/${from}`, rule.from) && holds(`packages/house/src/${to}`, rule.to);
  });

describe('an arrow', () => {
  beforeEach(() => plan({ model: 'Ground.', 'mfa/push': 'A room in another.', journey: 'Above.', mfa: 'On top.' }));

  test.each([
    ['up', 'model/user.ts', 'journey/start.ts'],
    ['up into the top room', 'journey/start.ts', 'mfa/sender.ts'],
    ['up out of a room inside another', 'mfa/push/phone.ts', 'mfa/sender.ts'],
  ])('%s is refused', (_what, from, to) => {
    expect(refused(from, to)).toBe(true);
  });

  test.each([
    ['down', 'journey/start.ts', 'model/user.ts'],
    ['down into a room inside another, which stands lower', 'journey/start.ts', 'mfa/push/phone.ts'],
    ['of a test', 'model/user.test.ts', 'journey/start.ts'],
    ['of a double', 'model/testing/user.ts', 'journey/start.ts'],
    ['within a room', 'model/user.ts', 'model/session.ts'],
  ])('%s passes', (_what, from, to) => {
    expect(refused(from, to)).toBe(false);
  });
});
