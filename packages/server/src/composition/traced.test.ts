import { once } from 'node:events';
import { request as call } from 'node:http';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inject } from '../testing/inject.ts';
import { RecordedSpans, type SpanTree } from '../testing/recorded-spans.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';
import { hiddenValue, WaitingPage, type WaitingStep } from '../testing/waiting-page.ts';
import { DEMO_USER } from './seed.ts';

// What an SDK of OpenTelemetry is handed of a server that somebody signs in to by a phone (OPS-56).

const recorded = new RecordedSpans();
let server: SteeredServer;
let page: WaitingPage;
/** What a test has happen before a commit. */
let beforeCommit = async (): Promise<void> => undefined;
/** All that nobody who reads traces may learn. */
const secrets = new Set<string>([DEMO_USER.name, DEMO_USER.password, '127.0.0.1']);

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    logLevel: 'debug',
    between: async (point) => {
      if (typeof point !== 'string') await beforeCommit();
    },
  });
  page = new WaitingPage(() => server);
});
afterAll(async () => {
  await server?.assent.stop();
  recorded.stop();
});
beforeEach(() => recorded.forget());

const named = (name: string): readonly ReadableSpan[] => recorded.all.filter((it) => it.name === name);
const outline = ({ span, within }: SpanTree): unknown =>
  within.length === 0 ? span.name : { [span.name]: within.map(outline) };
const authenticate = (server: SteeredServer, headers: Readonly<Record<string, string>> = {}) =>
  inject(server.assent, {
    method: 'POST',
    url: '/am/json/authenticate?authIndexType=service&authIndexValue=Login',
    headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
    payload: '{}',
  });
const learn = (step: WaitingStep) => {
  secrets.add(step.authId);
  for (const { output } of step.callbacks) {
    for (const { value } of output) if (typeof value === 'string' && value.length > 5) secrets.add(value);
  }
};

test('a sign-in by phone is the trees that it says, and nothing of them tells who it was (OPS-56)', async () => {
  const waiting = await page.toWait();
  const [submit] = named('journey.submit').slice(-1);
  const requests = recorded.within(undefined);
  const last = requests.findLast(({ span }) => span.name === 'HTTP json/authenticate');
  if (submit === undefined || last === undefined) throw new Error('a push was asked for');

  expect(outline(last)).toEqual({
    'HTTP json/authenticate': [
      {
        'journey.submit': [
          'store.read',
          'node RecoveryCodeDisplayNode',
          { 'node PushAuthenticationSenderNode': ['store.read', 'store.read', 'store.read'] },
          'node PushWaitNode',
          'store.commit',
        ],
      },
      ...Array(last.within.length - 1).fill('store.read'),
    ],
  });
  expect(last.span).toMatchObject({ kind: SpanKind.SERVER, status: { code: SpanStatusCode.UNSET } });
  expect(last.span.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': 'json/authenticate',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'server.address': 'localhost',
    'server.port': 8080,
    'assent.realm': '/',
    'assent.transaction_id': expect.stringMatching(/^[\w-]{36}$/),
  });
  expect(submit.attributes).toEqual({
    'assent.realm': '/',
    'assent.journey': 'PushLogin',
    'assent.outcome': 'step',
  });
  expect(named('node PushAuthenticationSenderNode').at(-1)?.attributes).toEqual({
    'assent.node.type': 'PushAuthenticationSenderNode',
    'assent.node.id': expect.stringMatching(/^[\w-]{36}$/),
    'assent.journey': 'PushLogin',
    'assent.outcome': 'SENT',
  });
  expect(named('store.commit').at(-1)).toMatchObject({
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'memory', 'db.operation.name': 'commit', 'assent.outcome': 'applied' },
  });

  // Sent apart from the request that has written it, which may be over by then.
  await expect.poll(() => named('push.send relay')).toHaveLength(1);
  const sends = named('push.send relay');
  expect(sends[0]?.parentSpanContext).toBeUndefined();
  expect(sends[0]?.spanContext().traceId).not.toBe(submit.spanContext().traceId);
  expect(sends[0]?.links.map(({ context }) => context.spanId)).toEqual([submit.spanContext().spanId]);
  expect(sends[0]?.attributes).toEqual({
    'assent.realm': '/',
    'assent.push.provider': 'relay',
    'assent.outcome': 'sent',
  });

  const number = hiddenValue(waiting);
  const [request] = await page.listed();
  await page.answerOnPhone({ number });
  const done = await page.submit(waiting);
  learn(waiting);
  const { mechanismUid, deviceId, secret } = page.phone;
  for (const it of [mechanismUid, deviceId, Buffer.from(secret).toString('base64url'), 'Pixel 8']) secrets.add(it);
  const token = /iPlanetDirectoryPro=([^;]+)/.exec(String(done.headers['set-cookie']))?.[1];
  for (const it of [request?.messageId, request?.message, token]) {
    expect(it).toMatch(/.{16}/);
    secrets.add(String(it));
  }
  const user = await server.assent.store.identities.find('/', DEMO_USER.name);
  for (const device of await server.assent.store.devices.ofUser(user?.id ?? '')) secrets.add(device.uuid);
  secrets.add(String(user?.id));
  expect(named('journey.submit').at(-1)?.attributes['assent.outcome']).toBe('success');
  expect(named('push.send relay')).toHaveLength(1);
  const said = JSON.stringify(
    recorded.all.map(({ name, attributes, events, links, status, resource }) => [
      [name, attributes, events, links, status],
      resource.attributes,
    ]),
  );
  expect([...secrets].filter((it) => said.includes(it))).toEqual([]);
  expect(new Set(recorded.all.flatMap(({ attributes }) => Object.values(attributes)))).not.toContain(number);
  expect(recorded.open).toBe(0);
});

