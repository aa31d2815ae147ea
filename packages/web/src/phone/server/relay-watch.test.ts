import { expect, test } from 'vitest';
import type { PushAccount } from '../accounts/account.ts';
import { type Call, type Reply, START, someAccount, testIo } from '../testing/phone-fixtures.ts';
import { watchRelay } from './relay-watch.ts';

const message = (messageId: string) => ({ messageId, message: 'a.b.c' });
const list = (...ids: readonly string[]): Response => Response.json({ messages: ids.map(message) });
const streamOf = (text: string): Response =>
  new Response(text, { status: 200, headers: { 'content-type': 'text/event-stream' } });
const push = (id: string): string => `event: push\ndata: ${JSON.stringify(message(id))}\n\n`;
const withdrawn = (id: string): string => `event: withdrawn\ndata: ${JSON.stringify({ messageId: id })}\n\n`;

/** Follows the relay until the server has answered `replies`, each of which is chosen by what the phone asks for. */
const follow = async (
  replies: readonly Reply[],
  { hasStream = true, account }: { readonly hasStream?: boolean; readonly account?: PushAccount } = {},
) => {
  const left = [...replies];
  const asked: string[] = [];
  const told: string[] = [];
  const given = account ?? (await someAccount());
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const world = testIo(({ headers }: Call) => {
    asked.push(headers.get('accept') === 'text/event-stream' ? 'stream' : 'list');
    const reply = left.shift();
    if (reply !== undefined) return reply;
    watch.stop();
    end();
    return 'no connection';
  });
  // Silence is watched for with `sleep`; in this test nothing is ever silent that long.
  const { sleep } = world.io;
  const io = {
    ...world.io,
    sleep: (millis: number) => (millis < 50_000 ? sleep(millis) : new Promise<void>(() => undefined)),
  };
  const watch = watchRelay(
    io,
    given,
    {
      onMessage: ({ messageId }) => void told.push(`message ${messageId}`),
      onWithdrawn: (messageId) => void told.push(`withdrawn ${messageId}`),
      onConnection: (state) => void (told.at(-1) === state || told.push(state)),
      onUnknown() {
        told.push('unknown');
        end();
      },
    },
    { hasStream, pollMillis: () => 3_000 },
  );
  await over;
  return { told, asked, waits: world.waits };
};

test('a stream tells what comes and what goes, wherever the network cut it', async () => {
  const { told, asked } = await follow([streamOf(`: open\n\n${push('1')}${push('2')}${withdrawn('1')}`)]);
  expect(told).toEqual(['up', 'message 1', 'message 2', 'withdrawn 1']);
  expect(asked).toEqual(['stream', 'stream']);
});

test('a stream that is opened again tells nothing twice, and what went meanwhile is withdrawn', async () => {
  const { told } = await follow([streamOf(push('1') + push('2')), streamOf(push('2')), list('2')]);
  expect(told.filter((it) => it !== 'up')).toEqual(['message 1', 'message 2', 'withdrawn 1']);
});

test('what is no message of ours is passed over', async () => {
  const { told } = await follow([
    streamOf(`event: push\ndata: {}\n\nevent: push\ndata: {\n\nevent: other\ndata: 1\n\n${push('1')}`),
  ]);
  expect(told).toEqual(['up', 'message 1']);
});

test('where no stream comes through, the relay is asked instead (ux §3.4)', async () => {
  const { told, asked } = await follow([list(), list(), list('1'), list()]);
  expect(asked.slice(0, 4)).toEqual(['stream', 'stream', 'list', 'list']);
  expect(told.filter((it) => it !== 'up' && it !== 'down')).toEqual(['message 1', 'withdrawn 1']);
});

test('an account beyond the streams asks every few seconds', async () => {
  const { asked, waits } = await follow([list(), list('1')], { hasStream: false });
  expect(asked).toEqual(['list', 'list', 'list']);
  expect(waits.slice(0, 2)).toEqual([3_000, 3_000]);
});

test('lost connections are told after the second, and tried again ever more slowly', async () => {
  const { told, waits } = await follow(['no connection', 'no connection', 'no connection', list()], {
    hasStream: false,
  });
  expect(told).toEqual(['down', 'up']);
  expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000]);
});

test('a phone that the server does not know stops asking', async () => {
  const { told, asked } = await follow([new Response('{}', { status: 401 })]);
  expect(told).toEqual(['unknown']);
  expect(asked).toEqual(['stream']);
});

test('a phone that was just registered waits for the page to store it', async () => {
  const account = { ...(await someAccount()), addedAt: START };
  const unknown = () => new Response('{}', { status: 401 });
  const { told, waits } = await follow([unknown(), unknown(), streamOf(push('1'))], { account });
  expect(waits.slice(0, 2)).toEqual([1_000, 1_000]);
  expect(told).toEqual(['up', 'message 1']);
});
