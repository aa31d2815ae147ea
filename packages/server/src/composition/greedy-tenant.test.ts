import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { JourneyError } from '@assent/engine';
import type { Lane, OutboxEntry } from '@assent/engine/host';
import { seededRandom, simulatedClock } from '@assent/engine/testing';
import { PasskeyThread } from '@assent/factors';
import { newAuthority } from '@assent/factors/testing';
import type { Mailer } from '@assent/nodes';
import { Sandbox } from '@assent/scripting';
import { createPasswordHasher, openMemoryStore } from '@assent/store';
import { describe, expect, test } from 'vitest';
import { REQUEST_PACE, RequestPace } from '../bounds/request-pace.ts';
import { EXPORT_TURNS, USER_TURNS, WALK_TURNS, WORK_TURNS, WorkTurns } from '../bounds/work-turns.ts';
import { mailerAdapter } from '../mail/smtp-mailer.ts';
import { OutboxWorker, type Sent, triedFor } from '../outbox/outbox-worker.ts';
import { createLog } from '../platform/log.ts';
import { QrThread } from '../platform/qr-thread.ts';
import { after } from '../platform/system-ports.ts';
import { CommitAuthority } from '../realms/commit-authority.ts';
import { ConfigurationWrites } from '../realms/configuration-writes.ts';
import { LiveConfiguration } from '../realms/live-configuration.ts';

/** A shared resource: `run` resolves when a task of the realm is done. */
interface SharedResource {
  readonly run: (realm: string) => Promise<unknown>;
  /** A task that takes longer. */
  readonly runLong?: (realm: string) => Promise<unknown>;
  /** How many tasks run at once. */
  readonly concurrency: number;
  /** How many tasks of one realm may wait; the task after them is refused. */
  readonly mostOfRealm: number;
  readonly close?: () => Promise<void>;
}

const NEVER = () => () => undefined;
const LOG = createLog({ level: 'silent', destination: new Writable({ write: (_chunk, _encoding, done) => done() }) });
const sandbox = () =>
  new Sandbox({ workers: 1, limits: { cpuMillis: 60_000 }, killMillis: 120_000, mostWaitingOfRealm: 30, timer: NEVER });
const BINDINGS = JSON.stringify({
  ...{ shared: {}, transient: {}, secure: {}, users: {}, libraries: {}, callbacks: [], seed: [1, 2, 3, 4] },
  ...{ requestHeaders: {}, requestParameters: {}, requestCookies: {}, realm: '/', scriptName: '' },
});

/** Reads that take turns within these bounds, each for a round of the event loop. */
const readsIn = (bounds: typeof WORK_TURNS | typeof USER_TURNS): SharedResource => {
  const it = new WorkTurns(NEVER, bounds);
  let caller = 0;
  return {
    run: async (realm) => {
      caller += 1;
      const end = await it.take({ realm, caller: `caller-${caller}` });
      await new Promise((resolve) => setImmediate(resolve));
      end();
    },
    concurrency: bounds.concurrencyOfRealm,
    mostOfRealm: bounds.mostOfRealm,
  };
};

/** A task of another caller of the realm for each call. */
const laneOf = (run: (lane: Lane) => Promise<unknown>): SharedResource['run'] => {
  let caller = 0;
  return (realm) => {
    caller += 1;
    return run({ realm, caller: `198.51.100.${caller}` });
  };
};

