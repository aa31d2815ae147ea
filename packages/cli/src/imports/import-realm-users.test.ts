import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OathDevice, recoveryCodeSets, recoveryCodesAdapter } from '@assent/factors';
import type { PushDevice } from '@assent/push';
import { TestUnitOfWork } from '@assent/push/testing';
import {
  carriedCodeKeys,
  consentGenerations,
  newRealmSettings,
  recoveryCodePepper,
  systemRandom,
} from '@assent/server';
import type { BroughtUser, Store } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boundDeviceOf, passkeyOf } from '../testing/key-rows.ts';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
const LATER_HASH = HASH.replace('BBBB', 'CCCC');
const CODE_OF_AM =
  '{SSHA-512}FHR3ZW50eSBieXRlcyBvZiBzYWx0/US0ke+pOFIP0Xm3tdwDylMvguyV5X0tbyiDhLeoS7N2DHDjqj40fMtYt5sUb4nYML3JPTZBbG/mLleTfyROkg==';
const CODES = ['0123456789ABCDEF', '1123456789ABCDEF', '2123456789ABCDEF'];
const NOW = 1_800_000_000_000;

const owned = { realm: '/alpha', userId: 'id-of-ann', username: 'Ann' };
const PHONE: PushDevice = {
  ...owned,
  uuid: 'phone-of-ann',
  deviceName: 'Ann’s phone',
  issuer: 'Acme',
  secret: new Uint8Array(32).fill(7),
  mechanismUid: 'mechanism-1',
  deviceId: 'id of the device',
  deviceType: 'web',
  communicationType: 'relay',
  communicationId: 'secret-address',
  xKey: { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) },
  createdAt: NOW,
  lastAccessAt: NOW + 1,
  refreshHashes: ['hash of a refresh'],
  channelDeadAt: NOW + 2,
  rev: 4,
};
const PASSKEY = passkeyOf(owned);
const BOUND_DEVICE = boundDeviceOf(owned);
const GENERATOR: OathDevice = {
  ...owned,
  uuid: 'generator-of-ann',
  deviceName: 'Code app',
  issuer: 'Acme',
  secret: new Uint8Array(20).fill(9),
  digits: 8,
  counter: 12,
  lastLoginSeconds: 1_799_999_970,
  clockDriftSeconds: 30,
  checksumDigit: true,
  truncationOffset: 3,
  createdAt: NOW,
  lastAccessAt: NOW,
  rev: 5,
};

const setsOf = async (store: Store) =>
  recoveryCodeSets({ random: systemRandom, clock: { now: () => NOW }, codePepper: await recoveryCodePepper(store) });

const userOf = (id: string, username: string, given: Partial<BroughtUser> = {}): BroughtUser => ({
  id,
  realm: '/alpha',
  username,
  active: true,
  attributes: {},
  credentialRev: 1,
  devices: [],
  oathDevices: [],
  passkeys: [],
  boundDevices: [],
  codes: [],
  consents: [],
  ...given,
});

/** What Ann agrees to for the client that is there. */
const toShop = async (store: Store, ...scopes: readonly string[]): Promise<BroughtUser['consents'][number]> => {
  const clientGeneration = consentGenerations((await store.configuration.load()).clients).get('shop') ?? '';
  return { realm: '/alpha', userId: 'id-of-ann', clientId: 'shop', clientGeneration, scopes };
};

/** A realm with somebody who has everything that a user can have, and somebody who has nothing. */
const fill = async (cli: TestCli): Promise<void> => {
  await cli.run('realm', 'create', '/alpha');
  await cli.run('client', 'create', 'shop', '--redirect', 'https://shop.example/cb', '--realm', '/alpha');
  await cli.inStore(async (store) => {
    const sets = await setsOf(store);
    const codes = sets.rowsOf({ ...owned, deviceType: 'push' }, CODES);
    const ofAm = sets.importedRowOf({ ...owned, deviceType: 'oath' }, CODE_OF_AM);
    const ann = userOf('id-of-ann', 'Ann', {
      hash: HASH,
      credentialRev: 3,
      attributes: {
        mail: ['ann@example.com'],
        push2faEnabled: ['2'],
        assentRoles: ['helpdesk'],
        kbaInfo: ['secret-answer'],
        createTimestamp: ['20200102030405Z'],
      },
      devices: [PHONE],
      oathDevices: [GENERATOR],
      passkeys: [PASSKEY],
      boundDevices: [BOUND_DEVICE],
      codes: [...codes, ...(ofAm === undefined ? [] : [ofAm])],
      consents: [{ ...(await toShop(store, 'openid')), agreedAt: NOW }],
    });
    const users = [ann, userOf('id-of-bob', 'bob', { active: false })];
    await store.committer.commit([{ type: 'users.insert', users }]);
    await useCode(store, 'id-of-ann', CODES[0] ?? '');
  });
};

