import type { Clock } from '@assent/engine';
import { auditChange, type Committer, type EngineChange } from '@assent/engine/host';
import type { MessageChange, MessageReader, PushEnvelope, PushMessage } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import type { PushTransports, SendResult } from './push-transport.ts';

export interface PushDispatcher {
  /** Sends committed messages, at once and off the request path. */
  dispatch(rows: readonly PushMessage[]): void;
  /** Sends committed messages at once, and waits for the first answers of the providers, but no longer than that. */
  sendNow(rows: readonly PushMessage[], withinMillis: number): Promise<readonly SendResult[]>;
  /** Sends what an instance has committed but not sent, ours or another; the server calls it at start and from time to time. */
  recover(): Promise<number>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

export interface DispatcherDependencies {
  readonly transports: PushTransports;
  readonly messages: MessageReader;
  readonly committer: Committer;
  readonly clock: Clock;
  /** Failures of deliveries and of their marks; never an address. */
  readonly log: { warn(msg: string, fields: Readonly<Record<string, unknown>>): void };
  /** Resolves after that time; the server hands in its timer. */
  readonly wait: (millis: number) => Promise<unknown>;
  readonly concurrency?: number;
}

/** A row that is older than this and unsent was left behind by a crash or a lost instance. */
const LEFT_BEHIND_MILLIS = 2_000;
/** With less time than this left, a prompt would only annoy. */
const WORTH_SENDING_MILLIS = 15_000;
const RECOVERED_AT_ONCE = 200;
const TRANSACTION = 'dispatcher';

type Mark = Extract<MessageChange, { type: 'push.delivery' }>['marks'][number];
type Job = PushMessage & { readonly envelope: PushEnvelope };

/** Takes messages to the providers. A message is its own outbox row, so nothing here needs to survive a crash (REL-03). */
export function pushDispatcher({
  transports,
  messages,
  committer,
  clock,
  log,
  wait,
  concurrency = 16,
}: DispatcherDependencies): PushDispatcher {
  const waiting: { readonly job: Job; readonly done: ((result: SendResult) => void) | undefined }[] = [];
  /** Ids under way here or marked but not yet committed: `recover` must not send them a second time. */
  const inFlight = new Set<string>();
  let running = 0;
  let marks: Mark[] = [];
  let audits: EngineChange[] = [];
  let flushing: Promise<void> | undefined;
  const idlers: (() => void)[] = [];

  const isIdle = () => running === 0 && waiting.length === 0 && flushing === undefined;
  const tellIdlers = () => {
    if (isIdle()) for (const idler of idlers.splice(0)) idler();
  };

  const deliver = async (job: Job): Promise<SendResult> => {
    const { realm, envelope } = job;
    const transport = transports.find(realm, envelope.communicationType);
    if (transport === undefined) return { status: 'failed', permanent: false, cause: 'NoTransport' };
    try {
      return await transport.send(envelope, job);
    } catch (error) {
      log.warn('A push transport threw.', { realm, cause: error instanceof Error ? error.name : 'Unknown' });
      return { status: 'failed', permanent: false, cause: 'TransportFailure' };
    }
  };

  const note = (job: Job, result: SendResult) => {
    if (result.status === 'failed') {
      const base = { at: clock.now(), realm: job.realm, transactionId: TRANSACTION };
      const detail = { message: messageIdHash(job.id), device: job.deviceUuid };
      audits.push(auditChange(base, 'PUSH_FAILED', { userId: job.userId, outcome: result.cause, detail }));
      if (result.permanent) {
        audits.push(auditChange(base, 'DEVICE_CHANNEL_DEAD', { userId: job.userId, outcome: result.cause, detail }));
      }
      log.warn('A push message was not delivered.', { realm: job.realm, cause: result.cause, ...detail });
    }
    // Also of one that was marked before and is sent again; what phones fetch themselves has no mark.
    if (job.delivery !== 'none') marks.push({ id: job.id, delivery: result.status });
    else inFlight.delete(job.id);
    flush();
  };

  /** One commit at a time: what comes meanwhile goes with the next, so a busy server marks in batches. */
  const flush = () => {
    if (flushing !== undefined || (marks.length === 0 && audits.length === 0)) return;
    flushing = (async () => {
      while (marks.length > 0 || audits.length > 0) {
        const nowMarks = marks;
        const nowAudits = audits;
        marks = [];
        audits = [];
        const delivery = { type: 'push.delivery', marks: nowMarks } satisfies MessageChange;
        try {
          await committer.commit([...(nowMarks.length > 0 ? [delivery] : []), ...nowAudits]);
          for (const { id } of nowMarks) inFlight.delete(id);
        } catch (error) {
          // Kept for the next flush: until then these messages are not sent again by this instance.
          marks = [...nowMarks, ...marks];
          audits = [...nowAudits, ...audits];
          log.warn('Push deliveries could not be marked.', { cause: error instanceof Error ? error.name : 'Unknown' });
          break;
        }
      }
    })().finally(() => {
      flushing = undefined;
      tellIdlers();
    });
  };

  const pump = () => {
    while (running < concurrency) {
      const next = waiting.shift();
      if (next === undefined) break;
      running += 1;
      void deliver(next.job).then((result) => {
        running -= 1;
        note(next.job, result);
        next.done?.(result);
        pump();
        tellIdlers();
      });
    }
  };

  const isJob = (row: PushMessage): row is Job => row.envelope !== undefined;

  /** Takes up those that have something to send and are not under way; returns how many. */
  const take = (rows: readonly PushMessage[], done?: (result: SendResult) => void): number => {
    let taken = 0;
    for (const job of rows) {
      if (!isJob(job) || inFlight.has(job.id)) continue;
      inFlight.add(job.id);
      waiting.push({ job, done });
      taken += 1;
    }
    pump();
    return taken;
  };

  return {
    dispatch(rows) {
      take(rows);
    },

    async sendNow(rows, withinMillis) {
      const answered: SendResult[] = [];
      const all = new Promise<void>((resolve) => {
        const taken = take(rows, (result) => {
          answered.push(result);
          if (answered.length === taken) resolve();
        });
        if (taken === 0) resolve();
      });
      await Promise.race([all, wait(withinMillis)]);
      return [...answered];
    },

    async recover() {
      flush();
      const now = clock.now();
      const left = await messages.unsent(now - LEFT_BEHIND_MILLIS, now, RECOVERED_AT_ONCE);
      const mine = left.filter((row) => !inFlight.has(row.id));
      const isWorthIt = (row: PushMessage) => row.expiresAt - now > WORTH_SENDING_MILLIS;
      for (const row of mine.filter((it) => !isWorthIt(it) || !isJob(it)))
        marks.push({ id: row.id, delivery: 'failed' });
      flush();
      return take(mine.filter(isWorthIt));
    },

    idle: () =>
      isIdle()
        ? Promise.resolve()
        : new Promise((resolve) => {
            idlers.push(resolve);
          }),
  };
}