test('the lines of a request name its trace (OPS-57)', async () => {
  await authenticate(server, { 'x-forgerock-transactionid': 'named-by-a-caller' });
  const [span] = named('HTTP json/authenticate');
  const line = server.logged().find(({ transactionId }) => transactionId === 'named-by-a-caller');
  expect(line).toMatchObject({ msg: 'A request was answered.', traceId: span?.spanContext().traceId });
  expect(span?.attributes['assent.transaction_id']).toBe('named-by-a-caller');
});

test('a refused login is no fault, and an exception is one that tells its kind alone (OPS-56)', async () => {
  const wrong = (await page.start()).body;
  await page.submit(wrong, { NameCallback: DEMO_USER.name, PasswordCallback: 'not-the-password' });
  beforeCommit = async () => {
    throw new RangeError(`the password of ${DEMO_USER.name}`);
  };
  const next = (await page.start()).body;
  const failed = await page.submit(next, { NameCallback: DEMO_USER.name, PasswordCallback: DEMO_USER.password });
  beforeCommit = async () => undefined;
  expect(failed.status).toBe(500);
  for (const name of ['store.commit', 'journey.submit']) {
    expect(named(name).at(-1)).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'RangeError' },
      events: [],
    });
    expect(named(name).at(-1)?.status.message).toBeUndefined();
  }
  expect(named('HTTP json/authenticate').at(-1)).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'http.response.status_code': 500, 'error.type': '500' },
  });
  const others = recorded.all.filter(({ attributes }) => attributes['error.type'] === undefined);
  expect(others.filter(({ status }) => status.code === SpanStatusCode.ERROR)).toEqual([]);
  expect(JSON.stringify(recorded.all.map(({ attributes }) => attributes))).not.toContain('password of');
  expect(trace.getActiveSpan()).toBeUndefined();
  expect(recorded.open).toBe(0);
});

test('words that a caller makes up, for a journey, a realm or an address, are in no span (OPS-56)', async () => {
  const made = 'eyJhbGciOi-made-up';
  const headers = { host: 'localhost:8080', 'content-type': 'application/json' };
  for (const url of [
    `authenticate?authIndexType=service&authIndexValue=${made}`,
    `realms/root/realms/${made}/authenticate`,
    `authenticate?realm=/${made}`,
    made,
  ]) {
    const answer = await inject(server.assent, { method: 'POST', url: `/am/json/${url}`, headers, payload: '{}' });
    expect([400, 404]).toContain(answer.statusCode);
  }
  expect(recorded.all.filter(({ name }) => name.startsWith('HTTP'))).toHaveLength(4);
  expect(JSON.stringify(recorded.all.map(({ name, attributes }) => [name, attributes]))).not.toContain('made-up');
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;

test('a trace that a caller names is not taken up, and one that a trusted proxy names is (OPS-56)', async () => {
  await authenticate(server, { traceparent: TRACEPARENT });
  const [ours] = named('HTTP json/authenticate');
  expect(ours?.parentSpanContext).toBeUndefined();
  expect(ours?.spanContext().traceId).not.toBe(TRACE);

  recorded.forget();
  const behindProxy = await steeredServer({ port: 8080, trustedProxies: ['127.0.0.1'] });
  await authenticate(behindProxy, { traceparent: TRACEPARENT, baggage: 'user=demo' });
  await authenticate(behindProxy, { traceparent: 'no such thing' });
  await behindProxy.assent.stop();
  const [theirs, fresh] = named('HTTP json/authenticate');
  expect(theirs?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: 'b7ad6b7169203331', isRemote: true });
  expect(named('journey.submit')[0]?.spanContext().traceId).toBe(TRACE);
  expect(fresh?.parentSpanContext).toBeUndefined();
});

test('over a socket, the body arrives within its request; who asks how the server does is not traced', async () => {
  const listening = await steeredServer({ port: 0 });
  const { port } = await listening.assent.listen();
  const send = async (method: string, path: string, body = '') => {
    const headers = { host: 'localhost:0', 'content-type': 'application/json' };
    const sent = call({ port, method, path, headers });
    sent.end(body);
    const [response] = await once(sent, 'response');
    response.resume();
    await once(response, 'close');
    return response.statusCode;
  };
  expect(await send('GET', '/am/health/ready')).toBeDefined();
  expect(await send('POST', '/am/json/authenticate?authIndexType=service&authIndexValue=Login', '{}')).toBe(200);
  await listening.assent.stop();
  const roots = recorded.within(undefined);
  expect(roots.map(({ span }) => span.name)).toEqual(['HTTP json/authenticate']);
  expect(roots[0]?.within.map(({ span }) => span.name)).toEqual(['journey.submit']);
});
