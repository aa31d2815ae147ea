import { JourneyError, Unavailable } from '@assent/engine';
import type { OutboxRow } from '@assent/engine/host';
import type { PushDispatcher, PushMessage, PushObserver, SendResult } from '@assent/push';
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-node';
import { afterEach, describe, expect, test } from 'vitest';
import { RecordedSpans } from '../testing/recorded-spans.ts';
import { recordedTraceId, registeredSpans, type Spans } from './spans.ts';
import { tracedDirectories } from './traced-directories.ts';
import { tracedSender } from './traced-outbox.ts';
import { tracedPush } from './traced-push.ts';
import { tracedStore } from './traced-store.ts';

let recorded: RecordedSpans | undefined;
afterEach(() => {
  recorded?.stop();
  recorded = undefined;
});

const withSdk = (sampler?: AlwaysOffSampler): { readonly spans: Spans; readonly sdk: RecordedSpans } => {
  recorded = new RecordedSpans(sampler);
  const spans = registeredSpans();
  if (spans === undefined) throw new Error('an SDK is registered');
  return { spans, sdk: recorded };
};
const outlines = ({ all }: RecordedSpans) =>
  all.map(({ name, status, attributes }) => [name, status.code === SpanStatusCode.ERROR, attributes['error.type']]);
const none = { attributes: {} };

describe('where an SDK is', () => {
  test('missing, there are no spans, so that nothing is put around anything (OPS-56)', () => {
    expect(registeredSpans()).toBeUndefined();
    expect(recordedTraceId()).toBeUndefined();
  });

  test('there and records nothing, no line of the log names a trace (OPS-57)', () => {
    const { spans } = withSdk(new AlwaysOffSampler());
    expect(spans.run('a', none, () => recordedTraceId())).toBeUndefined();
  });

  test('registered by another copy of the API, it is found as well', () => {
    const { sdk } = withSdk();
    const known = Symbol.for('opentelemetry.js.api.1');
    const global = globalThis as unknown as Record<symbol, { trace: object }>;
    const own = global[known]?.trace as { getTracer: (name: string) => unknown };
    const registered = global[known] as { trace: object };
    registered.trace = { getTracer: (name: string) => own.getTracer(name) };
    registeredSpans()?.run('a', none, () => undefined);
    expect(sdk.all).toHaveLength(1);
  });
});

describe('a span', () => {
  test('ends on every way out, and is handed on what came of it', async () => {
    const { spans, sdk } = withSdk();
    const thrown = new TypeError('hunter2');
    expect(spans.run('value', none, () => 7)).toBe(7);
    expect(await spans.run('promise', none, async () => 7)).toBe(7);
    expect(() =>
      spans.run('throws', none, () => {
        throw thrown;
      }),
    ).toThrow(thrown);
    await expect(spans.run('rejects', none, () => Promise.reject(thrown))).rejects.toBe(thrown);
    await expect(spans.run('no error', none, () => Promise.reject('hunter2'))).rejects.toBe('hunter2');
    expect(outlines(sdk)).toEqual([
      ['value', false, undefined],
      ['promise', false, undefined],
      ['throws', true, 'TypeError'],
      ['rejects', true, 'TypeError'],
      ['no error', true, '_OTHER'],
    ]);
    expect(JSON.stringify(sdk.all.map(({ status, events, attributes }) => [status, events, attributes]))).not.toContain(
      'hunter2',
    );
    expect([sdk.open, trace.getActiveSpan()]).toEqual([0, undefined]);
  });

  test('of a journey that is refused is no fault; of a node that broke it is one', async () => {
    const { spans, sdk } = withSdk();
    const refused = new JourneyError('LOGIN_FAILED', { failureUrl: '' });
    const broken = new JourneyError('NODE_FAILED', { nodeType: 'A', nodeId: 'b', reason: 'c', failureUrl: '' });
    for (const error of [refused, broken]) {
      await spans.run('a', none, () => Promise.reject(error)).catch(() => undefined);
    }
    expect(outlines(sdk)).toEqual([
      ['a', false, 'LOGIN_FAILED'],
      ['a', true, 'NODE_FAILED'],
    ]);
  });
});

