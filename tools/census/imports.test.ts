import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../../packages/server/src/testing/rest-client.ts';
import {
  type SteeredServer,
  steeredServer,
  TEST_ADMINISTRATOR,
} from '../../packages/server/src/testing/steered-server.ts';
import { SHAPES } from './imports-data.mjs';
import { importsPage, walkShapes } from './imports-report.mjs';

interface Shape {
  readonly what: string;
  readonly path: string;
  readonly becomes: string;
}
interface Walked {
  readonly shape: Shape;
  readonly refused?: string;
  readonly lost: readonly string[];
}
type Log = readonly Readonly<Record<string, unknown>>[];
const shapes = SHAPES as readonly Shape[];

let server: SteeredServer;
let walked: readonly Walked[];
/** What the log says of each, by its path. */
const logOf = new Map<string, Log>();

beforeAll(async () => {
  server = await steeredServer({ port: 18478 });
  const rest: RestClient = restClient(server);
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const call = async (method: 'GET' | 'PUT', path: string, body?: unknown) => {
    const before = server.logged().length;
    const answer = await rest(method, `/realms/root/${path}`, { token, body });
    if (method === 'PUT') logOf.set(path, server.logged().slice(before));
    return answer;
  };
  walked = await walkShapes(call);
});
afterAll(() => server.assent.stop());

test('nothing of what exports of others bring is refused, and nothing is lost (B5, B6)', () => {
  expect(walked.map(({ shape, refused, lost }) => [shape.what, refused, lost])).toEqual(
    shapes.map(({ what }) => [what, undefined, []]),
  );
});

test('what does not act is said to be so in the log, and what acts is not', () => {
  const silent = shapes.filter(({ path }) => (logOf.get(path) ?? []).length === 0);
  // A library acts, and only the list of what it exports has no use.
  const named = silent.map(({ what }) => what);
  expect(shapes.filter(({ becomes }) => becomes !== 'acts').filter(({ what }) => named.includes(what))).toEqual([]);
});

test('a server that refuses, or loses, is told of by shape', async () => {
  const [one, two] = await walkShapes(async (method: string, path: string) => {
    if (path === shapes[0]?.path) return { status: 400, body: { message: 'No.' } };
    return { status: 200, body: method === 'GET' ? { name: 'Shape 2' } : {} };
  });
  expect(one).toMatchObject({ shape: shapes[0], refused: '400 No.' });
  expect(two?.lost).toContain('exports');
});

test('the page tells of every shape', () => {
  for (const { what } of shapes) expect(importsPage()).toContain(`| ${what} |`);
});
