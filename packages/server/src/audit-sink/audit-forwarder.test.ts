import { auditChange } from '@assent/engine/host';
import { checkpointKeyFrom, openMemoryStore, type Store } from '@assent/store';
import { beforeEach, describe, expect, test } from 'vitest';
import { AuditForwarder } from './audit-forwarder.ts';
import { ALWAYS_THERE, type AuditSink, UNOPENED } from './audit-sink.ts';

const NOW = 1_800_000_000_000;
const HALF_A_MINUTE = 30_000;
const KEY = checkpointKeyFrom(new Uint8Array(32).fill(3));

let store: Store;
let now: number;
let logged: string[];
beforeEach(async () => {
  store = await openMemoryStore();
  now = NOW;
  logged = [];
});

/** A sink that does what it is told to, and has what it took. */
class ToldSink implements AuditSink {
  readonly name = 'told';
  readonly taken: string[] = [];
  readonly look = ALWAYS_THERE.look;
  readonly reopen = UNOPENED.reopen;
  readonly close = UNOPENED.close;
  tries = 0;
  answer: () => Promise<void> = async () => undefined;

  async send(batch: Parameters<AuditSink['send']>[0], signal: AbortSignal): Promise<void> {
    this.tries += 1;
    await Promise.race([
      this.answer(),
      new Promise<void>((_, fail) => {
        signal.addEventListener('abort', () => fail(signal.reason));
      }),
    ]);
    this.taken.push(...batch.map(({ row }) => row.event).filter((event) => event !== 'AUDIT_CHECKPOINT'));
  }
}

const forwarderTo = (sink: AuditSink, holder = 'a', feed = store.auditFeed) =>
  new AuditForwarder({
    feed,
    sink,
    holder,
    clock: { now: () => now },
    elapsed: () => now,
    log: {
      info: (...said: unknown[]) => logged.push(String(said.at(-1))),
      error: (...said: unknown[]) => logged.push(String(said.at(-1))),
    },
  });

const write = async (...events: readonly string[]) => {
  const context = { at: now, realm: '/', transactionId: 't' };
  const { committed } = await store.committer.commit(events.map((event) => auditChange(context, event as never, {})));
  expect(committed).toBe(true);
  await store.auditChain.seal({ holder: 'sealer', now, limit: 9_999, key: KEY, transactionId: 't' });
};
const away = async () => {
  throw new Error('connect ECONNREFUSED');
};

describe('the trail that is sent on (OPS-58)', () => {
  test('waits for a sink that is away, and comes whole and in order when it is back', async () => {
    const sink = new ToldSink();
    const forwarder = forwarderTo(sink);
    sink.answer = away;
    await write('LOGIN', 'LOGOUT');
    await forwarder.forward();
    now += 500;
    await forwarder.forward();
    expect(sink.tries).toBe(1);
    expect(forwarder.problems).toEqual(['The sink of the audit trail does not take it.']);
    expect(forwarder.lagSeconds).toBe(0.5);
    now += 500;
    await forwarder.forward();
    now += 1_999;
    await forwarder.forward();
    expect(sink.tries).toBe(2);
    // However long it is away, it is asked once a minute, and the log says so once at first.
    for (let minute = 0; minute < 10; minute += 1) {
      now += 60_000;
      await forwarder.forward();
    }
    expect(sink.tries).toBe(12);
    expect(logged[0]).toContain('could not be sent on');

    sink.answer = async () => undefined;
    await write('LAST');
    now += 60_000;
    await forwarder.forward();
    expect(sink.taken).toEqual(['LOGIN', 'LOGOUT', 'LAST']);
    expect(forwarder.problems).toEqual([]);
    expect(forwarder.lagSeconds).toBe(0);
    expect(logged.at(-1)).toBe('The audit trail is sent on again.');
  });

  test('comes twice and is never missing where the process ends between sending and noting it', async () => {
    const sink = new ToldSink();
    await write('FIRST', 'SECOND');
    const killed = { ...store.auditFeed, sent: async () => Promise.reject(new Error('killed')) };
    await expect(forwarderTo(sink, 'a', killed).forward()).rejects.toThrow('killed');
    await write('THIRD');
    now += HALF_A_MINUTE;
    await forwarderTo(sink, 'b').forward();
    expect(sink.taken).toEqual(['FIRST', 'SECOND', 'FIRST', 'SECOND', 'THIRD']);
  });

  test('is sent by one of two instances, and by the other when that has left', async () => {
    const [one, other] = [new ToldSink(), new ToldSink()];
    const [first, second] = [forwarderTo(one, 'a'), forwarderTo(other, 'b')];
    await write('FIRST');
    await first.forward();
    await write('SECOND');
    await second.forward();
    expect([first.holds, second.holds, other.taken]).toEqual([true, false, []]);
    await store.instances.leave('a');
    await second.forward();
    expect([one.taken, other.taken]).toEqual([['FIRST'], ['SECOND']]);
  });

  test('holds up nobody who commits while a sink is slow, and stops at once', async () => {
    const sink = new ToldSink();
    sink.answer = () => new Promise(() => undefined);
    const forwarder = forwarderTo(sink);
    await write('FIRST');
    const sending = forwarder.forward();
    await write('SECOND');
    forwarder.stop();
    await sending;
    expect(sink.taken).toEqual([]);
    expect(logged).toEqual([]);
    now += HALF_A_MINUTE;
    sink.answer = async () => undefined;
    await forwarderTo(sink, 'b').forward();
    expect(sink.taken).toEqual(['FIRST', 'SECOND']);
  });

  test('goes in batches, all of them in one turn', async () => {
    const sink = new ToldSink();
    const names = Array.from({ length: 1_001 }, (_, at) => `E${at}`);
    await write(...names);
    await forwarderTo(sink).forward();
    expect(sink.taken).toEqual(names);
    expect(sink.tries).toBe(3);
  });
});
