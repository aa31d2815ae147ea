import { once } from 'node:events';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Allowance, type AnswerSize, boundedSocket } from './bounded-socket.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** An element with the shortest length, unless its length has so many bytes. */
const within = (tag: number, parts: readonly Buffer[], lengthBytes = 0): Buffer => {
  const value = Buffer.concat(parts);
  const size = lengthBytes || (value.length < 0x80 ? 0 : 4);
  const head = Buffer.alloc(2 + size);
  head[0] = tag;
  head[1] = size === 0 ? value.length : 0x80 + size;
  if (size > 0) head.writeUIntBE(value.length, 2, size);
  return Buffer.concat([head, value]);
};

const TYPE = hex('0403756964');
const NAME = hex('0404636e3d78');
const ID = hex('020102');
const RESULT = hex('65070a010004000400');
const message = (...parts: Buffer[]) => within(0x30, [ID, ...parts]);
const entry = (...parts: Buffer[]) => message(within(0x64, parts));
const attributes = (...parts: Buffer[]) => entry(NAME, within(0x30, parts));
const attribute = (...parts: Buffer[]) => attributes(within(0x30, parts));
const values = (...parts: Buffer[]) => attribute(TYPE, within(0x31, parts));
const reference = (...parts: Buffer[]) => message(within(0x73, parts));
const controls = (...parts: Buffer[]) => message(RESULT, within(0xa0, parts));
const control = (...parts: Buffer[]) => controls(within(0x30, parts));
const referral = (...parts: Buffer[]) => message(within(0x65, [hex('0a010a04000400'), within(0xa3, parts)]));

/** Referrals may hold any elements: the message, its result and the referral are 3 levels. */
const nested = (depth: number): Buffer => {
  let inner: Buffer = Buffer.alloc(0);
  for (let level = 3; level < depth; level += 1) inner = within(0x30, [inner]);
  return referral(inner);
};

/** What the library was handed of these pieces, the answers to a call for so many, and what ended the connection. */
const readAs = async (size: AnswerSize, ...pieces: Buffer[]) => {
  const allowance = new Allowance();
  allowance.renew(size);
  const socket = boundedSocket(new Socket(), allowance);
  const handed: Buffer[] = [];
  socket.on('data', (piece: Buffer) => handed.push(piece));
  const ended = once(socket, 'close').catch((error: unknown) => error);
  for (const piece of pieces) socket.emit('data', piece);
  // The connection ends in the turn in which its data comes.
  const { destroyed } = socket;
  if (!destroyed) socket.destroy();
  const error = await ended;
  return { handed, destroyed, error: error instanceof Error ? error.message : undefined };
};

const read = (...pieces: Buffer[]) => readAs('list', ...pieces);

const tooLong = (name: string) => `An element of its ${name} is longer than what is left of it.`;
const outOfPlace = (name: string, tag: string) => `Its ${name} has an element ${tag} out of place.`;

test.each<[what: string, answer: Buffer, why: string]>([
  ['a value that is cut', values(hex('047f61')), tooLong('value set')],
  ['a value without a length', values(hex('04')), tooLong('value set')],
  ['a value whose length is cut', values(hex('048400')), tooLong('value set')],
  ['a value set that is cut', attribute(TYPE, hex('3104040161')), tooLong('attribute')],
  ['an attribute that is cut', attributes(hex('307f'), TYPE), tooLong('list of attributes')],
  ['a list of attributes that is cut', entry(NAME, hex('307f')), tooLong('entry')],
  ['a name that is cut', entry(hex('047f61')), tooLong('entry')],
  ['an entry that is cut', message(hex('647f'), NAME), tooLong('message')],
  [
    'a value longer than its set',
    attributes(within(0x30, [TYPE, hex('3103040261')]), hex('3000')),
    tooLong('value set'),
  ],
  ['an attribute type longer than its attribute', attribute(hex('040475696431')), 'Its attribute is not complete.'],
  ['a URL that is cut', reference(hex('047f61')), tooLong('reference')],
  ['a reference that is cut', message(hex('737f')), tooLong('message')],
  ['a control that is cut', controls(hex('307f')), tooLong('list of controls')],
  ['a control type that is cut', control(hex('047f61')), tooLong('control')],
  ['a list of controls that is cut', message(RESULT, hex('a07f')), tooLong('message')],
  ['a text of a result that is cut', message(hex('65070a010004000461')), tooLong('result')],
  ['a referral that is cut', referral(hex('047f61')), tooLong('element')],
  // The library reads them as negative.
  ['a value of 2^31 bytes', values(hex('048480000000')), 'An element of its value set has a length of 2^31 or more.'],
  [
    'a control of 2^32 - 1 bytes',
    controls(hex('3084ffffffff')),
    'An element of its list of controls has a length of 2^31',
  ],
  ['a URL of 2^31 bytes', reference(hex('048480000000')), 'An element of its reference has a length of 2^31 or more.'],
  ['a value of 2^31 - 1 bytes', values(hex('04847fffffff')), tooLong('value set')],
  ['a length of 5 bytes', values(hex('0485000000000161')), 'An element of its value set has a length of 5 bytes.'],
  [
    'an indefinite length',
    attribute(TYPE, hex('31800401610000')),
    'An element of its attribute has an indefinite length.',
  ],
  ['an indefinite length of an entry', message(hex('64800000')), 'An element of its message has an indefinite length.'],
  ['a tag of several bytes', referral(hex('bf810100')), 'An element of its element has a tag of several bytes.'],
  ['17 levels', nested(17), 'Its elements are nested more than 16 deep.'],
  ['10,000 levels', nested(10_000), 'Its elements are nested more than 16 deep.'],
  // Complete elements in which the library reads on from where it stands, without an end.
  ['an entry of a name alone', entry(NAME), 'Its entry is not complete.'],
  ['an empty entry', entry(), 'Its entry is not complete.'],
  ['attributes in a string', entry(NAME, within(0x04, [hex('047f61')])), outOfPlace('entry', '0x4')],
  ['an attribute in a string', attributes(hex('0403047f61')), outOfPlace('list of attributes', '0x4')],
  ['an attribute with a third element', attribute(TYPE, hex('3100'), hex('040104')), outOfPlace('attribute', '0x4')],
  ['an attribute without a set', attribute(TYPE), 'Its attribute is not complete.'],
  ['an entry with a third element', entry(NAME, hex('3000'), hex('a003040104')), outOfPlace('entry', '0xa0')],
  ['a value that is constructed', values(hex('2403040161')), outOfPlace('value set', '0x24')],
  ['a control in a string', controls(hex('040104')), outOfPlace('list of controls', '0x4')],
  ['a control with a third string', control(TYPE, hex('0400'), hex('040104')), outOfPlace('control', '0x4')],
  ['a control with a fourth element', control(TYPE, hex('0101ff0400'), hex('040104')), outOfPlace('control', '0x4')],
  ['an empty control', control(), 'Its control is not complete.'],
  ['controls within a result', message(hex('650c0a010004000400a003040104')), outOfPlace('result', '0xa0')],
  ['a result of its code alone', message(hex('65030a0100')), 'Its result is not complete.'],
  ['a message of its number alone', message(), 'Its message is not complete.'],
  ['an empty message', hex('3000'), 'Its message is not complete.'],
  [
    'a message with an element after its controls',
    message(RESULT, hex('a000'), hex('0400')),
    outOfPlace('message', '0x4'),
  ],
])('%s ends the connection at once, and the library reads nothing of it (SEC-94)', async (_what, answer, why) => {
  // The length of the message itself is right: it is whole.
  const { handed, destroyed, error } = await read(answer);
  expect(handed).toEqual([]);
  expect(destroyed).toBe(true);
  expect(error).toContain(`The answer cannot be read: ${why}`);
});

