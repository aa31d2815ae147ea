/** The library takes about 4 µs for the worst value, and reads a whole message in one turn of the event loop. */
const MAX_MESSAGE_ELEMENTS = 200_000;
/** An entry has the attributes that were asked for, a hundred and a few, and some of them with options such as `;binary`. */
const MAX_ATTRIBUTES = 256;
/** Messages of LDAP need 6 levels; referrals and extensions may have some more. */
const MAX_DEPTH = 16;
const MAX_LENGTH_BYTES = 4;
/** The library reads lengths as signed integers of 32 bits. */
const MAX_LENGTH = 2 ** 31 - 1;

const CONSTRUCTED = 0x20;
/** The number of a tag that goes on in the next byte (X.690 §8.1.2.4). LDAP has none. */
const LONG_TAG = 0x1f;

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const SET = 0x31;
const SEARCH_ENTRY = 0x64;
const SEARCH_REFERENCE = 0x73;
const CONTROLS = 0xa0;

/** Which elements an element may hold (RFC 4511 §4). */
interface Shape {
  readonly name: string;
  /** How many elements it holds at least. */
  readonly least: number;
  /** How many it may hold; any number where absent. */
  readonly most?: number;
  /** The shape of the next element, given its place, its tag and the tag before it; undefined where it may not stand there. */
  readonly next: (at: number, tag: number, before: number | undefined) => Shape | undefined;
}

const ANY: Shape = { name: 'element', least: 0, next: () => ANY };

const only = (tag: number, shape: Shape) => (found: number) => (found === tag ? shape : undefined);

/** Elements of one tag. */
const listOf = (name: string, tag: number, shape: Shape): Shape => {
  const take = only(tag, shape);
  return { name, least: 0, next: (_at, found) => take(found) };
};

/** All of these elements, in this order. */
const inOrder = (name: string, ...items: ((tag: number) => Shape | undefined)[]): Shape => ({
  name,
  least: items.length,
  next: (at, tag) => items[at]?.(tag),
});

const text = only(OCTET_STRING, ANY);

const attribute = inOrder('attribute', text, only(SET, listOf('value set', OCTET_STRING, ANY)));
const entry = inOrder(
  'entry',
  text,
  only(SEQUENCE, { ...listOf('list of attributes', SEQUENCE, attribute), most: MAX_ATTRIBUTES }),
);
const reference = listOf('reference', OCTET_STRING, ANY);

/** The type, whether it is critical, and the value; only the type is required. */
const control: Shape = {
  name: 'control',
  least: 1,
  next: (at, tag, before) => {
    if (tag === OCTET_STRING) return at === 0 || at === 1 || before === BOOLEAN ? ANY : undefined;
    return tag === BOOLEAN && at === 1 ? ANY : undefined;
  },
};
const controls = listOf('list of controls', SEQUENCE, control);

/** What operations answer with; referrals, credentials and values of extensions may follow. The library takes 0xa0 for controls here as well. */
const RESULT = [ENUMERATED, OCTET_STRING, OCTET_STRING];
const result: Shape = {
  name: 'result',
  least: RESULT.length,
  next: (at, tag) => (tag === (RESULT[at] ?? tag) && tag !== CONTROLS ? ANY : undefined),
};

const operationOf = (tag: number): Shape => {
  if (tag === SEARCH_ENTRY) return entry;
  return tag === SEARCH_REFERENCE ? reference : result;
};

const message: Shape = {
  name: 'message',
  least: 2,
  next: (at, tag) => {
    if (at === 0) return tag === INTEGER ? ANY : undefined;
    if (at === 1) return operationOf(tag);
    return at === 2 && tag === CONTROLS ? controls : undefined;
  },
};

const whole = inOrder('answer', only(SEQUENCE, message));

/** Where the content of an element begins and ends, which begins with its tag at that place and lies within another that ends there. */
const contentOf = (bytes: Buffer, at: number, within: number, name: string): readonly [number, number] => {
  const tooShort = () => new Error(`An element of its ${name} is longer than what is left of it.`);
  const first = at + 1 < within ? bytes[at + 1] : undefined;
  if (first === undefined) throw tooShort();
  const start = at + 2;
  if (first < 0x80) {
    if (start + first > within) throw tooShort();
    return [start, start + first];
  }
  const size = first - 0x80;
  if (size === 0) throw new Error(`An element of its ${name} has an indefinite length.`);
  if (size > MAX_LENGTH_BYTES) throw new Error(`An element of its ${name} has a length of ${size} bytes.`);
  if (start + size > within) throw tooShort();
  const length = bytes.readUIntBE(start, size);
  if (length > MAX_LENGTH) throw new Error(`An element of its ${name} has a length of 2^31 or more.`);
  if (start + size + length > within) throw tooShort();
  return [start + size, start + size + length];
};

interface Open {
  readonly shape: Shape;
  readonly end: number;
  count: number;
  before: number | undefined;
}

/**
 * Throws unless each element of a message fills its place exactly and stands where RFC 4511 has it, and returns how many elements the message
 * has. The library checks neither: its loops wait for an offset that a missing or overlong element never reaches, and it opens elements
 * of any tag, so that bytes within a string would be read as elements (SEC-94).
 */
export const checkedElements = (bytes: Buffer): number => {
  const open: Open[] = [{ shape: whole, end: bytes.length, count: 0, before: undefined }];
  let elements = 0;
  let at = 0;
  for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
    const { shape, end } = parent;
    if (at === end) {
      if (parent.count < shape.least) throw new Error(`Its ${shape.name} is not complete.`);
      open.pop();
      continue;
    }
    elements += 1;
    if (elements > MAX_MESSAGE_ELEMENTS) throw new Error(`A message has more than ${MAX_MESSAGE_ELEMENTS} elements.`);
    const tag = bytes.readUInt8(at);
    if ((tag & LONG_TAG) === LONG_TAG) throw new Error(`An element of its ${shape.name} has a tag of several bytes.`);
    const found = shape.next(parent.count, tag, parent.before);
    if (found === undefined) throw new Error(`Its ${shape.name} has an element 0x${tag.toString(16)} out of place.`);
    const [start, stop] = contentOf(bytes, at, end, shape.name);
    parent.count += 1;
    if (parent.count > (shape.most ?? Number.POSITIVE_INFINITY))
      throw new Error(`Its ${shape.name} has more than ${shape.most} elements.`);
    parent.before = tag;
    at = stop;
    if ((tag & CONSTRUCTED) === 0) continue;
    if (open.length > MAX_DEPTH) throw new Error(`Its elements are nested more than ${MAX_DEPTH} deep.`);
    open.push({ shape: found, end: stop, count: 0, before: undefined });
    at = start;
  }
  return elements;
};