/** Whether the code is good; then it is used. */
const useCode = async (store: Store, userId: string, code: string): Promise<boolean> => {
  const codes = recoveryCodesAdapter({
    devices: store.devices,
    throttles: store.throttles,
    isKnownSource: async () => false,
    clock: { now: () => NOW },
    random: systemRandom,
    codePepper: await recoveryCodePepper(store),
    carriedCodeKey: carriedCodeKeys(store.secrets),
  });
  const unit = new TestUnitOfWork({
    committer: store.committer,
    realm: newRealmSettings('/alpha', 'http://localhost'),
  });
  const verdict = await codes(unit).use({ id: userId, credentialRev: 1 }, 'push', code);
  await unit.commit();
  return verdict === 'good';
};

const read = (cli: TestCli, file: string): string => readFileSync(join(cli.cwd, file), 'utf8');
const write = (cli: TestCli, file: string, text: string): void => writeFileSync(join(cli.cwd, file), text);
const exported = (cli: TestCli, file: string, ...args: readonly string[]) =>
  cli.run('export', 'realm', file, '--realm', '/alpha', '--users', ...args);
const SEALED = ['--passphrase-file', 'phrase'];
const reportIn = (stdout: string) =>
  JSON.parse(stdout.trim().split('\n').at(-1) ?? '').import as Record<string, unknown>;
const noticesIn = (stdout: string) =>
  stdout.split('\n').flatMap((line) => {
    const { notice } = line === '' ? {} : (JSON.parse(line) as { notice?: { user: string; reason: string } });
    return notice === undefined ? [] : [`${notice.user} ${notice.reason}`];
  });

// A key of a passphrase takes a good part of a second, and each file has its own.
let source: TestCli;
let said: Awaited<ReturnType<typeof exported>>;
beforeAll(async () => {
  source = await testCliWithData();
  write(source, 'phrase', 'a long enough passphrase for tests\n');
  await fill(source);
  said = await exported(source, 'sealed.json', ...SEALED);
  expect(await exported(source, 'plain.json', '--without-secrets')).toMatchObject({ code: 0, stderr: '' });
});

const emptyServer = async (): Promise<TestCli> => {
  const cli = await testCliWithData();
  for (const file of ['plain.json', 'plain.json.users', 'sealed.json', 'sealed.json.users', 'phrase']) {
    write(cli, file, read(source, file));
  }
  return cli;
};
const importing = (cli: TestCli, ...args: readonly string[]) =>
  cli.run('import', 'realm', 'sealed.json', '--users', ...SEALED, ...args);
const ann = (cli: TestCli) =>
  cli.inStore(async ({ identities, devices, oathDevices, passkeys, boundDevices, consents }) => {
    const user = await identities.find('/alpha', 'ann');
    const id = user?.id ?? '';
    return {
      user,
      hash: await identities.passwordHash(id),
      phones: await devices.ofUser(id),
      generators: await oathDevices.ofUser(id),
      passkeys: await passkeys.ofUser(id),
      bound: await boundDevices.ofUser(id),
      codes: await devices.codesOfUser(id),
      consents: await consents.ofUser(id, { limit: 9 }),
    };
  });

