import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClockedServer, startClockedServer } from '../support/clocked-server.ts';
import { RestClient } from '../support/rest-client.ts';
import { ROUTE_ROWS, type RouteRow, type Who } from './route-rows.ts';
import { inParallel, LARGE, WildCaller, type WildRequest } from './wild-caller.ts';
import { type Sample, TOO_LONG, WILD_VALUES, wildBodies, wildParameters } from './wild-values.ts';

// Every parameter of every route, said in every way that nobody uses. What a server has for routes it says itself, so that
// a new one cannot be forgotten (issue 12, "done" 2).

const PASSWORD = 'Canary-Password-7f3a';

let server: ClockedServer;
let caller: WildCaller;
let dataDir: string;
let routes: readonly string[];
const tokens: Partial<Record<Who, string>> = {};

const heap = async (): Promise<number> => Number((await server.control('heap')).bytes);

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'assent-parameters-'));
  server = await startClockedServer({ dataDir });
  caller = new WildCaller(server.am);
  routes = (await server.control('routes')).routes as readonly string[];
  await server.control('realm', { realm: '/alpha' });
  await server.control('push-service', { realm: '/', config: { delegateFactory: 'relay' } });
  for (const username of ['ada', 'bob']) await server.control('user', { realm: '/', username, password: PASSWORD });
  const client = new RestClient(server.am);
  const tokenOf = async (name: string, password: string) =>
    (await client.submit(await client.start('Login'), { 0: name, 1: password })).tokenId ?? '';
  tokens.user = await tokenOf('ada', PASSWORD);
  tokens.administrator = await tokenOf(server.administrator.name, server.administrator.password);
  expect(tokens.administrator).not.toBe('');
});
afterAll(async () => {
  caller?.close();
  await server?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('every route of the server has a row here, and every row a route', () => {
  expect(Object.keys(ROUTE_ROWS).sort()).toEqual([...routes].sort());
  // Metrics tell so many apart: beyond them, whoever asks for all of them first would decide which (OPS-54).
  expect(new Set(routes.map((route) => route.split(' ')[1])).size).toBeLessThan(250);
});

const JSON_BODY = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const API = { 'accept-api-version': 'protocol=1.0,resource=2.1' };

const headersOf = ({ as = 'nobody', body, form }: RouteRow) => ({
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

const pathOf = (pattern: string, names: Readonly<Record<string, string>>): string =>
  pattern.replace(/:(\w+)/g, (_, name: string) => names[name] ?? 'x');

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

interface Wild extends WildRequest {
  readonly what: string;
}

/** Every wild request of one row; what any address may say is said to the first row of a route. */
function* wildRequests(key: string, row: RouteRow): Generator<Wild> {
  const [method = '', pattern = ''] = key.split(' ');
  const { names = {}, query = {}, body, form } = row;
  const headers = headersOf(row);
  const text = body === undefined ? form && asText(form) : JSON.stringify(body);
  const usual = { method, headers, ...(text !== undefined && method !== 'GET' && { body: text }) };
  const address = (given = asText(query), path = encodeURI(pathOf(pattern, names))) =>
    `${path}${given === '' ? '' : `?${given}`}`;
  const beside = (parameters: Readonly<Record<string, string>>, name: string, given: string) => {
    const others = without(parameters, name);
    return others === '' ? given : `${others}&${given}`;
  };

  for (const [name, says] of Object.entries(query)) {
    for (const { what, text: given } of wildParameters(name, says)) {
      yield { ...usual, what: `parameter ${name} ${what}`, path: address(beside(query, name, given)) };
    }
  }
  if (ROUTE_ROWS[key]?.[0] === row) {
    for (const { what, text: given } of ANYWHERE) {
      yield { ...usual, what: `parameter ${what}`, path: address(beside(query, given.split('=', 1)[0] ?? '', given)) };
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
  if (body !== undefined && method !== 'GET') {
    for (const wild of wildBodies(body))
      yield { ...usual, body: wild.text, what: `body ${wild.what}`, path: address() };
  }
  for (const [name, says] of Object.entries(form ?? {})) {
    const inForm = (what: string, given: string): Wild => ({
      ...usual,
      body: beside(form ?? {}, name, given),
      what: `field ${name} ${what}`,
      path: address(),
    });
    for (const { what, text: given } of wildParameters(name, says)) yield inForm(what, given);
    if (!says.startsWith('{')) continue;
    for (const wild of wildBodies(JSON.parse(says) as Sample)) {
      yield inForm(`with ${wild.what}`, `${name}=${encodeURIComponent(wild.text)}`);
    }
  }
}

/** AM's answer to an action that there is none of; any other 5xx is ours to mend. */
const isFailure = (status: number, text: string): boolean =>
  status > 501 || status === 500 || (status === 501 && !text.includes('Action not supported'));
const LEAKS = /node_modules|\bat (?:\w+\.)?\w+ \(|\b(?:Type|Range|Reference)Error\b|SQLITE|ENAMETOOLONG/;

/** A phone does not learn which check has failed (push-protocol §5). */
const ANSWERED_ALIKE = new Set(['POST /json/push/relay', 'POST /json/push/sns/message']);

/** What went wrong with the requests of one row; an answer that never came is one unless it was too large to be read. */
const failuresOf = async (key: string, row: RouteRow): Promise<readonly string[]> => {
  const answers = await inParallel(wildRequests(key, row), 16, async (wild) => {
    const { status, text } = await caller.send(wild);
    const isLarge = wild.path.length + (wild.body?.length ?? 0) > LARGE;
    const isWrong = isFailure(status, text) || LEAKS.test(text) || (status === 0 && !isLarge);
    const mustBeRefused = / twice( the same)?$/.test(wild.what) && /^(parameter|field)/.test(wild.what);
    const isReadTwice = mustBeRefused && wild.method !== 'OPTIONS' && status !== 400;
    const isUnstorable = /^body .*: (a NUL character|half a character)$/.test(wild.what);
    const isKept = isUnstorable && !ANSWERED_ALIKE.has(key) && status !== 400;
    return isWrong || isReadTwice || isKept ? [`${key}: ${wild.what}: ${status} ${text.slice(0, 200)}`] : [];
  });
  return answers.flat();
};

let before: number;
describe('no parameter, said in any way, makes a failure of ours (A1, A7)', () => {
  const rows = Object.entries(ROUTE_ROWS);
  test('nor does any route that is called as it should be', async () => {
    const all = rows.flatMap(([key, its]) => its.filter(({ isLast }) => !isLast).map((row) => [key, row] as const));
    const failures = await inParallel(all, 8, async ([key, row]) => {
      const [method = '', pattern = ''] = key.split(' ');
      const { body, form, query = {} } = row;
      const text = body === undefined ? form && asText(form) : JSON.stringify(body);
      const given = asText(query);
      const { status, text: answer } = await caller.send({
        method,
        path: `${pathOf(pattern, row.names ?? {})}${given && `?${given}`}`,
        headers: headersOf(row),
        ...(text !== undefined && method !== 'GET' && { body: text }),
      });
      return isFailure(status, answer) || status === 0 ? [`${key}: ${status} ${answer}`] : [];
    });
    expect(failures.flat()).toEqual([]);
    before = await heap();
  });

  const labelled = (isLast: boolean) =>
    rows.flatMap(([key, its]) =>
      its
        .map((row, at) => ({ key, row, name: its.length === 1 ? key : `${key} (${row.query?._action ?? at})` }))
        .filter(({ row }) => (row.isLast === true) === isLast),
    );
  test.each([...labelled(false), ...labelled(true)])('$name', async ({ key, row }) => {
    expect(await failuresOf(key, row)).toEqual([]);
  });

  test('and none stays in memory (REL-14)', async () => {
    expect((await heap()) - before).toBeLessThan(20 * 1024 * 1024);
  });
});

describe('no guess goes uncounted, however the request says what it says (A1, SEC-46, SEC-57)', () => {
  /** After so many the next one is not even looked at. */
  const GUESSES = 5;
  const START = '/json/realms/root/authenticate';
  const LOGIN = 'authIndexType=service&authIndexValue=Login';

  interface Step {
    readonly authId?: string;
    readonly tokenId?: string;
    readonly callbacks?: readonly { readonly type: string; readonly input: readonly { readonly name: string }[] }[];
  }
  interface Variant {
    readonly what: string;
    /** Of the start and of the submit. */
    readonly query?: string;
    readonly headers?: WildRequest['headers'];
    change?(body: Sample): string;
  }

  /** One whole sign-in; `undefined` where the start was refused already. */
  const guess = async (
    from: string,
    username: string,
    password: string,
    { query = '', headers = {}, change = JSON.stringify }: Partial<Variant> = {},
  ): Promise<{ readonly status: number; readonly step: Step } | undefined> => {
    const call = (path: string, body: string) =>
      caller.send({ method: 'POST', path, headers: { ...JSON_BODY, ...API, ...headers }, body, from });
    const started = await call(`${START}?${query === '' ? LOGIN : `${LOGIN}&${query}`}`, '{}');
    const { authId, callbacks = [] } = started.status === 200 ? (JSON.parse(started.text) as Step) : {};
    if (authId === undefined) return undefined;
    const values: Readonly<Record<string, string>> = { NameCallback: username, PasswordCallback: password };
    const filled = callbacks.map((it) => ({
      ...it,
      input: it.input.map((one) => ({ ...one, value: values[it.type] })),
    }));
    const { status, text } = await call(`${START}${query && `?${query}`}`, change({ authId, callbacks: filled }));
    return { status, step: (text.startsWith('{') ? JSON.parse(text) : {}) as Step };
  };

  const ofQuery = ['goto', 'gotoOnFail', 'locale', 'noSession', 'ForceAuth', 'realm', 'suspendedId'].flatMap((name) =>
    wildParameters(name, name === 'realm' ? '/' : '/a').map(
      ({ what, text }): Variant => ({ what: `parameter ${name} ${what}`, query: text }),
    ),
  );
  const beside = (what: string, member: string): Variant => ({
    what: `body with ${what}`,
    change: (body) => `{${member},${JSON.stringify(body).slice(1)}`,
  });
  const ofBody: readonly Variant[] = [
    ...Object.entries(WILD_VALUES).flatMap(([what, value]) =>
      value === WILD_VALUES['a text of 60 KiB']
        ? []
        : [beside(`a stage that is ${what}`, `"stage":${JSON.stringify(value)}`)],
    ),
    beside('a member constructor', '"constructor":{"prototype":{"a":1}}'),
    beside('its authId twice', '"authId":"a.b.c"'),
    beside('an unknown member', '"some-member":[{"a":[1]}]'),
    {
      what: 'body with its callbacks twice',
      change: (body) => {
        const { authId, callbacks } = body as { readonly authId: string; readonly callbacks: readonly unknown[] };
        return JSON.stringify({ authId, callbacks: [...callbacks, ...callbacks] });
      },
    },
  ];
  const ofHeaders = ['accept-language', 'cookie', 'x-forgerock-transactionid', 'x-forwarded-for', 'user-agent'].map(
    (name): Variant => ({ what: `header ${name} twice`, headers: { [name]: ['a=b', 'c=d'] } }),
  );

  test('a wrong password is told from the right one only where it counts', { timeout: 60_000 }, async () => {
    let evaluated = 0;
    const variants = [...ofQuery, ...ofBody, ...ofHeaders].entries();
    const failures = await inParallel(variants, 8, async ([at, variant]) => {
      const username = `guessed-${at}`;
      const from = `127.1.${Math.floor(at / 200)}.${1 + (at % 200)}`;
      await server.control('user', { realm: '/', username, password: PASSWORD });
      const wrong: (number | undefined)[] = [];
      for (let count = 0; count < GUESSES; count += 1) {
        wrong.push((await guess(from, username, `wrong ${count}`, variant))?.status);
      }
      const right = await guess(from, username, PASSWORD);
      const isSignedIn = right?.step.tokenId !== undefined;
      const isCounted = wrong.every((status) => status === 401);
      if (isCounted) evaluated += 1;
      const isRefusedUnread = wrong.every((status) => status === undefined || status === 400);
      return (isCounted && !isSignedIn) || (isRefusedUnread && isSignedIn)
        ? []
        : [`${variant.what}: ${wrong.join(' ')}, then ${right?.status} ${isSignedIn ? 'signed in' : ''}`];
    });
    expect(failures.flat()).toEqual([]);
    expect(evaluated).toBeGreaterThan(50);
  });
});
