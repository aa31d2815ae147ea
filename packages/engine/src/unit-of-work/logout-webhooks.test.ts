import { expect, test } from 'vitest';
import { LOGOUT_WEBHOOKS, type Session } from '../model/sessions.ts';
import { readWebhookEntry, webhookEntries, webhooksText } from './logout-webhooks.ts';

const sessionWith = (properties: Readonly<Record<string, string>>, webhooks = ['app']): Session => ({
  tokenHash: 'token',
  handle: 'handle',
  sid: 'sid',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  properties: { ...properties, [LOGOUT_WEBHOOKS]: webhooksText(webhooks) },
  createdAt: 0,
  lastUsedAt: 0,
  maxExpiresAt: 1,
  maxIdleMillis: 1,
});
const toldOf = (properties: Readonly<Record<string, string>>) => {
  const [entry] = webhookEntries(sessionWith(properties), 'LOGOUT');
  if (entry === undefined) throw new Error('There is no entry.');
  return readWebhookEntry(entry).properties;
};
/** Of a property alone. */
const sizeOf = (name: string, value: string): number => JSON.stringify({ [name]: value }).length;
const MOST = 6_000;

test('makes no notice of a session without webhooks (OPS-43)', () => {
  expect(webhookEntries(sessionWith({}, []), 'LOGOUT')).toEqual([]);
});

test('tells each webhook of a session the same, also where an earlier version stored more than 5 of them (OPS-43)', () => {
  const names = Array.from({ length: 20 }, (_, at) => `w${at}`);
  const entries = webhookEntries(sessionWith({ a: 'b' }, names), 'DESTROY');
  expect(entries.map(({ recipient }) => recipient)).toEqual(names);
  expect(entries.map(({ id }) => id)).toEqual(names.map((name) => `handle.${name}`));
  expect(new Set(entries.map(({ payload }) => payload)).size).toBe(1);
});

test('reads each property once for all webhooks of a session (SEC-93)', () => {
  let reads = 0;
  const session = sessionWith(
    {},
    Array.from({ length: 5 }, (_, at) => `w${at}`),
  );
  const properties = Object.defineProperty({ ...session.properties }, 'counted', {
    enumerable: true,
    get: () => {
      reads += 1;
      return 'value';
    },
  });
  expect(webhookEntries({ ...session, properties }, 'LOGOUT')).toHaveLength(5);
  expect(reads).toBe(1);
});

test.each([
  ['plain text', 'x'],
  ['quotes', '"'],
  ['backslashes', '\\'],
  ['line ends', '\n'],
  ['control characters', '\u0001'],
  ['halves of surrogate pairs', '\ud800'],
  ['second halves', '\udc00'],
  ['pairs', '\ud83d\ude00'],
])('keeps a property of %s that just has room as JSON, and leaves out one that is longer (SEC-93)', (_, unit) => {
  for (const end of ['', 'x', 'xx', 'xxxxx']) {
    const each = sizeOf('n', unit) - sizeOf('n', '');
    const fits = unit.repeat(Math.floor((MOST - sizeOf('n', end)) / each)) + end;
    const value = fits + 'x'.repeat(MOST - sizeOf('n', fits));
    expect(sizeOf('n', value)).toBe(MOST);
    expect(toldOf({ n: value })).toEqual({ n: value });
    expect(toldOf({ n: `${value}x`, after: 'kept' })).toEqual({ after: 'kept' });
  }
});

test('takes names into account as they are in JSON, and each property from what the ones before have left', () => {
  const name = '"'.repeat(1_000);
  const rest = 'x'.repeat(MOST - sizeOf(name, '') - sizeOf('rest', ''));
  expect(toldOf({ [name]: '', rest })).toEqual({ [name]: '', rest });
  expect(toldOf({ [name]: '', rest: `${rest}x`, short: 'x' })).toEqual({ [name]: '', short: 'x' });
});
