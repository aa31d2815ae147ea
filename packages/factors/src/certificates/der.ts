/** One value of a DER text (X.690 §10), its contents not looked at. */
export interface DerValue {
  /** 0 universal, 2 of its context. */
  readonly tagClass: number;
  readonly tag: number;
  readonly contents: Uint8Array;
}

/** Universal tags (X.680 §8.6). */
export const DER_TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  objectIdentifier: 6,
  enumerated: 10,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
} as const;

/** But for lists, no text that we read has more, and a short one can have very many. */
const MAX_VALUES = 1_024;

const LONG_TAG = 0x1f;
const MORE = 0x80;

/** The values that stand one after the other; throws a RangeError where the bytes are no DER, up to the last one, and where there are more. */
export const derValues = (bytes: Uint8Array, most = MAX_VALUES): readonly DerValue[] => {
  const values: DerValue[] = [];
  let at = 0;
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw new RangeError('The text ends too early.');
    at += 1;
    return byte;
  };
  while (at < bytes.length) {
    if (values.length === most) throw new RangeError('The text has too many values.');
    const first = next();
    const tag = (first & LONG_TAG) === LONG_TAG ? longNumber(next) : first & LONG_TAG;
    const length = lengthOf(next);
    if (at + length > bytes.length) throw new RangeError('A value is longer than what it stands in.');
    values.push({ tagClass: first >> 6, tag, contents: bytes.subarray(at, at + length) });
    at += length;
  }
  return values;
};

/**
 * Reads the heads of values one after the other and makes nothing of them, for texts with very many. Throws a RangeError where a head is no DER, or
 * its value is longer than what it stands in.
 */
export class DerCursor {
  readonly bytes: Uint8Array;
  /** The class of the value, whether it has parts, and its tag, where that is less than 31. */
  identifier = 0;
  /** Where the contents of the value begin, and end. */
  begin = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(at: number, limit: number): void {
    const { bytes } = this;
    const first = bytes[at + 1] ?? MORE;
    let begin = at + 2;
    let length = first;
    if (first >= MORE) {
      const count = first & 0x7f;
      if (count === 0 || count > 3) throw new RangeError('A length is indefinite or too large.');
      length = 0;
      for (const end = begin + count; begin < end; begin += 1) length = length * 256 + (bytes[begin] ?? 0);
      if (length < MORE || length < 256 ** (count - 1)) throw new RangeError('A length is longer than it need be.');
    }
    if (begin + length > limit) throw new RangeError('A value is longer than what it stands in.');
    this.identifier = bytes[at] ?? 0;
    this.begin = begin;
    this.end = begin + length;
  }

  /** As `read`, and throws a RangeError where the value is another one. */
  expect(identifier: number, at: number, limit: number): void {
    this.read(at, limit);
    if (this.identifier !== identifier) throw new RangeError(`There is no value of identifier ${identifier}.`);
  }
}

/** A number of a tag in groups of seven bits, at most three of them (X.690 §8.1.2.4). */
const longNumber = (next: () => number): number => {
  let number = 0;
  for (let groups = 0; groups < 3; groups += 1) {
    const byte = next();
    number = number * 128 + (byte & 0x7f);
    if ((byte & MORE) === 0) return number;
  }
  throw new RangeError('A tag is too large.');
};

/** A definite length in as few bytes as can be (X.690 §10.1). */
const lengthOf = (next: () => number): number => {
  const first = next();
  if (first < MORE) return first;
  const count = first & 0x7f;
  if (count === 0 || count > 3) throw new RangeError('A length is indefinite or too large.');
  let length = 0;
  for (let bytes = 0; bytes < count; bytes += 1) length = length * 256 + next();
  if (length < MORE || length < 256 ** (count - 1)) throw new RangeError('A length is longer than it need be.');
  return length;
};

/** The values inside a universal one of that tag; throws a RangeError for any other. */
export const derChildren = (value: DerValue | undefined, tag: number): readonly DerValue[] =>
  derValues(derContents(value, tag));

/** The bytes of a universal value of that tag; throws a RangeError for any other. */
export const derContents = (value: DerValue | undefined, tag: number): Uint8Array => {
  if (value?.tagClass !== 0 || value.tag !== tag) throw new RangeError(`There is no value of tag ${tag}.`);
  return value.contents;
};

/** A small number that is not negative; throws a RangeError for any other. */
export const derNumber = (value: DerValue | undefined, tag: number): number => {
  const bytes = derContents(value, tag);
  if (bytes.length === 0 || bytes.length > 4 || (bytes[0] ?? 0) >= 0x80) throw new RangeError('A number is too large.');
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
};

/** The value inside an explicit tag of the context, where one of them has it. */
export const derTagged = (values: readonly DerValue[], tag: number): DerValue | undefined => {
  const tagged = values.find((value) => value.tagClass === 2 && value.tag === tag);
  return tagged && derValues(tagged.contents)[0];
};