const RESOURCES: Readonly<Record<string, () => Promise<SharedResource>>> = {
  'threads for scripts': async () => {
    const it = sandbox();
    const runOf = (source: string) => (realm: string) =>
      it.run(realm, () => ({ engine: '1.0', source, bindings: BINDINGS }));
    const [run, runLong] = [runOf('outcome = "true"'), runOf('for (;;) {}')];
    return { run, runLong, concurrency: 2, mostOfRealm: 30, close: () => it.close() };
  },
  'threads for checks of scripts': async () => {
    const it = sandbox();
    const runOf = (source: string) => (realm: string) => it.check(realm, source);
    const [run, runLong] = [runOf('var a = 1'), runOf('var a = function () { return 1 };'.repeat(20_000))];
    // Both threads are started before anything is counted.
    await Promise.all([run('/greedy'), run('/other')]);
    return { run, runLong, concurrency: 2, mostOfRealm: 30, close: () => it.close() };
  },
  'hashes of passwords': async () => {
    const it = createPasswordHasher({ concurrency: 1, queue: 40, cost: 'cheap-for-tests' });
    let caller = 0;
    return {
      run: (realm) => {
        caller += 1;
        return it.hash('p', { realm, caller: `caller-${caller}` });
      },
      concurrency: 1,
      mostOfRealm: 40,
    };
  },
  'changes of the configuration': async () => {
    const store = await openMemoryStore();
    const live = await LiveConfiguration.open(store.configuration);
    const writes = new ConfigurationWrites(live, { commit: async () => ({ committed: true }) }, { timer: NEVER });
    const conditions = [
      { type: 'session.usable', tokenHash: 'h', now: 1 },
      { type: 'identity.usable', id: 'i', credentialRev: 1 },
      { type: 'realm.usable', realm: '/' },
    ] as const;
    let caller = 0;
    return {
      run: (realm) => {
        caller += 1;
        const authority = CommitAuthority.ofCaller({ realm, caller: `caller-${caller}` }, () => ({ conditions }));
        return writes.decided(authority, () => ({ change: { deleteNodes: [] } }));
      },
      concurrency: 1,
      mostOfRealm: 16,
    };
  },
  'reads of administrators': async () => readsIn(WORK_TURNS),
  'requests while the event loop is busy': async () => {
    let now = 0;
    const elapsed = () => {
      now += REQUEST_PACE.busyMillis;
      return now;
    };
    const it = new RequestPace({ elapsed, nextRound: setImmediate, timer: NEVER });
    let caller = 0;
    return {
      run: async (realm) => {
        caller += 1;
        await it.next(() => ({ realm, caller: `198.51.100.${caller}`, bytes: 0 }));
      },
      concurrency: 1,
      mostOfRealm: REQUEST_PACE.mostOfRealm,
    };
  },
  'reads of users': async () => readsIn(USER_TURNS),
  'exports of users': async () => {
    const it = new WorkTurns(NEVER, EXPORT_TURNS);
    let caller = 0;
    return {
      run: (realm) => {
        caller += 1;
        return it.run({ realm, caller: `caller-${caller}` }, async () => undefined);
      },
      concurrency: EXPORT_TURNS.concurrencyOfRealm,
      mostOfRealm: EXPORT_TURNS.mostOfRealm,
    };
  },
  'large nodes and long walks of journeys': async () => {
    const it = new WorkTurns(NEVER, WALK_TURNS);
    let caller = 0;
    return {
      run: (realm) => {
        caller += 1;
        return it.next({ realm, caller: `198.51.100.${caller}` });
      },
      concurrency: WALK_TURNS.concurrencyOfRealm,
      mostOfRealm: WALK_TURNS.mostOfRealm,
    };
  },
  'verification of passkeys': async () => {
    const it = new PasskeyThread({ timer: after });
    const root = newAuthority('Root');
    const call = { certificates: [newAuthority('Between', { by: root }).certificate], root: root.pem };
    const run = laneOf((lane) => it.inLane(lane).judgeChain(call));
    // The library is loaded before anything is counted.
    await run('/other');
    return { run, concurrency: 2, mostOfRealm: 128, close: () => it.close() };
  },
  'QR codes': async () => {
    const webRoot = mkdtempSync(join(tmpdir(), 'assent-qr-'));
    mkdirSync(join(webRoot, 'view'));
    writeFileSync(join(webRoot, 'package.json'), '{"type":"module"}');
    writeFileSync(join(webRoot, 'view/qr.js'), 'export const renderQr = (path) => ({ size: 1, path });');
    const it = new QrThread(webRoot, after);
    const run = laneOf((lane) => it.render('text', lane));
    await run('/other');
    const close = async () => {
      await it.close();
      rmSync(webRoot, { recursive: true });
    };
    return { run, concurrency: 2, mostOfRealm: 128, close };
  },
  'mails of nodes': async () => {
    const mailer: Mailer = {
      async send() {
        await new Promise((resolve) => setImmediate(resolve));
        return { status: 'accepted' };
      },
    };
    const adapter = mailerAdapter(mailer, NEVER);
    return {
      run: (realm) => adapter({ realm: { realm } } as Parameters<typeof adapter>[0]).send({} as never),
      concurrency: 64,
      mostOfRealm: 64,
    };
  },
};

