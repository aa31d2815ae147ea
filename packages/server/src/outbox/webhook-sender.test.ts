import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Session } from '@assent/engine';
import { LOGOUT_WEBHOOKS, newOutboxRow, webhookEntries } from '@assent/engine/host';
import { simulatedClock } from '@assent/engine/testing';
import { guardedRequests } from '@assent/push';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webhookSender } from './webhook-sender.ts';

const KEY = Buffer.alloc(32, 7);
const SERVICE = { signingKey: `whsec_${KEY.toString('base64')}` };
const place = (name: string): string => `\${${name}}`;
const calls: { request: IncomingMessage; body: string }[] = [];
let answer: (response: ServerResponse) => unknown;
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  calls.push({ request, body: Buffer.concat(chunks).toString() });
  answer(response);
});
const requests = guardedRequests({ allowsLoopback: true });
let url = '';
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/end`;
});
afterAll(() => {
  requests.close();
  receiver.close();
});

const session = (properties: Record<string, string> = {}): Session => ({
  tokenHash: 'token-1',
  handle: 'handle-1',
  sid: 'sid-1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  properties: { ...properties, [LOGOUT_WEBHOOKS]: 'app' },
  createdAt: 0,
  lastUsedAt: 0,
  maxExpiresAt: 1,
  maxIdleMillis: 1,
});
const rowOf = (properties?: Record<string, string>) => {
  const [entry] = webhookEntries(session(properties), 'LOGOUT');
  if (entry === undefined) throw new TypeError('no entry');
  return newOutboxRow(entry);
};

/** Sends one webhook, and says what came of it and what the receiver has seen. */
const send = async (
  given: Record<string, unknown>,
  {
    status = 200,
    headers = {},
    properties,
    services = { webhooks: SERVICE },
  }: {
    status?: number;
    headers?: Record<string, string>;
    properties?: Record<string, string>;
    services?: Record<string, object>;
  } = {},
) => {
  calls.length = 0;
  answer = (response) => response.writeHead(status, headers).end('x'.repeat(100));
  const all: Record<string, object> = { 'webhook/app': { url, body: '', headers: {}, ...given }, ...services };
  const configuration = {
    service: (realm: string, type: string) =>
      realm === '/alpha' && all[type] !== undefined ? { realm, type, config: all[type] as never } : undefined,
  };
  const sent = await webhookSender({ configuration, requests, clock: simulatedClock() }).send(rowOf(properties));
  return { sent, calls: [...calls] };
};

test.each([
  [
    'a webhook that was deleted meanwhile',
    {},
    { services: { webhooks: SERVICE, 'webhook/app': undefined as never } },
    /no webhook "app"/,
  ],
  ['a realm without a key', {}, { services: {} }, /no service "webhooks"/],
  ['a private address', { url: 'https://10.0.0.1/' }, {}, /may not be called/],
  ['the address of metadata', { url: 'https://169.254.169.254/' }, {}, /may not be called/],
  ['an address without TLS', { url: 'http://app.example.com/' }, {}, /not one of https/],
  [
    'a body that is too long',
    { body: place('long').repeat(100) },
    { properties: { long: 'x'.repeat(1_000) } },
    /65536 characters/,
  ],
  [
    'headers that would be gigabytes',
    {
      headers: Object.fromEntries(Array.from({ length: 32 }, (_none, at) => [`x-${at}`, place('v').repeat(1_024)])),
    },
    { properties: { v: 'ä'.repeat(5_000) } },
    /65536 characters/,
  ],
  [
    'an address that would be megabytes',
    { url: `https://a.example/${place('long').repeat(200)}` },
    { properties: { long: 'ä'.repeat(5_000) } },
    /65536 characters/,
  ],
  ['one that was stored and could not be saved now', { url: 'ftp://a.example/' }, {}, /"app" has no usable url/],
])('nobody is called, and it is tried again, for %s (OPS-46)', async (_, given, with_, cause) => {
  const { sent, calls } = await send(given, with_);
  expect(sent).toMatchObject({ status: 'failed', cause: expect.stringMatching(cause) });
  expect(calls).toEqual([]);
});

test.each([
  [302, { location: '/elsewhere' }],
  [404, {}],
  [500, {}],
])('an answer of %i is a failure that may pass, and no redirect is followed', async (status, headers) => {
  const { sent, calls } = await send({}, { status, headers });
  expect(sent).toEqual({ status: 'failed', cause: `status ${status}`, retryAfterMillis: undefined });
  expect(calls).toHaveLength(1);
});

test('a receiver says when it wants to be called again (OPS-44)', async () => {
  const { sent } = await send({}, { status: 503, headers: { 'retry-after': '90' } });
  expect(sent).toMatchObject({ status: 'failed', retryAfterMillis: 90_000 });
});

test('a receiver that hangs up is tried again', async () => {
  const { sent } = await send({ url: url.replace(/:\d+\//, ':1/') });
  expect(sent).toMatchObject({ status: 'failed' });
});

test('a call is signed over id, time and body, and all tries have one id (OPS-46)', async () => {
  const first = await send({
    body: `event=${place('WebhookEventType')}&user=${place('UserId')}&none=${place('nothing')}`,
  });
  expect(first.sent).toEqual({ status: 'settled', outcome: 'sent' });
  const [call] = first.calls;
  expect(call?.body).toBe('event=LOGOUT&user=demo&none=');
  const headers = call?.request.headers ?? {};
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${call?.body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', KEY).update(signed).digest('base64')}`);
  expect(call?.request.method).toBe('POST');
  const again = await send({ body: 'other' });
  expect(again.calls[0]?.request.headers['webhook-id']).toBe(headers['webhook-id']);
  expect(again.calls[0]?.request.headers['webhook-signature']).not.toBe(headers['webhook-signature']);
});

const HOSTILE = `a"&=\r\nx: ${place('UserId')} ä`;
test.each([
  ['application/json', `{"v":"${place('p')}"}`, JSON.stringify({ v: HOSTILE })],
  ['application/x-www-form-urlencoded; charset=utf-8', `v=${place('p')}`, `v=${encodeURIComponent(HOSTILE)}`],
  ['text/plain', `v=${place('p')}`, `v=${HOSTILE}`],
])('a value in %s is a value and no more', async (type, body, expected) => {
  const headers = { 'Content-Type': type, 'x-own': `v ${place('p')}` };
  const { calls } = await send({ url: `${url}?p=${place('p')}`, body, headers }, { properties: { p: HOSTILE } });
  expect(calls[0]?.body).toBe(expected);
  expect(calls[0]?.request.url).toBe(`/end?p=${encodeURIComponent(HOSTILE)}`);
  expect(calls[0]?.request.headers).toMatchObject({ 'x-own': `v a"&=%0D%0Ax: ${place('UserId')} %C3%A4` });
  expect(calls[0]?.request.headers).not.toHaveProperty('x');
});

test('the trail says which webhook was told of which end', () => {
  const sender = webhookSender({ configuration: { service: () => undefined }, requests, clock: simulatedClock() });
  expect(sender.audit(rowOf(), 7, 'sent')).toMatchObject({
    event: { event: 'WEBHOOK', userId: 'user-1', outcome: 'sent', detail: { webhook: 'app', event: 'LOGOUT' } },
  });
});