test('what the server reads and asks by itself is no trace; within a request it is', async () => {
  const { spans, sdk } = withSdk();
  const { read, over } = tracedStore(spans, { databaseUrl: 'postgresql://assent@db.example.com/assent' });
  const { ask } = tracedDirectories(spans, { ask: (_realm, _operation, run) => run() });
  const committer = over({ commit: async () => ({ committed: false, refused: 'x' }) as never });
  const work = async () => {
    await read((_reader, run) => run())('sessions.get', async () => 1);
    await committer.commit([]);
    await ask('/', 'bind', () => Promise.reject(new Unavailable('away'))).catch(() => undefined);
  };
  await work();
  expect(sdk.all).toEqual([]);
  await spans.run('request', none, work);
  const database = { 'db.system.name': 'postgresql' };
  expect(sdk.all.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['store.read', { ...database, 'db.operation.name': 'sessions.get' }],
    ['store.commit', { ...database, 'db.operation.name': 'commit', 'assent.outcome': 'refused' }],
    ['ldap bind', { 'assent.realm': '/', 'error.type': 'Unavailable' }],
    ['request', {}],
  ]);
});

test('a try of the outbox is a trace of its own, whoever sets it off, and no words of a receiver are in it', async () => {
  const { spans, sdk } = withSdk();
  const sender = tracedSender(
    spans,
    { send: async (_row: OutboxRow) => ({ status: 'failed', cause: 'no such user demo' }) },
    'mail',
  );
  await spans.run('request', none, () => sender.send({ realm: '/' } as OutboxRow));
  const [sent] = sdk.all;
  expect(sent?.parentSpanContext).toBeUndefined();
  expect(sent).toMatchObject({
    name: 'outbox mail',
    attributes: { 'assent.realm': '/', 'assent.outcome': 'failed', 'error.type': 'failed' },
    status: { code: SpanStatusCode.ERROR },
  });
});

describe('a message to a phone', () => {
  const called = { realm: '/', communicationType: 'gcm', provider: 'gcm' };
  const row = () => ({ realm: '/' }) as PushMessage;
  const sending = (spans: Spans, result: SendResult = { status: 'sent' }) => {
    const { observer, dispatcher } = tracedPush(spans);
    const { call } = observer({ call: (_provider, run) => run() } as PushObserver);
    const waiting: PushMessage[] = [];
    let pumping = Promise.resolve();
    const plain = {
      dispatch(rows: readonly PushMessage[]) {
        waiting.push(...rows);
        // As the real one does: what begins to send goes on with whatever waits by then.
        pumping = pumping.then(async () => {
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            await call(called, async () => result, next);
          }
        });
      },
    } as PushDispatcher;
    return { call, dispatch: dispatcher(plain).dispatch, idle: () => pumping };
  };

  test('links to the submit that has written it, and to no other that was under way (OPS-56)', async () => {
    const { spans, sdk } = withSdk();
    const { dispatch, idle } = sending(spans);
    spans.run('first', none, () => dispatch([row()]));
    spans.run('second', none, () => dispatch([row()]));
    await idle();
    const idOf = (name: string) => sdk.all.find((it) => it.name === name)?.spanContext().spanId;
    const sends = sdk.all.filter(({ name }) => name === 'push.send gcm');
    expect(sends.map(({ links }) => links.map(({ context }) => context.spanId))).toEqual([
      [idOf('first')],
      [idOf('second')],
    ]);
    expect(sends.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
  });

  test('has no link where it was taken from the table: nobody there knows who has written it', async () => {
    const { spans, sdk } = withSdk();
    await sending(spans).call(called, async () => ({ status: 'sent' }), row());
    await context.with(ROOT_CONTEXT, () => sending(spans).dispatch([row()]));
    expect(sdk.all.map(({ links }) => links)).toEqual(sdk.all.map(() => []));
    expect(sdk.all.length).toBeGreaterThan(0);
  });

  test('that its provider refuses says why, in a word', async () => {
    const { spans, sdk } = withSdk();
    const refused = { status: 'failed', permanent: true, cause: 'UNREGISTERED' } as const;
    await sending(spans).call(called, async () => refused, row());
    expect(outlines(sdk)).toEqual([['push.send gcm', true, 'UNREGISTERED']]);
  });
});