const outcomeOf = (task: Promise<unknown>) =>
  task.then(
    () => 'done',
    (error: unknown) => (error instanceof JourneyError && error.is('OVERLOADED') ? 'refused' : 'failed'),
  );

describe.each(Object.keys(RESOURCES))('a greedy realm at %s (SEC-93)', (name) => {
  const opened = async () => {
    const make = RESOURCES[name];
    if (make === undefined) throw new Error(`No resource ${name}`);
    return make();
  };

  test('delays a task of another realm by at most one of its own for each place', async () => {
    const { run, runLong = run, concurrency, mostOfRealm, close } = await opened();
    const done: string[] = [];
    const noted = (realm: string, task: Promise<unknown>) =>
      outcomeOf(task).then((outcome) => done.push(`${realm} ${outcome}`));
    const greedy = Array.from({ length: mostOfRealm }, () => noted('/greedy', runLong('/greedy')));
    for (let turn = 1; turn <= 3; turn += 1) {
      const before = done.length;
      await noted('/other', run('/other'));
      const meanwhile = done.slice(before).filter((it) => it === '/greedy done').length;
      expect(meanwhile).toBeLessThanOrEqual(2 * concurrency);
    }
    await close?.();
    await Promise.all(greedy);
    expect(done.filter((it) => it === '/other done')).toHaveLength(3);
  });

  test('is refused once its line is full, and a task of another realm still has a place (REL-14)', async () => {
    const { run, mostOfRealm, close } = await opened();
    const greedy = Array.from({ length: mostOfRealm + 100 }, () => outcomeOf(run('/greedy')));
    expect(await outcomeOf(run('/other'))).toBe('done');
    const outcomes = await Promise.all(greedy);
    await close?.();
    expect(outcomes).toContain('refused');
    expect(outcomes).toContain('done');
    expect(outcomes).not.toContain('failed');
  });
});

describe.each(['mail', 'webhook'])('a greedy realm with entries of the outbox: %s (SEC-93)', (kind) => {
  const entry = (realm: string, at: number): OutboxEntry => ({
    id: `${realm}-${at}`,
    kind,
    realm,
    recipient: `recipient-${at % 10}`,
    payload: '{}',
  });

  test('whose recipients all hang leaves room for another realm, whose entries set out in the first round', async () => {
    const store = await openMemoryStore();
    const sent: string[] = [];
    const endings: (() => void)[] = [];
    const send = ({ realm }: OutboxEntry): Promise<Sent> => {
      sent.push(realm);
      return new Promise((settle) => endings.push(() => settle({ status: 'settled', outcome: 'sent' })));
    };
    const event = { at: 1, realm: '/', transactionId: 't', event: 'SENT', userId: 'u' };
    const sender = {
      triedUntil: triedFor(3_600_000),
      keepsGivenUp: true,
      send,
      audit: () => ({ type: 'audit.append', event }) as const,
    };
    const { outbox, committer } = store;
    const clock = simulatedClock();
    const senders = new Map([[kind, sender]]);
    const worker = new OutboxWorker({ outbox, committer, clock, random: seededRandom(), log: LOG, senders });
    const put = (realm: string, count: number) =>
      committer.commit(Array.from({ length: count }, (_, at) => ({ type: 'outbox.put', entry: entry(realm, at) })));
    await put('/greedy', 500);
    await worker.wake();
    const ofGreedy = sent.length;
    expect(ofGreedy).toBeGreaterThan(0);
    await put('/other', 5);
    await worker.wake();
    expect(sent.filter((realm) => realm === '/other')).toHaveLength(5);
    expect(sent.length - ofGreedy).toBeLessThanOrEqual(2 * 5);
    const stopped = worker.stop();
    for (const end of endings) end();
    await stopped;
  });
});
