import { describe, expect, test } from 'vitest';
import { readLdif } from './ldif.ts';
import { readRestAnswers } from './rest-answers.ts';
import { MAX_ENTRY_CHARACTERS, type SourceEntry, UnreadableFile } from './source-entry.ts';
import { linesOf } from './texts-of-file.ts';

/** A text in pieces of that many characters, as a file comes from the disk. */
async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const shown = async (entries: AsyncIterable<SourceEntry>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const { place, attributes } of entries) {
    const values = [...attributes.values()].map((it) => [
      it.isUnreadable ? `${it.name}!` : it.name,
      it.values.join('|'),
    ]);
    all.push([place, Object.fromEntries(values)]);
  }
  return all;
};

const ldif = (text: string, size = text.length) => shown(readLdif(linesOf(inPieces(text, size), MAX_ENTRY_CHARACTERS)));
const answers = (text: string, size = text.length) => shown(readRestAnswers(inPieces(text, size)));

describe('LDIF (RFC 2849)', () => {
  const FILE = [
    'version: 1',
    '# a comment that',
    '  goes on: in the next line',
    '',
    'dn: uid=ann,ou=people,dc=example,dc=com',
    'objectClass: inetOrgPerson',
    'objectclass: person',
    'uid:ann',
    'cn;lang-de: Anna',
    '# between two lines',
    'description: a long te',
    ' xt,  folded',
    '  twice ',
    'sn:: w4RybWVs',
    'jpegPhoto:: /9j/4AAQ',
    'labeledURI:< file:///etc/passwd',
    'empty:',
    '',
    '',
    'dn:: dWlkPWLDtmI=',
    '1.2.3.4: an attribute by its number',
    'uid: böb',
  ];
  const READ = [
    [
      'line 5',
      {
        dn: 'uid=ann,ou=people,dc=example,dc=com',
        objectClass: 'inetOrgPerson|person',
        uid: 'ann',
        'cn;lang-de': 'Anna',
        description: 'a long text,  folded twice ',
        sn: 'Ärmel',
        'jpegPhoto!': '',
        'labeledURI!': '',
        empty: '',
      },
    ],
    ['line 20', { dn: 'uid=böb', '1.2.3.4': 'an attribute by its number', uid: 'böb' }],
  ];

  test.each([
    ['as a whole', '\n', 10_000],
    ['letter by letter', '\n', 1],
    ['with the line ends of another system, in pieces', '\r\n', 7],
  ])(
    'is read %s: folded lines, base 64, comments, options and addresses, which are not followed',
    async (_how, end, size) => {
      expect(await ldif(FILE.join(end), size)).toEqual(READ);
      expect(await ldif(`${FILE.join(end)}${end}${end}`, size)).toEqual(READ);
    },
  );

  test.each([
    ['a record of changes', 'dn: a=b\nchangetype: delete\n', 'line 2: a record of changes'],
    ['a control', 'dn: a=b\ncontrol: 1.2.3\n', 'line 2: a record of changes'],
    ['a line without a colon', 'dn: a=b\nsecret\n', 'line 2: this is no line'],
    ['the trailer of ldapsearch', 'dn: a=b\n\nsearch: 2\nresult: 0 Success\n', 'line 3: an entry begins with its dn'],
    ['a value that is no base 64', 'dn: a=b\nuserPassword:: sec!ret\n', 'line 2: the value is not base 64'],
    ['a fold at the beginning', ' secret\n', 'line 1: a line goes on'],
    ['a fold behind an empty line', 'dn: a=b\n\n secret\n', 'line 3: a line goes on'],
    ['an entry without end', `dn: a=b\n${`a: ${'b'.repeat(1_000)}\n`.repeat(1_100)}`, 'line 1: the entry is larger'],
    ['a fold without end', `dn: a=b\na: b\n${` ${'b'.repeat(1_000)}\n`.repeat(1_100)}`, 'line 2: the entry is larger'],
    ['a line without end', 'b'.repeat(MAX_ENTRY_CHARACTERS + 1), 'line 1: the line has no end'],
  ])('%s is refused with its place, and without what stands there', async (_what, text, message) => {
    const error = await ldif(text, 65_536).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(UnreadableFile);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('answers of AM’s users REST', () => {
  const ann = {
    _id: 'ann',
    _rev: '1',
    username: 'ann',
    mail: ['a@example.com', 'b@example.com'],
    age: 7,
    result: ['x'],
  };
  const bob = { _id: 'bob', cn: ['"}{]['], description: 'back\\slash\\', nested: { a: 1 }, gone: null };
  const READ = [
    ['user 1', { _id: 'ann', username: 'ann', mail: 'a@example.com|b@example.com', age: '7', result: 'x' }],
    ['user 2', { _id: 'bob', cn: '"}{][', description: 'back\\slash\\', 'nested!': '' }],
  ];
  const page = (...result: readonly object[]) => ({ result, resultCount: result.length, pagedResultsCookie: null });

  test.each([
    ['a page', JSON.stringify(page(ann, bob))],
    ['a page for people', JSON.stringify(page(ann, bob), null, 2)],
    ['a page whose count stands first', JSON.stringify({ resultCount: 2, result: [ann, bob] })],
    ['pages one after the other', [page(ann), page(), page(bob)].map((it) => JSON.stringify(it)).join('\n')],
    [
      'pages of which each names the next',
      [{ ...page(ann), pagedResultsCookie: 'Mg==' }, page(bob)].map((it) => JSON.stringify(it)).join(''),
    ],
    [
      'a full page and the empty one behind it',
      [{ ...page(ann, bob), pagedResultsCookie: 'Mg==' }, page()].map((it) => JSON.stringify(it)).join('\n'),
    ],
    ['a list', JSON.stringify([ann, bob])],
    ['a user a line', [ann, bob].map((it) => JSON.stringify(it)).join('\n')],
  ])('%s is read, however it comes in pieces', async (_what, text) => {
    for (const size of [1, 2, 3, 7, 61, 100_000]) expect(await answers(text, size), `by ${size}`).toEqual(READ);
  });

  test.each([
    ['a page that was cut', JSON.stringify(page(ann, bob)).slice(0, -60), /in the midst of it/],
    ['a page that was cut between two users', `{"result":[${JSON.stringify(ann)},`, /in the midst of it/],
    [
      'a page without the one that it says follows',
      JSON.stringify({ ...page(ann, bob), pagedResultsCookie: 'secret' }, null, 1),
      /after user 2: the server said that more users follow/,
    ],
    ['what is no JSON', '{"username": secret}', /user 1: this is no JSON/],
    ['a user without end', `{"a":"${'b'.repeat(MAX_ENTRY_CHARACTERS)}"}`, /larger than any user/],
  ])('%s is refused without what stands there', async (_what, text, message) => {
    const error = await answers(text, 65_536).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(UnreadableFile);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('secret');
  });
});
