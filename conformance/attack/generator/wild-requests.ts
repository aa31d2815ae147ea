import { pathOf, type RouteRow, type Who } from './route-rows.ts';
import { type Sample, someWildBody, TOO_LONG, type Wild, wildBodies, wildParameters } from './wild-values.ts';

/** A request of which one part is as nobody sends it. */
export interface WildRequest {
  readonly what: string;
  readonly method: string;
  /** Below `{am}`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

const JSON_BODY = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const API = { 'accept-api-version': 'protocol=1.0,resource=2.1' };

/** Sessions by who has them. */
export type Tokens = Partial<Readonly<Record<Who, string>>>;

export const headersOf = ({ as = 'nobody', body, form }: RouteRow, tokens: Tokens) => ({
  ...API,
  ...(as === 'page' && { 'x-assent-page': '1', 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'document' }),
  ...(as === 'own form' && { 'sec-fetch-site': 'same-origin' }),
  ...(tokens[as] !== undefined && { iplanetdirectorypro: tokens[as] }),
  ...(body && JSON_BODY),
  ...(form && FORM),
});

const asText = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

const without = (parameters: Readonly<Record<string, string>>, name: string): string =>
  asText(Object.fromEntries(Object.entries(parameters).filter(([other]) => other !== name)));

/** What may stand in any address: the realm in every way, and a name that no route knows. */
const ANYWHERE = [
  ...wildParameters('realm', '/').map(({ what, text }) => ({ what: `realm ${what}`, text })),
  { what: 'some-name twice', text: 'some-name=a&some-name=b' },
  { what: '_fields twice', text: '_fields=a&_fields=a' },
  { what: '_action as an object', text: '_action[a]=b' },
  { what: 'an address of 64 KiB', text: TOO_LONG },
];

/** Headers that routes read beside those of the row. */
const WILD_HEADERS = [
  'cookie',
  'authorization',
  'if-match',
  'x-openam-username',
  'x-openam-password',
  'currentpassword',
];

/** Segments that a name in a path may be. */
const WILD_SEGMENTS = [
  '%00',
  'a%00b',
  '%2e%2e',
  '%2f',
  '%ff',
  '%zz',
  '__proto__',
  'constructor',
  '*',
  "'",
  '%22',
  '%f0%9f%98%80',
  'x'.repeat(4_000),
];

const beside = (parameters: Readonly<Record<string, string>>, name: string, given: string): string => {
  const others = without(parameters, name);
  return others === '' ? given : `${others}&${given}`;
};

/** The parts of a request that a row makes, to be put together with one of them changed. */
const partsOf = (key: string, row: RouteRow, tokens: Tokens) => {
  const [method = '', pattern = ''] = key.split(' ');
  const { names = {}, query = {}, body, form } = row;
  const text = body === undefined ? form && asText(form) : JSON.stringify(body);
  const headers = headersOf(row, tokens);
  const usual = { method, headers, ...(text !== undefined && method !== 'GET' && { body: text }) };
  const address = (given = asText(query), path = encodeURI(pathOf(pattern, names))) =>
    `${path}${given === '' ? '' : `?${given}`}`;
  return { method, pattern, names, query, body, form, headers, usual, address };
};

/** The request as it is meant. */
export const usualRequest = (key: string, row: RouteRow, tokens: Tokens): WildRequest => {
  const { usual, address } = partsOf(key, row, tokens);
  return { ...usual, what: 'as it should be', path: address() };
};

/** What any address, segment and header may say, whatever the route makes of it: one code of the server reads it for all of them. */
export function* wildAnywhere(key: string, row: RouteRow, tokens: Tokens): Generator<WildRequest> {
  const { pattern, names, query, headers, usual, address } = partsOf(key, row, tokens);
  for (const { what, text } of ANYWHERE) {
    yield { ...usual, what: `parameter ${what}`, path: address(beside(query, text.split('=', 1)[0] ?? '', text)) };
  }
  for (const name of Object.keys(names)) {
    for (const segment of WILD_SEGMENTS) {
      const others = encodeURI(pathOf(pattern.replace(`:${name}`, '{}'), names));
      const path = others.replace('%7B%7D', () => segment);
      yield { ...usual, what: `segment ${name} ${segment.slice(0, 16)}`, path: address(undefined, path) };
    }
  }
  for (const name of new Set([...Object.keys(headers), ...WILD_HEADERS])) {
    const twice = { ...headers, [name]: ['a=b', 'c=d'] };
    yield { ...usual, headers: twice, what: `header ${name} twice`, path: address() };
  }
}

/** Every wild request with what one row alone takes: its parameters, its body, its form. */
export function* wildRequests(key: string, row: RouteRow, tokens: Tokens): Generator<WildRequest> {
  const { method, query, body, form, usual, address } = partsOf(key, row, tokens);

  for (const [name, says] of Object.entries(query)) {
    for (const { what, text } of wildParameters(name, says)) {
      yield { ...usual, what: `parameter ${name} ${what}`, path: address(beside(query, name, text)) };
    }
  }
  if (body !== undefined && method !== 'GET') {
    for (const wild of wildBodies(body)) {
      yield { ...usual, body: wild.text, what: `body ${wild.what}`, path: address() };
    }
  }
  for (const [name, says] of Object.entries(form ?? {})) {
    const inForm = (what: string, given: string): WildRequest => ({
      ...usual,
      body: beside(form ?? {}, name, given),
      what: `field ${name} ${what}`,
      path: address(),
    });
    for (const { what, text } of wildParameters(name, says)) yield inForm(what, text);
    if (!says.startsWith('{')) continue;
    for (const wild of wildBodies(JSON.parse(says) as Sample)) {
      yield inForm(`with ${wild.what}`, `${name}=${encodeURIComponent(wild.text)}`);
    }
  }
}

const PARAMETERS = new Map<string, readonly Wild[]>();

const waysToSay = (name: string, says: string): readonly Wild[] => {
  const key = `${name}=${says}`;
  const known = PARAMETERS.get(key) ?? wildParameters(name, says);
  PARAMETERS.set(key, known);
  return known;
};

/** One wild request of a row, drawn: a million of them are not all made to choose one each time. */
export const someWildRequest = (
  key: string,
  row: RouteRow,
  tokens: Tokens,
  below: (limit: number) => number,
): WildRequest => {
  const { method, pattern, names, query, body, form, headers, usual, address } = partsOf(key, row, tokens);
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const ways: (() => WildRequest)[] = [
    () => {
      const { what, text } = one(ANYWHERE);
      return { ...usual, what: `parameter ${what}`, path: address(beside(query, text.split('=', 1)[0] ?? '', text)) };
    },
    () => {
      const name = one([...Object.keys(headers), ...WILD_HEADERS]);
      return {
        ...usual,
        headers: { ...headers, [name]: ['a=b', 'c=d'] },
        what: `header ${name} twice`,
        path: address(),
      };
    },
  ];
  for (const [name, says] of Object.entries(query))
    ways.push(() => {
      const { what, text } = one(waysToSay(name, says));
      return { ...usual, what: `parameter ${name} ${what}`, path: address(beside(query, name, text)) };
    });
  for (const name of Object.keys(names))
    ways.push(() => {
      const segment = one(WILD_SEGMENTS);
      const path = encodeURI(pathOf(pattern.replace(`:${name}`, '{}'), names)).replace('%7B%7D', () => segment);
      return { ...usual, what: `segment ${name} ${segment.slice(0, 16)}`, path: address(undefined, path) };
    });
  for (const [name, says] of Object.entries(form ?? {}))
    ways.push(() => {
      const { what, text } = one(waysToSay(name, says));
      return { ...usual, body: beside(form ?? {}, name, text), what: `field ${name} ${what}`, path: address() };
    });
  // A body has the most to say.
  if (body !== undefined && method !== 'GET')
    for (let times = 0; times < 3; times += 1)
      ways.push(() => {
        const { what, text } = someWildBody(body, below);
        return { ...usual, body: text, what: `body ${what}`, path: address() };
      });
  return one(ways)();
};

/** A phone does not learn which check has failed (push-protocol §5). */
const ANSWERED_ALIKE = new Set(['POST /json/push/relay', 'POST /json/push/sns/message']);

/** Whether an answer to a wild request is one that it must not have, though it is no failure of the server. */
export const isAccepted = (key: string, { what, method }: WildRequest, status: number): boolean => {
  const mustBeRefused = / twice( the same)?$/.test(what) && /^(parameter|field)/.test(what);
  if (mustBeRefused && method !== 'OPTIONS' && status !== 400) return true;
  const isUnstorable = /^body .*: (a NUL character|half a character)$/.test(what);
  return isUnstorable && !ANSWERED_ALIKE.has(key) && status !== 400;
};
