import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AccountStore, defaultStoreFile, openAccountStore, type PushAccount } from './account-store.ts';

const account: PushAccount = {
  kind: 'push',
  id: 'a1',
  persona: 'assent',
  issuer: 'Acme',
  name: 'jane',
  key: 'k',
  mechanismUid: 'u',
  deviceId: 'd',
  deviceName: 'n',
  registerUrl: 'https://a/?_action=register',
  authenticateUrl: 'https://a/?_action=authenticate',
  addedAt: 1,
  clockOffsetMillis: 0,
  answered: [],
};
const add = (store: AccountStore): void => store.update((state) => ({ accounts: [...state.accounts, account] }));
const freshFile = (): string => join(mkdtempSync(join(tmpdir(), 'assent-store-')), 'sub', 'phone.json');
const open = (file: string): AccountStore => openAccountStore(file, () => 'x');

describe('the phone’s file', () => {
  test('that is no JSON is refused and left as it is', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'assent-store-')), 'phone.json');
    writeFileSync(file, '{"version":1,"acc');
    expect(() => add(open(file))).toThrow(/damaged/);
    expect(readFileSync(file, 'utf8')).toBe('{"version":1,"acc');
  });

  test.each(['null', '{"version":1}', '{"version":1,"accounts":[{"id":"a"}]}'])(
    'with the content %s is refused',
    (text) => {
      const file = join(mkdtempSync(join(tmpdir(), 'assent-store-')), 'phone.json');
      writeFileSync(file, text);
      expect(() => open(file).load()).toThrow(/damaged/);
    },
  );

  test('of another version is refused rather than guessed at', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'assent-store-')), 'phone.json');
    writeFileSync(file, '{"version":2,"accounts":[]}');
    expect(() => open(file).load()).toThrow(/another version/);
  });

  test('is only for its owner, and so is its folder (SEC-82)', () => {
    const file = freshFile();
    add(open(file));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o077).toBe(0);
    expect(open(file).exposure()).toBeUndefined();
  });

  test('that others can read brings a warning, and the next write closes it', () => {
    const file = freshFile();
    add(open(file));
    chmodSync(file, 0o644);
    expect(open(file).exposure()).toMatch(/Others on this machine/);
    add(open(file));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is replaced in one step, and a failed change leaves the old one and no crumbs', () => {
    const file = freshFile();
    const store = open(file);
    add(store);
    const before = readFileSync(file, 'utf8');
    expect(() =>
      store.update(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    // A folder in the way of the temporary file makes the write itself fail.
    const blocked = openAccountStore(file, () => 'blocked');
    mkdirSync(`${file}.blocked.tmp`);
    expect(() => add(blocked)).toThrow(/cannot be written/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('keeps what was written, and leaves no temporary file behind', () => {
    const file = freshFile();
    add(open(file));
    add(open(file));
    expect(open(file).load().accounts).toEqual([account, account]);
    expect(readdirSync(dirname(file))).toEqual(['phone.json']);
  });

  test('is not made by looking', () => {
    const file = freshFile();
    expect(open(file).load()).toEqual({ accounts: [] });
    expect(existsSync(file)).toBe(false);
  });

  test('lies in the user’s configuration folder', () => {
    expect(defaultStoreFile({ env: {}, homedir: '/home/jane', platform: 'linux' })).toBe(
      '/home/jane/.config/assent/phone.json',
    );
    expect(defaultStoreFile({ env: { XDG_CONFIG_HOME: '/conf' }, homedir: '/home/jane', platform: 'linux' })).toBe(
      '/conf/assent/phone.json',
    );
  });
});
