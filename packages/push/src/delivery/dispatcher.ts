import type { Clock } from '@assent/engine';
import { auditChange, type Committer, type EngineChange } from '@assent/engine/host';
import { isUnreachable } from '../model/device-rules.ts';
import type { DeviceChange, DeviceReader } from '../model/devices.ts';
import type { MessageChange, MessageReader, PushEnvelope, PushMessage } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import { claimFrom } from '../model/request-rules.ts';
import { type HintBus, requestHint } from './hints.ts';
import { InFlight } from './in-flight.ts';
import type { ProviderCalls } from './provider-calls.ts';
import type { PushObserver } from './push-observer.ts';
import type { DeliveryFailed, PushTransports, SendResult } from './push-transport.ts';
import { RealmTurns } from './realm-turns.ts';

export type WhenOver = (results: readonly SendResult[]) => Promise<void>;

export interface PushDispatcher {
  /**
   * Sends committed messages, at once and off the request path. `whenOver` is called once, with what the providers said of those that were
   * sent: of none where there was nothing to send, or all of it is under way already.
   */
  dispatch(rows: readonly PushMessage[], whenOver?: WhenOver): void;
  /** Sends committed messages at once, and waits for the first answers of the providers, but no longer than that. */
  sendNow(rows: readonly PushMessage[], withinMillis: number): Promise<readonly SendResult[]>;
  /**
   * Holds on to what is still being sent, and takes over what no instance holds any more (OPS-41). The server calls it every two
   * seconds, half as long as a claim lasts; at its start it also takes what this very instance held before.
   */
  recover(isStart?: boolean): Promise<number>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
  /** Gives back what it has not begun to send, for any instance to send at once, and waits for what is under way (OPS-33). */
  stop(): Promise<void>;
}

export interface DispatcherDependencies {
  /** Who sends: what is committed here carries its claim. */
  readonly instance: string;
  readonly transports: PushTransports;
  /** By which whatever else this instance sends to providers goes, too. */
  readonly calls: Pick<ProviderCalls, 'send'>;
  readonly messages: MessageReader;
  readonly devices: Pick<DeviceReader, 'get'>;
  readonly committer: Committer;
  /** Wakes pages that wait for a phone which turns out to be rung in vain (OPS-49). */
  readonly hints: Pick<HintBus, 'publish'>;
  readonly clock: Clock;
  readonly observer?: PushObserver;
  /** Failures of deliveries and of their marks; never an address. */
  readonly log: { warn(msg: string, fields: Readonly<Record<string, unknown>>): void };
  /** Resolves after that time; the server hands in its timer. */
  readonly wait: (millis: number) => Promise<unknown>;
  /** When what was dispatched begins to be sent: the server lets its answer go first. At once where absent. */
  readonly later?: (work: () => void) => void;
  readonly concurrency?: number;
  readonly concurrencyOfRealm?: number;
}

/** A claim that lasts longer outlives the time until the next round, whatever delays it a little. */
const RENEWED_WITH_LEFT_MILLIS = 3_000;
/** With less time than this left, a prompt would only annoy. */
const WORTH_SENDING_MILLIS = 15_000;
/** Requests that are sent at once: a provider that answers late delays its own realm only, and those of other realms are sent meanwhile (SEC-93). */
const CONCURRENCY = 64;
const CONCURRENCY_OF_REALM = 16;
/** A phone that was changed each time while it was looked at is left to the next message. */
const MAX_MARKS = 3;
const TRANSACTION = 'dispatcher';
/** Of what nobody else would send: phones fetch it, or it was sent before. */
const UNCLAIMED = Number.POSITIVE_INFINITY;

type Mark = Extract<MessageChange, { type: 'push.delivery' }>['marks'][number];
type Deferral = Extract<MessageChange, { type: 'push.defer' }>;
type Done = (result: SendResult) => void;
type Job = PushMessage & { readonly envelope: PushEnvelope };