describe('whoever was erased here (security-reliability §7 "Erase")', () => {
  /** Without secrets, since each key of a passphrase takes its time. */
  const importing = (cli: TestCli, ...args: readonly string[]) =>
    cli.run('import', 'realm', 'plain.json', '--users', '--without-secrets', ...args);
  const erased = async (): Promise<TestCli> => {
    const cli = await emptyServer();
    expect((await importing(cli)).code).toBe(0);
    expect((await cli.run('user', 'erase', 'ann', '--realm', '/alpha', '--yes', '--reason', 'Request 4711')).code).toBe(
      0,
    );
    return cli;
  };

  test('is not brought back by an older file, which says so of each, and the others come', async () => {
    const cli = await erased();
    for (const args of [['--update'], ['--resume'], ['--update', '--dry-run']]) {
      const { code, stdout } = await importing(cli, '--json', ...args);
      expect([code, noticesIn(stdout).filter((it) => it.startsWith('Ann'))], args.join()).toEqual([1, ['Ann ERASED']]);
      expect(await ann(cli)).toMatchObject({ user: undefined, phones: [] });
    }
    expect((await importing(cli, '--resume')).stdout).toMatch(/ERASED 1: .*--with-erased.*\n {4}Ann/);
    // Nor does it write over whoever took the name since.
    cli.stdin = 'correct horse battery';
    await cli.run('user', 'create', 'ann', '--realm', '/alpha', '--password-stdin');
    expect(noticesIn((await importing(cli, '--update', '--json')).stdout)).toContain('Ann ERASED');
    expect((await ann(cli)).user?.attributes).not.toHaveProperty('mail');
  });

  test('comes under another id where somebody says so, and stays after a restore', async () => {
    const cli = await erased();
    const { code, stdout } = await importing(cli, '--resume', '--with-erased', '--json');
    expect([code, noticesIn(stdout)]).toEqual([0, expect.arrayContaining(['Ann ID_ERASED'])]);
    const { user } = await ann(cli);
    expect(user?.id).not.toBe('id-of-ann');
    await cli.run('backup', 'after.db');
    expect(JSON.parse((await cli.run('restore', 'after.db', '--json')).stdout)).toMatchObject({ restored: {} });
    expect((await ann(cli)).user?.id).toBe(user?.id);
  });

  test('is about users: without them the flag is refused', async () => {
    const cli = await emptyServer();
    expect(await cli.run('import', 'realm', 'plain.json', '--with-erased')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('an export of users (OPS-64)', () => {
  test('says that what they sign in by leaves only sealed, and makes no file', async () => {
    expect(await exported(source, 'none.json')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/leave a server only sealed.\n.*--passphrase-file FILE, or --without-secrets/),
    });
    expect(() => read(source, 'none.json')).toThrow('ENOENT');
    expect(await exported(source, 'none.json', ...SEALED, '--without-secrets')).toMatchObject({ code: 2, stdout: '' });
  });

  test('replaces neither of its files, unless it is said so', async () => {
    write(source, 'mine.json.users', 'mine');
    expect(await exported(source, 'mine.json', ...SEALED)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mine.json.users already'),
    });
    expect(read(source, 'mine.json.users')).toBe('mine');
    expect(() => read(source, 'mine.json')).toThrow('ENOENT');
  });

  test('can be read by its owner alone, and tells no secret, nor who may do what', () => {
    expect(statSync(join(source.cwd, 'sealed.json.users')).mode & 0o777).toBe(0o600);
    const secrets = ['$argon2', 'secret-address', 'secret-answer', 'helpdesk', 'SSHA-512', 'mechanism-1'];
    for (const file of ['sealed.json.users', 'plain.json.users']) {
      const text = read(source, file);
      expect(text).toContain('ann@example.com');
      for (const secret of [...secrets, ...CODES, Buffer.from(PHONE.secret).toString('base64url')]) {
        expect(text).not.toContain(secret);
      }
    }
  });

  test('says what does not move', () => {
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toContain('sealed.json.users has its users: 2.');
    expect(said.stdout).toContain(
      'Sessions, tokens, counters of wrong guesses, requests under way and the trail do not move.',
    );
  });
});

describe('what cannot be imported changes nothing, neither the realm nor its users (OPS-64)', () => {
  let cli: TestCli;
  beforeAll(async () => {
    cli = await emptyServer();
  });

  test('a line that is broken, with its number and the name of the file', async () => {
    write(cli, 'bad.json', read(cli, 'plain.json'));
    const users = read(cli, 'plain.json.users');
    const cases: readonly (readonly [text: string, message: RegExp])[] = [
      [users.replace('"bob"', '" bob"'), /bad\.json\.users cannot be imported. Line 3: username is not what/],
      [users.slice(0, -20), /Line 4: it is no JSON, or was cut off/],
      [users.replace('"users":"/alpha"', '"users":"/beta"').replace(/\{"end.*\n/, ''), /It ends with line 3/],
    ];
    for (const [text, message] of cases) {
      write(cli, 'bad.json.users', text);
      const refused = await cli.run('import', 'realm', 'bad.json', '--users');
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    }
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n');
  });

  test('another passphrase, none, no file of users, and options that are about users', async () => {
    write(cli, 'wrong', 'another long enough passphrase\n');
    write(cli, 'alone.json', read(cli, 'plain.json'));
    const cases: readonly (readonly [args: readonly string[], message: string])[] = [
      [['sealed.json', '--users', '--passphrase-file', 'wrong'], 'Line 2: its secrets do not open'],
      [['sealed.json', '--users'], 'are sealed under a passphrase'],
      [['alone.json', '--users'], 'alone.json.users cannot be read'],
      [['plain.json', '--resume'], '--resume is about users'],
      [['plain.json', '--users', '--resume'], 'There is no realm /alpha to go on with'],
    ];
    for (const [args, message] of cases) {
      const refused = await cli.run('import', 'realm', ...args);
      expect([refused.stdout, refused.stderr]).toEqual(['', expect.stringContaining(message)]);
    }
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n');
  });

  test('by the other command, which says by which it is', async () => {
    const refused = await cli.run('import', 'users', 'sealed.json.users');
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('assent import realm FILE --users'),
    });
  });

  test('users who sign in here, where a directory keeps those of the realm', async () => {
    await cli.run('realm', 'create', '/kept');
    await cli.inStore((store) => configuring(store).saveService({ realm: '/kept', type: 'ldap', config: {} }));
    const refused = await cli.run('import', 'realm', 'plain.json', '--realm', '/kept', '--users', '--update');
    expect(refused.stderr).toContain('users of the realm here are kept in a directory');
    expect(await cli.inStore((store) => store.identities.find('/kept', 'ann'))).toBeUndefined();
  });
});

describe('users who are imported with their realm (OPS-64)', () => {
  let cli: TestCli;
  beforeEach(async () => {
    cli = await emptyServer();
  });

  test('are what they were, with all that a person would miss', async () => {
    const planned = await importing(cli, '--dry-run', '--json');
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(reportIn(planned.stdout)).toMatchObject({ isDry: true, created: 2, refused: 0 });
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n');

    const done = await importing(cli, '--json', '--report', 'report.jsonl');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(reportIn(done.stdout)).toMatchObject({ realm: '/alpha', isDry: false, created: 2, refused: 0 });
    const before = await ann(source);
    const { user, hash, phones, generators, passkeys, bound, codes, consents } = await ann(cli);
    expect(user).toEqual({ ...before.user, rev: 1 });
    expect(hash).toBe(HASH);
    // Of the client that was created here; there it is another one.
    expect(consents).toEqual([{ ...(await cli.inStore((store) => toShop(store, 'openid'))), agreedAt: NOW }]);
    expect(consents).not.toEqual(before.consents);
    expect(phones).toEqual([{ ...PHONE, rev: 0 }]);
    expect(generators).toEqual([{ ...GENERATOR, rev: 0 }]);
    expect([passkeys, bound]).toEqual([[{ ...PASSKEY, rev: 0 }], [{ ...BOUND_DEVICE, rev: 0 }]]);
    expect(codes).toHaveLength(3);
    expect(await cli.inStore((store) => store.identities.find('/alpha', 'bob'))).toMatchObject({ active: false });
  });

  test('have the recovery codes that they had, each of them once, wherever they go next (SEC-44)', async () => {
    await importing(cli);
    const [used = '', second = '', third = ''] = CODES;
    const useHere = (code: string) => cli.inStore((store) => useCode(store, 'id-of-ann', code));
    expect([await useHere(used), await useHere(second), await useHere(second)]).toEqual([false, true, false]);
    await exported(cli, 'next.json', ...SEALED);
    const next = await emptyServer();
    for (const file of ['next.json', 'next.json.users']) write(next, file, read(cli, file));
    const done = await next.run('import', 'realm', 'next.json', '--users', ...SEALED);
    expect(done).toMatchObject({ code: 0 });
    const useThere = (code: string) => next.inStore((store) => useCode(store, 'id-of-ann', code));
    expect([await useThere(second), await useThere(third), await useThere(third)]).toEqual([false, true, false]);
    expect((await ann(next)).codes.map(({ hash }) => hash)).toEqual([CODE_OF_AM]);
  });

  test('are refused where they are here already, and passed over where an import has brought them', async () => {
    await importing(cli);
    const again = await importing(cli, '--json');
    expect([again.code, noticesIn(again.stdout)]).toEqual([1, ['Ann EXISTS', 'bob EXISTS']]);
    await cli.inStore((store) => store.committer.commit([{ type: 'identity.delete', id: 'id-of-bob' }]));
    const resumed = await importing(cli, '--resume', '--json');
    expect(resumed).toMatchObject({ code: 0 });
    expect(reportIn(resumed.stdout)).toMatchObject({ created: 1, before: 1, refused: 0 });
  });

  test('come without what they sign in by, where that is left out, and it is told of whom', async () => {
    const done = await cli.run('import', 'realm', 'sealed.json', '--users', '--without-secrets', '--json');
    expect([done.code, noticesIn(done.stdout)]).toEqual([0, ['Ann PASSWORD_LEFT_OUT', 'Ann DEVICES_LEFT_OUT']]);
    const { user, hash, phones, codes } = await ann(cli);
    expect(user?.attributes).toEqual({
      mail: ['ann@example.com'],
      push2faEnabled: ['2'],
      createTimestamp: ['20200102030405Z'],
    });
    expect([hash, phones, codes]).toEqual([undefined, [], []]);
  });

  test('get no rights by a file that is not sealed', async () => {
    const lines = read(cli, 'plain.json.users').trimEnd().split('\n');
    const given = lines.slice(0, -1).map((line) => line.replace('"mail"', '"assentRoles":["owner"],"mail"'));
    const sha256 = createHash('sha256')
      .update(`${given.join('\n')}\n`)
      .digest('hex');
    write(cli, 'plain.json.users', `${[...given, JSON.stringify({ end: { users: 2, sha256 } })].join('\n')}\n`);
    const done = await cli.run('import', 'realm', 'plain.json', '--users', '--json');
    expect(noticesIn(done.stdout)).toContain('Ann ATTRIBUTE_NOT_TAKEN');
    expect((await ann(cli)).user?.attributes).not.toHaveProperty('assentRoles');
  });

  test('come beside themselves, for a trial in another realm of the same server', async () => {
    const done = await source.run(
      'import',
      'realm',
      'sealed.json',
      '--realm',
      '/trial',
      '--users',
      ...SEALED,
      '--json',
    );
    expect([done.code, noticesIn(done.stdout)]).toEqual([0, ['Ann ID_TAKEN', 'bob ID_TAKEN']]);
    const [user, phones] = await source.inStore(async (store) => {
      const it = await store.identities.find('/trial', 'ann');
      return [it, await store.devices.ofUser(it?.id ?? '')] as const;
    });
    expect(user?.id).not.toBe('id-of-ann');
    expect(phones).toMatchObject([{ mechanismUid: 'mechanism-1', realm: '/trial' }]);
    expect(phones[0]?.uuid).not.toBe(PHONE.uuid);
    expect(await source.inStore((store) => useCode(store, user?.id ?? '', CODES[1] ?? ''))).toBe(true);
    expect((await ann(source)).phones).toEqual([PHONE]);
  });
});

describe('a consent to an earlier client of the id', () => {
  test('is not exported, so that no import makes it one to the client there is (OIDC-20)', async () => {
    const from = await testCliWithData();
    write(from, 'phrase', read(source, 'phrase'));
    await fill(from);
    await from.inStore(async (store) => {
      const row = { ...(await toShop(store, 'openid', 'profile')), clientGeneration: 'earlier' };
      await store.committer.commit([{ type: 'consent.save', row }]);
    });
    await exported(from, 'sealed.json', ...SEALED);
    const cli = await testCliWithData();
    for (const file of ['phrase', 'sealed.json', 'sealed.json.users']) write(cli, file, read(from, file));
    expect(await importing(cli)).toMatchObject({ code: 0 });
    expect((await ann(cli)).consents).toEqual([]);
  });
});

describe('a second import of users, with --update (OPS-64)', () => {
  test('uses up here what was used up there since, and leaves what is newer here', async () => {
    const from = await testCliWithData();
    write(from, 'phrase', read(source, 'phrase'));
    await fill(from);
    await exported(from, 'sealed.json', ...SEALED);
    const cli = await emptyServer();
    const bring = () => {
      for (const file of ['sealed.json', 'sealed.json.users']) write(cli, file, read(from, file));
      return importing(cli, '--update', '--json');
    };
    await bring();
    expect(reportIn((await bring()).stdout)).toMatchObject({ updated: 0, unchanged: 2 });
    const { generators } = await ann(from);
    const moved = generators.map((row) => ({
      type: 'oath.update',
      row: { ...row, counter: 13, lastLoginSeconds: GENERATOR.lastLoginSeconds + 60 },
    }));
    await from.inStore(async (store) => {
      await store.committer.commit([
        ...moved,
        {
          type: 'passkey.used',
          uuid: PASSKEY.uuid,
          signCount: 31,
          mismatch: false,
          userVerified: true,
          backedUp: true,
          at: NOW + 9,
        },
        { type: 'identity.password', id: 'id-of-ann', hash: LATER_HASH },
        { type: 'identity.active', id: 'id-of-bob', active: true },
        { type: 'consent.save', row: { ...(await toShop(store, 'profile')), agreedAt: NOW + 9 } },
      ]);
      expect(await useCode(store, 'id-of-ann', CODES[1] ?? '')).toBe(true);
    });
    await exported(from, 'sealed.json', ...SEALED, '--force');
    const done = await bring();
    expect([done.code, reportIn(done.stdout)]).toEqual([0, expect.objectContaining({ updated: 2, refused: 0 })]);
    const after = await ann(cli);
    expect(after.generators).toMatchObject([{ counter: 13, lastLoginSeconds: GENERATOR.lastLoginSeconds + 60 }]);
    expect(after.passkeys).toMatchObject([{ signCount: 31, lastAccessAt: NOW + 9 }]);
    expect(after).toMatchObject({ hash: LATER_HASH, user: { credentialRev: 5 } });
    expect(after.consents).toMatchObject([{ scopes: ['openid', 'profile'], agreedAt: NOW + 9 }]);
    const useHere = (code = '') => cli.inStore((store) => useCode(store, 'id-of-ann', code));
    expect([await useHere(CODES[1]), await useHere(CODES[2])]).toEqual([false, true]);
    // Another password here is a later one than that of the file, and no code comes back.
    await cli.inStore((store) => store.committer.commit([{ type: 'identity.password', id: 'id-of-ann', hash: HASH }]));
    await bring();
    expect(await ann(cli)).toMatchObject({ hash: HASH, codes: [{ hash: CODE_OF_AM }] });
  });
});

describeWith(['postgres'], 'users who go to PostgreSQL', () => {
  test('and back are the same users (OPS-64)', async () => {
    const database = await createDatabase();
    try {
      const cli = await emptyServer();
      const key = Buffer.alloc(32, 3).toString('base64');
      Object.assign(cli.env, { ASSENT_DATABASE_URL: database.url, ASSENT_MASTER_KEY: key });
      await cli.inStore((store) => configuring(store).createRealm(newRealmSettings('/', 'http://localhost:8080/am')));
      expect(await importing(cli)).toMatchObject({ code: 0, stderr: '' });
      expect(await ann(cli)).toMatchObject({ hash: HASH, phones: [{ ...PHONE, rev: 0 }] });
      await exported(cli, 'back.json', ...SEALED);
      const usersIn = (text: string) =>
        text
          .trim()
          .split('\n')
          .slice(1, -1)
          .map((line) => ({ ...JSON.parse(line), sealed: '' }));
      expect(usersIn(read(cli, 'back.json.users'))).toEqual(usersIn(read(source, 'sealed.json.users')));
    } finally {
      await database.close();
    }
  });
});
