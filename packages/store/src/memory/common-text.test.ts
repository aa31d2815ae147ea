import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommonText } from './common-text.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Characters in which nothing comes again, the same in every run (xorshift). */
const noise = (seed: number, length: number): string => {
  let word = Math.imul(seed + 1, 0x9e37_79b1);
  let text = '';
  while (text.length < length) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    text += ALPHABET[word & 63];
  }
  return text;
};

/** What a waiting journey looks like: the same for all but for ids, a name and times. */
const waiting = (at: number): string =>
  JSON.stringify({
    id: noise(2 * at, 36),
    realm: '/',
    tree: 'PushLogin',
    expiresAt: 1_800_000_000_000 + at * 7,
    shared: { username: `user${at}`, authLevel: 0, pushMessageId: `AUTHENTICATE:${noise(2 * at + 1, 36)}` },
    sent: [
      { type: 'PollingWaitCallback', output: { waitTime: 5_000, message: 'Auf dem Telefon bestätigen …' } },
      { type: 'HiddenValueCallback', output: { value: '', id: 'pushChallengeNumber' }, input: {} },
      { type: 'ConfirmationCallback', output: { prompt: '', messageType: 0, options: ['Cancel'], optionType: -1 } },
    ],
    presentation: {},
    wishes: { properties: {} },
  });

/** Longer than what is common may be, and than places in a text reach. */
const LONGEST = 40_000;
const longNoise = noise(0, LONGEST);

const packedCopy = (texts: CommonText, text: string): Uint8Array => Uint8Array.from(texts.pack(text));

test('what another instance packed is not read', () => {
  const packed = packedCopy(new CommonText(), 'a text');
  packed[0] = 9;
  expect(() => new CommonText().unpack(packed)).toThrow(/generation 9/);
});

test('every text comes back as it was, whatever was packed before and is forgotten', () => {
  const textOf = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom('', 'a', 'aaaa'.repeat(90), '…'.repeat(500)),
    fc.nat(50).map(waiting),
    fc.nat(LONGEST).map((length) => longNoise.slice(0, length)),
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ text: textOf, isPacked: fc.boolean(), isForgotten: fc.boolean() }), { maxLength: 30 }),
      (steps) => {
        const texts = new CommonText();
        const kept: { readonly text: string; readonly packed: Uint8Array }[] = [];
        for (const { text, isPacked, isForgotten } of steps) {
          const packed = isPacked ? packedCopy(texts, text) : Uint8Array.from(texts.keep(text));
          if (isForgotten) texts.forget(packed);
          else kept.push({ text, packed });
        }
        for (const { text, packed } of kept) expect(texts.unpack(packed)).toBe(text);
      },
    ),
    { numRuns: 100 },
  );
});

test('a text that is kept as it is takes its own bytes and six more', () => {
  const texts = new CommonText();
  texts.pack(waiting(0));
  expect(texts.keep(waiting(1)).length).toBe(Buffer.byteLength(waiting(1)) + 6);
});

test('rows that differ in ids, names and times take a third of their bytes', () => {
  const texts = new CommonText();
  texts.pack(waiting(0));
  for (let at = 1; at < 500; at += 1) {
    const text = waiting(at);
    expect(texts.pack(text).length).toBeLessThan(Buffer.byteLength(text) / 3);
  }
});

test('noise takes hardly more than its bytes, and after much of it the common is learnt anew', () => {
  const texts = new CommonText();
  texts.pack(waiting(0));
  for (let at = 0; at < 1_500; at += 1) {
    expect(texts.pack(noise(1_000 + at, 2_000)).length).toBeLessThan(2_030);
  }
  for (let at = 1; at < 100; at += 1) texts.pack(waiting(at));
  expect(texts.pack(waiting(100)).length).toBeLessThan(Buffer.byteLength(waiting(100)) / 3);
});

test('texts stay readable when so many kinds have come that what is common begins anew', () => {
  const texts = new CommonText();
  const kinds = Array.from({ length: 40 }, (_, kind) => noise(kind, 3_000));
  const kept = kinds.flatMap((kind) =>
    Array.from({ length: 70 }, (_, at) => {
      const text = `${kind} ${at}`;
      return { text, packed: packedCopy(texts, text) };
    }),
  );
  for (const { text, packed } of kept) expect(texts.unpack(packed)).toBe(text);
  const bytes = kept.reduce((sum, { packed }) => sum + packed.length, 0);
  expect(bytes).toBeLessThan((3_000 * kept.length) / 10);
});