test.each<[what: string, answer: Buffer]>([
  ['an entry with values', values(hex('040161'), hex('0400'), within(0x04, [Buffer.alloc(300)]))],
  ['an entry without attributes', attributes()],
  ['an attribute without values', values()],
  ['lengths of 1 to 4 bytes', values(...[1, 2, 3, 4].map((bytes) => within(0x04, [hex('61')], bytes)))],
  ['bytes in a string that would be no elements', values(hex('0403047f61'))],
  ['references', reference(hex('0401610400'))],
  ['a control of a type', control(TYPE)],
  ['a control that says whether it is critical', control(TYPE, hex('0101ff'))],
  ['a control with a value', control(TYPE, hex('0403047f61'))],
  ['a control with all of it', control(TYPE, hex('010100'), hex('0403047f61'))],
  ['a result with a referral', referral(hex('040161'))],
  ['a bind with credentials', message(hex('610a0a010004000400870161'))],
  ['an extension with its name', message(hex('780a0a0100040004008a0161'))],
  ['16 levels', nested(16)],
])('%s is handed to the library as it came', async (_what, answer) => {
  const { handed, destroyed, error } = await read(answer.subarray(0, 5), answer.subarray(5));
  expect(error).toBeUndefined();
  expect(destroyed).toBe(false);
  expect(handed).toEqual([answer]);
});

/** A message of one entry whose elements are 8, and so many values more. */
const entryOf = (count: number) => values(Buffer.alloc(2 * count, hex('0400')));

test('a message of more than 200,000 elements ends the connection before the library reads it (SEC-94)', async () => {
  expect((await read(entryOf(199_992))).handed).toHaveLength(1);
  for (const count of [199_993, 4_000_000]) {
    const { handed, error } = await read(entryOf(count));
    expect(handed).toEqual([]);
    expect(error).toBe('The answer cannot be read: A message has more than 200000 elements.');
  }
});

test('all answers to a list have 1,000,000 elements at most (SEC-94)', async () => {
  const { handed, error } = await read(...Array<Buffer>(6).fill(entryOf(199_992)));
  expect(handed).toHaveLength(5);
  expect(error).toBe('The answer cannot be read: It has more than 1000000 elements.');
});

test('a call for one user takes 20,000 elements and 128 messages at most (SEC-93)', async () => {
  expect(await readAs('few', entryOf(19_992))).toMatchObject({ destroyed: false });
  const tooMany = await readAs('few', entryOf(19_993));
  expect([tooMany.handed, tooMany.error]).toEqual([[], 'The answer cannot be read: It has more than 20000 elements.']);
  const { handed, error } = await readAs('few', ...Array<Buffer>(129).fill(entryOf(1)));
  expect(handed).toHaveLength(128);
  expect(error).toBe('The answer cannot be read: It has more than 128 messages.');
});

test('an entry of more than 256 attributes ends the connection before the library reads it (SEC-93)', async () => {
  const empty = within(0x30, [TYPE, within(0x31, [])]);
  expect((await read(attributes(...Array<Buffer>(256).fill(empty)))).handed).toHaveLength(1);
  const { handed, error } = await read(attributes(...Array<Buffer>(257).fill(empty)));
  expect(handed).toEqual([]);
  expect(error).toBe('The answer cannot be read: Its list of attributes has more than 256 elements.');
});

test('6,000 users with 15 attributes are one answer to a list', async () => {
  const user = attributes(...Array<Buffer>(15).fill(within(0x30, [TYPE, within(0x31, [hex('040461626364')])])));
  const { handed, error } = await read(...Array<Buffer>(6_000).fill(user));
  expect(error).toBeUndefined();
  expect(handed).toHaveLength(6_000);
});
