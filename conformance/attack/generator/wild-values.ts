/** What a member or a parameter may be told instead of what it is for, by what is wrong with it. */
export const WILD_VALUES: Readonly<Record<string, unknown>> = {
  'a list': ['a', 'b'],
  'no element': [],
  'a list of lists': [[['a']]],
  'an object': { a: { b: ['c'] } },
  'no member': {},
  'a number': 7,
  'less than nothing': -1,
  'half a number': 0.5,
  'a huge number': 1e308,
  null: null,
  'a truth value': true,
  nothing: '',
  'a text of 60 KiB': 'x'.repeat(60 * 1024),
  'a NUL character': 'a\u0000b',
  'half a character': 'a\ud800b',
  'a name of prototypes': '__proto__',
  depth: JSON.parse(`${'{"a":'.repeat(24)}1${'}'.repeat(24)}`) as unknown,
};

/** A JSON value whose members are to be replaced one by one. */
export type Sample = Readonly<Record<string, unknown>> | readonly unknown[];

export interface Wild {
  readonly what: string;
  readonly text: string;
}

const isContainer = (value: unknown): value is Sample => typeof value === 'object' && value !== null;

/** A copy in which the value at the path is another one. */
const withValueAt = (sample: unknown, [first, ...rest]: readonly (string | number)[], value: unknown): unknown => {
  if (first === undefined) return value;
  if (Array.isArray(sample)) return sample.map((it, at) => (at === first ? withValueAt(it, rest, value) : it));
  const members = sample as Readonly<Record<string, unknown>>;
  return { ...members, [first]: withValueAt(members[first], rest, value) };
};

/** Paths of all values, the whole first. */
function* pathsOf(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield path;
  if (!isContainer(value)) return;
  const entries: Iterable<readonly [string | number, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(value);
  for (const [name, member] of entries) yield* pathsOf(member, [...path, name]);
}

/** The same name for whoever does not look at the case of letters. */
const otherCase = (name: string): string => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase());

/** Names a member twice, or one that reaches a prototype, at the top of the body. */
const textsBeside = (sample: Sample): readonly Wild[] => {
  if (Array.isArray(sample)) return [];
  const inside = JSON.stringify(sample).slice(1);
  const [first = 'a'] = Object.keys(sample);
  const comma = inside === '}' ? '' : ',';
  return [
    { what: `${first} twice`, text: `{${JSON.stringify(first)}:1${comma}${inside}` },
    { what: `${first} in the wrong case`, text: `{${JSON.stringify(otherCase(first))}:1${comma}${inside}` },
    { what: 'a member constructor', text: `{"constructor":{"prototype":{"a":1}}${comma}${inside}` },
    { what: 'a member __proto__', text: `{"__proto__":{"a":1}${comma}${inside}` },
    { what: 'an unknown member', text: `{"some-member":{"a":[1]}${comma}${inside}` },
    { what: 'a body cut off', text: JSON.stringify(sample).slice(0, -1) },
    { what: 'a body over every limit', text: `{"a":"${'x'.repeat(128 * 1024)}"}` },
  ];
};

/** The body itself, and every body in which one value is a wild one. */
export function* wildBodies(sample: Sample): Generator<Wild> {
  yield { what: 'as it should be', text: JSON.stringify(sample) };
  for (const path of pathsOf(sample)) {
    for (const [what, value] of Object.entries(WILD_VALUES)) {
      yield { what: `${path.join('/') || 'body'}: ${what}`, text: JSON.stringify(withValueAt(sample, path, value)) };
    }
  }
  yield* textsBeside(sample);
}

/** One such body: `below` draws a number below another. */
export const someWildBody = (sample: Sample, below: (limit: number) => number): Wild => {
  if (below(8) === 0) {
    const texts = textsBeside(sample);
    const text = texts[below(texts.length)];
    if (text !== undefined) return text;
  }
  const paths = [...pathsOf(sample)];
  const path = paths[below(paths.length)] ?? [];
  const values = Object.entries(WILD_VALUES);
  const [what, value] = values[below(values.length)] ?? ['nothing', ''];
  return { what: `${path.join('/') || 'body'}: ${what}`, text: JSON.stringify(withValueAt(sample, path, value)) };
};

/** As many bytes as an address may have beside its headers. */
const MAX_IN_ADDRESS = 12 * 1024;

/** The ways to say one parameter that no client of ours uses; `says` is what it is usually told. */
export const wildParameters = (name: string, says: string): readonly Wild[] => {
  const one = `${name}=${encodeURIComponent(says)}`;
  const told = (value: string) => `${name}=${encodeURIComponent(value)}`;
  return [
    { what: 'as it should be', text: one },
    { what: 'twice', text: `${one}&${told('b')}` },
    { what: 'twice the same', text: `${one}&${one}` },
    { what: 'as a list', text: `${name}[]=a&${name}[]=b` },
    { what: 'as an object', text: `${name}[a]=b` },
    { what: 'as a nested form', text: `${name}[a][b][c]=d&${name}.a=b` },
    { what: 'beside the same as an object', text: `${one}&${name}[a]=b` },
    { what: 'as JSON', text: told('{"a":[1]}') },
    { what: 'in the wrong case', text: `${otherCase(name)}=${encodeURIComponent(says)}` },
    { what: 'beside the same in the wrong case', text: `${one}&${otherCase(name)}=b` },
    { what: 'without a value', text: name },
    { what: 'nothing', text: `${name}=` },
    { what: 'null', text: told('null') },
    { what: 'a number', text: told('7') },
    { what: 'less than nothing', text: told('-1') },
    { what: 'a huge number', text: told('1e400') },
    { what: 'a NUL character', text: told('a\u0000b') },
    { what: 'bytes that are no UTF-8', text: `${name}=%ff%fe` },
    { what: 'half an escape', text: `${name}=%zz%` },
    { what: 'a name of prototypes', text: told('__proto__') },
    { what: 'lines', text: told('a\r\nb: c') },
    { what: 'a long text', text: told('x'.repeat(MAX_IN_ADDRESS)) },
  ];
};

/** More than any address may have. */
export const TOO_LONG = `a=${'x'.repeat(64 * 1024)}`;