/** Takes messages to the providers. A message is its own outbox row, so nothing here needs to survive a crash (REL-03, ADR 0068). */
export function pushDispatcher({
  instance,
  transports,
  calls,
  messages,
  devices,
  committer,
  hints,
  clock,
  observer,
  log,
  wait,
  later = (work) => work(),
  concurrency = CONCURRENCY,
  concurrencyOfRealm = CONCURRENCY_OF_REALM,
}: DispatcherDependencies): PushDispatcher {
  const turns = new RealmTurns<{ readonly job: Job; readonly done: Done | undefined }>(concurrency, concurrencyOfRealm);
  /** What is under way here, or marked and not yet committed, and until when it is held: nobody may send it a second time. */
  const inFlight = new InFlight();
  let following = 0;
  let marks: Mark[] = [];
  let deferrals: Deferral[] = [];
  let audits: EngineChange[] = [];
  /** Requests of which a phone turned out to be out of reach, to be told of once that is committed. */
  let unreached: string[] = [];
  let isFlushing = false;
  const idlers: (() => void)[] = [];

  const isIdle = () => turns.isEmpty && following === 0 && !isFlushing;
  const tellIdlers = () => {
    if (isIdle()) for (const idler of idlers.splice(0)) idler();
  };

  const deliver = async (job: Job): Promise<SendResult> => {
    const { realm, envelope } = job;
    const transport = transports.find(realm, envelope.communicationType, envelope.communicationId);
    if (transport === undefined) return { status: 'failed', permanent: false, cause: 'NoTransport' };
    const result = await calls.send(transport, realm, envelope, job);
    if (result.status === 'failed' && result.permanent) await markDead(job, result.cause);
    return result;
  };

  /**
   * Marks the phone, so that it is not rung any more and its user is told (OPS-49, REL-09): unless it has another address by now, since
   * a phone that refreshes may be quicker than what is said of its old address. Of all who find the same out, one writes it.
   */
  const markDead = async (job: Job, cause: string): Promise<void> => {
    try {
      for (let tries = 1; tries <= MAX_MARKS && !(await isMarked(job, cause)); tries += 1);
    } catch (error) {
      // The next message to the phone finds it out again.
      log.warn('A dead address could not be marked.', { cause: error instanceof Error ? error.name : 'Unknown' });
    }
  };

  /** False where the phone was changed while it was looked at. */
  const isMarked = async (
    { id, request, realm, userId, deviceUuid, envelope: { communicationType, communicationId } }: Job,
    cause: string,
  ): Promise<boolean> => {
    const device = await devices.get(deviceUuid);
    const isSame = device?.communicationId === communicationId && device.communicationType === communicationType;
    if (!isSame || isUnreachable(device)) return true;
    const at = clock.now();
    const result = await committer.commit([
      { type: 'device.update', row: { ...device, channelDeadAt: at } } satisfies DeviceChange,
      auditChange({ at, realm, transactionId: TRANSACTION }, 'DEVICE_CHANNEL_DEAD', {
        userId,
        outcome: cause,
        detail: {
          message: messageIdHash(id),
          device: deviceUuid,
          by: instance,
          ...(request !== id && { request: messageIdHash(request) }),
        },
      }),
    ]);
    return result.committed;
  };

  /** When a message is to be sent that its provider cannot take now; undefined where it would come too late, or was sent before. */
  const nextTryOf = (job: PushMessage, { blame, retryAfterMillis }: DeliveryFailed): number | undefined => {
    if (blame !== 'provider' || retryAfterMillis === undefined || job.delivery !== 'queued') return undefined;
    const at = clock.now() + retryAfterMillis;
    return job.expiresAt - at > WORTH_SENDING_MILLIS ? at : undefined;
  };

  const note = (job: PushMessage, result: SendResult) => {
    if (result.status === 'failed') {
      const base = { at: clock.now(), realm: job.realm, transactionId: TRANSACTION };
      const detail = {
        message: messageIdHash(job.id),
        device: job.deviceUuid,
        by: instance,
        ...(job.request !== job.id && { request: messageIdHash(job.request) }),
      };
      const nextTryAt = nextTryOf(job, result);
      if (nextTryAt !== undefined) {
        deferrals.push({ type: 'push.defer', id: job.id, by: instance, nextTryAt, cause: result.cause });
        audits.push(auditChange(base, 'PUSH_DEFERRED', { userId: job.userId, outcome: result.cause, detail }));
        observer?.settled(job, 'deferred', 0);
        flush();
        return;
      }
      audits.push(auditChange(base, 'PUSH_FAILED', { userId: job.userId, outcome: result.cause, detail }));
      log.warn('A push message was not delivered.', { realm: job.realm, cause: result.cause, ...detail });
    }
    // Also of one that was marked before and is sent again; what phones fetch themselves has no mark.
    const delivery = result.status === 'failed' && result.permanent ? 'unreachable' : result.status;
    if (delivery === 'unreachable') unreached.push(job.request);
    observer?.settled(job, delivery, clock.now() - job.createdAt);
    if (job.delivery !== 'none')
      marks.push({ id: job.id, delivery, ...(result.status === 'failed' && { cause: result.cause }) });
    else inFlight.delete(job.id);
    flush();
  };

  const hasNews = () => marks.length > 0 || deferrals.length > 0 || audits.length > 0;

  /** One commit at a time: what comes meanwhile goes with the next, so a busy server marks in batches. */
  const flush = () => {
    if (!isFlushing && hasNews()) void writeNews();
  };

  const writeNews = async () => {
    isFlushing = true;
    while (hasNews()) {
      const now = { marks, deferrals, audits, unreached };
      marks = [];
      deferrals = [];
      audits = [];
      unreached = [];
      const delivery = { type: 'push.delivery', marks: now.marks } satisfies MessageChange;
      try {
        await committer.commit([...(now.marks.length > 0 ? [delivery] : []), ...now.deferrals, ...now.audits]);
        for (const { id } of [...now.marks, ...now.deferrals]) inFlight.delete(id);
        for (const request of now.unreached) hints.publish(requestHint(request));
      } catch (error) {
        // Kept for the next flush: until then these messages are not sent again by this instance.
        marks = [...now.marks, ...marks];
        deferrals = [...now.deferrals, ...deferrals];
        audits = [...now.audits, ...audits];
        unreached = [...now.unreached, ...unreached];
        log.warn('Push deliveries could not be marked.', { cause: error instanceof Error ? error.name : 'Unknown' });
        break;
      }
    }
    // In the very turn in which nothing was left: what comes after it begins another flush.
    isFlushing = false;
    tellIdlers();
  };

  const pump = () => {
    for (let next = turns.begin(); next !== undefined; next = turns.begin()) {
      const { job, done } = next;
      void deliver(job).then((result) => {
        turns.ends(job.realm);
        note(job, result);
        done?.(result);
        pump();
        tellIdlers();
      });
    }
  };

  /** What follows a delivery is under way, too. */
  const follow = async (whenOver: WhenOver, results: readonly SendResult[]): Promise<void> => {
    try {
      await whenOver(results);
    } catch (error) {
      log.warn('A delivery was not followed up.', { cause: error instanceof Error ? error.name : 'Unknown' });
    }
    following -= 1;
    tellIdlers();
  };

  /** Holds on to what takes longer than a claim lasts. A claim that was lost all the same costs a second send, under the same id. */
  const renew = async (now: number): Promise<void> => {
    const ids = inFlight.heldUntil(now + RENEWED_WITH_LEFT_MILLIS);
    if (ids.length === 0) return;
    const claim = claimFrom(now, instance);
    await committer.commit([{ type: 'push.renewClaim', ids, claim } satisfies MessageChange]);
    for (const id of ids) inFlight.renew(id, claim.until);
  };

  const isJob = (row: PushMessage): row is Job => row.envelope !== undefined;

  /** Puts those in line that have something to send and are not under way; returns how many. */
  const line = (rows: readonly PushMessage[], done?: Done): number => {
    let taken = 0;
    for (const job of rows) {
      if (!isJob(job) || job.delivery === 'unreachable' || !inFlight.hasRoomFor(job)) continue;
      inFlight.add(job, job.delivery === 'queued' ? (job.claim?.until ?? 0) : UNCLAIMED);
      turns.add(job.realm, { job, done });
      taken += 1;
    }
    return taken;
  };
  const take = (rows: readonly PushMessage[], done?: Done): number => {
    const taken = line(rows, done);
    pump();
    return taken;
  };

  const idle = () =>
    isIdle()
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          idlers.push(resolve);
        });

  return {
    dispatch(rows, whenOver) {
      const results: SendResult[] = [];
      if (whenOver !== undefined) following += 1;
      const end = () => whenOver && void follow(whenOver, results);
      const taken = line(rows, (result) => {
        results.push(result);
        if (results.length === taken) end();
      });
      // What it takes to seal a message for a provider is no part of the answer that waits for the commit: it would tell by its time who has a
      // phone (I7, SEC-59).
      if (taken > 0) later(pump);
      else if (whenOver !== undefined) later(end);
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

    async recover(isStart = false) {
      flush();
      const now = clock.now();
      await renew(now);
      const alsoOf = isStart ? instance : undefined;
      const { room, fullRealms } = inFlight.share();
      if (room <= 0) return 0;
      const ids = (await messages.unclaimed(now, room, alsoOf, fullRealms)).filter((id) => !inFlight.has(id));
      if (ids.length === 0) return 0;
      const claim = claimFrom(now, instance);
      await committer.commit([{ type: 'push.claim', ids, claim, now, alsoOf } satisfies MessageChange]);
      const held = (await messages.claimed(claim)).filter((row) => !inFlight.has(row.id));
      const isWorthIt = (row: PushMessage) => row.expiresAt - now > WORTH_SENDING_MILLIS && isJob(row);
      for (const row of held.filter((it) => !isWorthIt(it))) {
        note(row, { status: 'failed', permanent: false, cause: 'TooLate' });
      }
      return take(held.filter(isWorthIt));
    },
    idle,
    stop() {
      const nextTryAt = clock.now();
      for (const { job, done } of turns.giveUp()) {
        if (job.delivery === 'queued') {
          deferrals.push({ type: 'push.defer', id: job.id, by: instance, nextTryAt });
          continue;
        }
        inFlight.delete(job.id);
        done?.({ status: 'failed', permanent: false, cause: 'Stopped' });
      }
      flush();
      return idle();
    },
  };
}
