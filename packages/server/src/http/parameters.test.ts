import { describe, expect, test } from 'vitest';
import { parametersOf, parseFormBody } from './parameters.ts';

const form = (text: string) => parseFormBody(Buffer.from(text));

describe('a parameter or a field that is there twice is refused by its name (A1, SEC-65)', () => {
  test.each([
    ['goto=/a&goto=/b', 'goto'],
    ['gotoOnFail=/a&x=1&gotoOnFail=/a', 'gotoOnFail'],
    ['realm=&realm', 'realm'],
    ['%67oto=/a&goto=/b', 'goto'],
    ['__proto__=1&__proto__=2', '__proto__'],
    ['constructor=1&constructor=2', 'constructor'],
    [`${'n'.repeat(100)}=1&${'n'.repeat(100)}=2`, 'n'.repeat(64)],
  ])('%.80s', (text, name) => {
    expect(() => parametersOf(`/am/json/authenticate?${text}`)).toThrow(
      new SyntaxError(`The parameter ${name} is there twice; send it once.`),
    );
    expect(() => form(text)).toThrow(new SyntaxError(`The field ${name} is there twice; send it once.`));
  });
});

test('a NUL character is refused, in a value and in a name (A1)', () => {
  for (const text of ['goto=a%00b', 'go%00to=a']) {
    expect(() => parametersOf(`/?${text}`)).toThrow('The parameter goto holds a NUL character; leave that out.');
    expect(() => form(text)).toThrow('The field goto holds a NUL character; leave that out.');
  }
});

test('more than two hundred of them are refused, and no more are read (A1)', () => {
  const some = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=1`).join('&');
  expect(Object.keys(parametersOf(`/?${some(200)}`))).toHaveLength(200);
  expect(() => parametersOf(`/?${some(201)}`)).toThrow('There are more than 200 parameters; send fewer.');
  expect(() => form(`${some(200)}&p0=2`)).toThrow(SyntaxError);
  expect(() => form('a&'.repeat(30_000))).toThrow(SyntaxError);
});

test('a form that is no UTF-8 is refused', () => {
  expect(() => parseFormBody(Buffer.from([0x61, 0x3d, 0xff]))).toThrow('The body is not UTF-8.');
});

test('any other is one text under its name, whatever the name looks like', () => {
  const text = '_action=a%20b+c&empty=&bare&a[b][]=1&a.b=2&__proto__=3&constructor=4&Goto=5&goto=6';
  const said = {
    _action: 'a b c',
    empty: '',
    bare: '',
    'a[b][]': '1',
    'a.b': '2',
    ['__proto__']: '3',
    constructor: '4',
    Goto: '5',
    goto: '6',
  };
  expect(Object.entries(parametersOf(`/am?${text}`))).toEqual(Object.entries(said));
  expect(Object.entries(form(text))).toEqual(Object.entries(said));
});

test('what is not said is undefined, also under a name that objects have by themselves', () => {
  for (const url of ['/am/json/authenticate', '/am?', '/am?goto=%2Fa']) {
    expect(parametersOf(url).constructor).toBeUndefined();
    expect(parametersOf(url).realm).toBeUndefined();
  }
});
