import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CarriedUser, SecretPart } from './carried-user.ts';
import { type PassphraseKey, passphraseKey } from './passphrase-key.ts';
import { UsersFileReader, UsersFileWriter } from './users-file.ts';

const HEAD = { realm: '/alpha', version: '1.2.3', isOfDirectory: false };
const SECRET: SecretPart = {
  hash: 'secret-hash',
  credentialRev: 1,
  attributes: {},
  phones: [],
  generators: [],
  codes: { push: [], oath: [] },
  codeKeys: [],
};
const userNamed = (username: string) => ({
  plain: {
    id: `id of ${username}`,
    username,
    active: true,
    attributes: { mail: ['ä@example.com'], 7: ['seven'] },
    consents: [],
    has: { password: true, phones: 0, generators: 0, codes: 0 },
  },
  secret: SECRET,
});
const PASSPHRASE = passphraseKey('a passphrase', 'cheap-for-tests');
const USERS = [userNamed('Ann'), userNamed('bob')];

const written = async (passphrase: PassphraseKey | undefined): Promise<readonly string[]> => {
  const writer = await UsersFileWriter.begin(HEAD, passphrase);
  return [writer.head(), ...USERS.map((user) => writer.line(user)), writer.end()].map((it) => it.trimEnd());
};
async function* streamed(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
const read = async (reader: UsersFileReader, lines: readonly string[]): Promise<readonly CarriedUser[]> => {
  const users: CarriedUser[] = [];
  for await (const user of reader.users(streamed(lines))) users.push(user);
  return users;
};

let lines: readonly string[];
let reader: UsersFileReader;
let plain: readonly string[];
beforeAll(async () => {
  lines = await written(PASSPHRASE);
  reader = await UsersFileReader.begin(lines[0] ?? '', { passphrase: PASSPHRASE, withoutSecrets: false });
  plain = await written(undefined);
});

describe('a file of users (OPS-64)', () => {
  test('is read as it was written, and tells no secret', async () => {
    expect(reader.head).toMatchObject(HEAD);
    expect(await read(reader, lines)).toEqual(USERS);
    expect(lines.join()).not.toContain('secret-hash');
  });

  test('can be read without its secrets, and be written without them', async () => {
    const passphrase = undefined;
    const without = await UsersFileReader.begin(lines[0] ?? '', { passphrase, withoutSecrets: true });
    const names = USERS.map(({ plain: said }) => ({ plain: said, secret: undefined }));
    expect(await read(without, lines)).toEqual(names);
    const open = await UsersFileReader.begin(plain[0] ?? '', { passphrase, withoutSecrets: false });
    expect(await read(open, plain)).toEqual(names);
    await expect(UsersFileReader.begin(lines[0] ?? '', { passphrase, withoutSecrets: false })).rejects.toThrow(
      'sealed under a passphrase',
    );
  });
});

test('whoever has a passphrase for it takes nothing of a file that somebody has made a plain one of (OPS-64)', async () => {
  const passphrase = PASSPHRASE;
  const stripped = (lines[0] ?? '').replace(/,"salt":"[^"]*"/, '');
  for (const first of [stripped, plain[0] ?? '']) {
    await expect(UsersFileReader.begin(first, { passphrase, withoutSecrets: false })).rejects.toThrow(
      'it is not sealed',
    );
  }
  expect((await UsersFileReader.begin(stripped, { passphrase, withoutSecrets: true })).head).toMatchObject(HEAD);
});

describe('a file of users that is not as it was written is refused with the number of the line (OPS-64)', () => {
  const replaced = (from: string, to: string) => (all: readonly string[]) => all.map((line) => line.replace(from, to));
  const without = (at: number) => (all: readonly string[]) => all.toSpliced(at - 1, 1);
  /** With the count and the sum that the changed lines have. */
  const summed = (all: readonly string[]): readonly string[] => {
    const users = all.slice(0, -1);
    const sha256 = createHash('sha256')
      .update(`${users.join('\n')}\n`)
      .digest('hex');
    const { end } = JSON.parse(all.at(-1) ?? '') as { end: object };
    return [...users, JSON.stringify({ end: { ...end, users: users.length - 1, sha256 } })];
  };

  test.each<[what: string, change: (all: readonly string[]) => readonly string[], message: string]>([
    ['cut off between two lines', (all) => all.slice(0, 2), 'It ends with line 2'],
    ['cut off within one', (all) => all.slice(0, 2).map((it) => it.slice(0, 200)), 'Line 2: it is no JSON'],
    ['a line that is missing', without(3), 'Line 3: the lines before it are not as they were written'],
    ['a line that is missing, with the sum of the others', (all) => summed(without(3)(all)), 'Line 3: somebody has'],
    ['lines in another order, with their sum', ([a, b, c, d]) => summed([a, c, b, d] as string[]), 'Line 4: somebody'],
    ['another name, with its sum', (all) => summed(replaced('"Ann"', '"Eve"')(all)), 'Line 2: its secrets do not open'],
    [
      'secrets of another line',
      ([a, b = '', c = '', d]) => [a, b, c.replace(/"sealed.*/, /"sealed.*/.exec(b)?.[0] ?? ''), d] as string[],
      'Line 3: its secrets',
    ],
    ['another first line', replaced('1.2.3', '1.2.4'), 'Line 1: it was another one before'],
    ['a name that nobody can have', replaced('"bob"', '" bob"'), 'Line 3: username is not what'],
    ['a member that is none', replaced('"bob"', '"bob","admin":true'), 'Line 3: admin is not what'],
    ['something behind the end', (all) => [...all, '{}'], 'Line 5: it stands behind the end'],
    ['nothing at all', () => [], 'It ends with line 0'],
  ])('%s', async (_what, change, message) => {
    const error = await read(reader, change(lines)).catch((it: unknown) => it);
    expect(error).toMatchObject({ name: 'RealmFileRefused', message: expect.stringContaining(message) });
  });

  test.each([
    ['what is no JSON', 'dn: uid=ann', 'Line 1: it is no JSON'],
    ['another JSON', '{"trees":{}}', 'Line 1: it does not say what assent export realm --users writes'],
    [
      'the file of the realm itself',
      '{"assent":{"format":1,"version":"1.2.3","realm":"/"}}',
      'Line 1: it does not say',
    ],
    ['a newer format', '{"assent":{"format":2,"version":"9.9.9","users":"/"}}', 'It was written by Assent 9.9.9'],
  ])('%s', async (_what, first, message) => {
    const begun = UsersFileReader.begin(first, { passphrase: PASSPHRASE, withoutSecrets: false });
    await expect(begun).rejects.toThrow(message);
  });
});
