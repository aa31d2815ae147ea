import { type Parsed, parsed, refused, utf8Bytes, utf8Text } from '@assent/push/protocol';

// The part of CBOR (RFC 8949) that authenticators may use (CTAP 2.1 §8), read so that one text of bytes has one meaning for every reader (WA-20).

export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<number | string, CborValue>;

export type CborProblem =
  /** The bytes end within a value. */
  | 'truncated'
  | 'trailing'
  | 'depth'
  /** A key of a map occurs twice, or is neither a number nor a text. */
  | 'key'
  /** Indefinite lengths, tags, floats, other simple values, numbers that are not written as short as they can be or that JavaScript cannot hold. */
  | 'form'
  | 'text';

/** Maps and lists within each other; an attestation object has three, and the extensions of an authenticator no more. */
const MAX_DEPTH = 6;

/** The one value that these bytes are. Never throws. */
export function readCbor(bytes: Uint8Array): Parsed<CborValue, CborProblem> {
  const read = readCborItem(bytes, 0);
  if (!read.ok) return read;
  return read.value.end === bytes.length ? parsed(read.value.value) : refused('trailing');
}

/** The value that begins at an offset, and where it ends. Never throws. */
export function readCborItem(
  bytes: Uint8Array,
  start: number,
): Parsed<{ readonly value: CborValue; readonly end: number }, CborProblem> {
  const reader = new Reader(bytes, start);
  const value = reader.value(MAX_DEPTH);
  return value === undefined ? refused(reader.problem) : parsed({ value, end: reader.at });
}

/** RFC 8949 §3.1. */
const TYPE = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;
const SIMPLE: ReadonlyMap<number, boolean | null> = new Map([
  [20, false],
  [21, true],
  [22, null],
]);

/** Reads from where it stands; undefined where it has found a problem, after which it reads no more. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  problem: CborProblem = 'truncated';

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  value(depth: number): CborValue | undefined {
    const initial = this.#take(1)?.[0];
    if (initial === undefined) return undefined;
    const [type, info] = [initial >> 5, initial & 31];
    // All simple values that are read are in the initial byte; what follows one with more is a float, or a value of nobody's.
    if (type === TYPE.simple && SIMPLE.has(info)) return SIMPLE.get(info);
    if (type === TYPE.simple || type === TYPE.tag) return this.#refuse('form');
    const argument = this.#argument(info);
    if (argument === undefined) return undefined;
    switch (type) {
      case TYPE.unsigned:
        return argument;
      case TYPE.negative:
        return argument === Number.MAX_SAFE_INTEGER ? this.#refuse('form') : -1 - argument;
      case TYPE.bytes:
        return this.#take(argument);
      case TYPE.text:
        return this.#text(argument);
      default:
        if (depth === 0) return this.#refuse('depth');
        return type === TYPE.list ? this.#list(argument, depth - 1) : this.#map(argument, depth - 1);
    }
  }

  #text(length: number): string | undefined {
    const bytes = this.#take(length);
    return bytes && (utf8Text(bytes) ?? this.#refuse('text'));
  }

  #list(length: number, depth: number): readonly CborValue[] | undefined {
    const list: CborValue[] = [];
    // Ends where the bytes do, whatever length is said.
    for (let left = length; left > 0; left -= 1) {
      const member = this.value(depth);
      if (member === undefined) return undefined;
      list.push(member);
    }
    return list;
  }

  #map(size: number, depth: number): CborMap | undefined {
    const map = new Map<number | string, CborValue>();
    for (let left = size; left > 0; left -= 1) {
      const key = this.value(0);
      if (key === undefined) return undefined;
      if ((typeof key !== 'number' && typeof key !== 'string') || map.has(key)) return this.#refuse('key');
      const member = this.value(depth);
      if (member === undefined) return undefined;
      map.set(key, member);
    }
    return map;
  }

  /** RFC 8949 §3; of the forms of a number the shortest is the only one (§4.2.1). */
  #argument(info: number): number | undefined {
    if (info < 24) return info;
    if (info > 27) return this.#refuse('form');
    const length = 2 ** (info - 24);
    const from = this.at;
    if (this.#take(length) === undefined) return undefined;
    const view = this.#view;
    const value =
      length === 1
        ? view.getUint8(from)
        : length === 2
          ? view.getUint16(from)
          : length === 4
            ? view.getUint32(from)
            : Number(view.getBigUint64(from));
    const least = length === 1 ? 24 : 2 ** (4 * length);
    return value >= least && value <= Number.MAX_SAFE_INTEGER ? value : this.#refuse('form');
  }

  #take(length: number): Uint8Array | undefined {
    const from = this.at;
    if (length > this.#bytes.length - from) return this.#refuse('truncated');
    this.at = from + length;
    return this.#bytes.subarray(from, this.at);
  }

  #refuse(problem: CborProblem): undefined {
    this.problem = problem;
    return undefined;
  }
}

/** The shortest form of a value, its maps in the order that they have. */
export const encodeCbor = (value: CborValue): Uint8Array<ArrayBuffer> => Uint8Array.from(encoded(value));

function encoded(value: CborValue): readonly number[] {
  if (typeof value === 'number') return value < 0 ? head(TYPE.negative, -1 - value) : head(TYPE.unsigned, value);
  if (typeof value === 'boolean') return [value ? 0xf5 : 0xf4];
  if (value === null) return [0xf6];
  if (typeof value === 'string') {
    const bytes = utf8Bytes(value);
    return [...head(TYPE.text, bytes.length), ...bytes];
  }
  if (value instanceof Uint8Array) return [...head(TYPE.bytes, value.length), ...value];
  if (value instanceof Map) {
    const entries = [...(value as CborMap)].flatMap(([key, member]) => [...encoded(key), ...encoded(member)]);
    return [...head(TYPE.map, value.size), ...entries];
  }
  const list = value as readonly CborValue[];
  return [...head(TYPE.list, list.length), ...list.flatMap(encoded)];
}

function head(type: number, argument: number): readonly number[] {
  const initial = type << 5;
  if (argument < 24) return [initial | argument];
  if (argument < 0x1_00) return [initial | 24, argument];
  if (argument < 0x1_0000) return [initial | 25, argument >> 8, argument & 255];
  if (argument < 0x1_0000_0000)
    return [initial | 26, argument >>> 24, (argument >> 16) & 255, (argument >> 8) & 255, argument & 255];
  throw new RangeError('A number of more than 32 bits is in none of our CBOR.');
}
