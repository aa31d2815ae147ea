import type { Clock } from '@assent/engine';
import type { Committer } from '@assent/engine/host';
import type { DeviceReader } from '../model/devices.ts';
import type { MessageChange, MessageReader, PushEnvelope, PushMessage } from '../model/messages.ts';
import { claimFrom } from '../model/request-rules.ts';
import { DeadAddresses } from './dead-addresses.ts';
import { auditOfDelivery, detailOfDelivery } from './delivery-audit.ts';
import { DeliveryNews } from './delivery-news.ts';
import type { HintBus } from './hints.ts';
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
/** Of what nobody else would send: phones fetch it, or it was sent before. */
const UNCLAIMED = Number.POSITIVE_INFINITY;

type Done = (result: SendResult) => void;
type Job = PushMessage & { readonly envelope: PushEnvelope };

const isJob = (row: PushMessage): row is Job => row.envelope !== undefined;

/** Takes messages to the providers. A message is its own outbox row, so nothing here needs to survive a crash (REL-03, ADR 0068). */
export const pushDispatcher = (dependencies: DispatcherDependencies): PushDispatcher => new Dispatcher(dependencies);

class Dispatcher implements PushDispatcher {
  readonly #with: DispatcherDependencies;
  readonly #turns: RealmTurns<{ readonly job: Job; readonly done: Done | undefined }>;
  /** What is under way here, or marked and not yet committed, and until when it is held: nobody may send it a second time. */
  readonly #inFlight = new InFlight();
  readonly #deadAddresses: DeadAddresses;
  readonly #news: DeliveryNews;
  readonly #idlers: (() => void)[] = [];
  #following = 0;

  constructor(dependencies: DispatcherDependencies) {
    const { concurrency = CONCURRENCY, concurrencyOfRealm = CONCURRENCY_OF_REALM } = dependencies;
    this.#with = dependencies;
    this.#turns = new RealmTurns(concurrency, concurrencyOfRealm);
    this.#deadAddresses = new DeadAddresses(dependencies);
    this.#news = new DeliveryNews({
      ...dependencies,
      inFlight: this.#inFlight,
      onceWritten: () => this.#tellIdlers(),
    });
  }

  dispatch(rows: readonly PushMessage[], whenOver?: WhenOver): void {
    const { later = (work) => work() } = this.#with;
    const results: SendResult[] = [];
    if (whenOver !== undefined) this.#following += 1;
    const end = () => whenOver && void this.#follow(whenOver, results);
    const taken = this.#line(rows, (result) => {
      results.push(result);
      if (results.length === taken) end();
    });
    // What it takes to seal a message for a provider is no part of the answer that waits for the commit: it would tell by its time who has a
    // phone (I7, SEC-59).
    if (taken > 0) later(() => this.#pump());
    else if (whenOver !== undefined) later(end);
  }

  async sendNow(rows: readonly PushMessage[], withinMillis: number): Promise<readonly SendResult[]> {
    const answered: SendResult[] = [];
    const all = new Promise<void>((resolve) => {
      const taken = this.#take(rows, (result) => {
        answered.push(result);
        if (answered.length === taken) resolve();
      });
      if (taken === 0) resolve();
    });
    await Promise.race([all, this.#with.wait(withinMillis)]);
    return [...answered];
  }

  async recover(isStart = false): Promise<number> {
    const { clock, instance } = this.#with;
    this.#news.flush();
    const now = clock.now();
    await this.#renew(now);
    const held = await this.#claimed(now, isStart ? instance : undefined);
    const isWorthIt = (row: PushMessage) => row.expiresAt - now > WORTH_SENDING_MILLIS && isJob(row);
    for (const row of held.filter((it) => !isWorthIt(it))) {
      this.#note(row, { status: 'failed', permanent: false, cause: 'TooLate' });
    }
    return this.#take(held.filter(isWorthIt));
  }

  idle(): Promise<void> {
    return this.#isIdle
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          this.#idlers.push(resolve);
        });
  }

  stop(): Promise<void> {
    const { clock, instance } = this.#with;
    const nextTryAt = clock.now();
    for (const { job, done } of this.#turns.giveUp()) {
      if (job.delivery === 'queued') {
        this.#news.defer({ id: job.id, by: instance, nextTryAt });
        continue;
      }
      this.#inFlight.delete(job.id);
      done?.({ status: 'failed', permanent: false, cause: 'Stopped' });
    }
    this.#news.flush();
    return this.idle();
  }

  get #isIdle(): boolean {
    return this.#turns.isEmpty && this.#following === 0 && !this.#news.isWriting;
  }

  #tellIdlers(): void {
    if (this.#isIdle) for (const idler of this.#idlers.splice(0)) idler();
  }

  /** Puts those in line that have something to send and are not under way; returns how many. */
  #line(rows: readonly PushMessage[], done?: Done): number {
    let taken = 0;
    for (const job of rows) {
      if (!isJob(job) || job.delivery === 'unreachable' || !this.#inFlight.hasRoomFor(job)) continue;
      this.#inFlight.add(job, job.delivery === 'queued' ? (job.claim?.until ?? 0) : UNCLAIMED);
      this.#turns.add(job.realm, { job, done });
      taken += 1;
    }
    return taken;
  }

  #take(rows: readonly PushMessage[], done?: Done): number {
    const taken = this.#line(rows, done);
    this.#pump();
    return taken;
  }

  /** Begins as many jobs as may run. */
  #pump(): void {
    for (let next = this.#turns.begin(); next !== undefined; next = this.#turns.begin()) {
      const { job, done } = next;
      void this.#deliver(job).then((result) => {
        this.#turns.ends(job.realm);
        this.#note(job, result);
        done?.(result);
        this.#pump();
        this.#tellIdlers();
      });
    }
  }

  async #deliver(job: Job): Promise<SendResult> {
    const { transports, calls } = this.#with;
    const { realm, envelope } = job;
    const transport = transports.find(realm, envelope.communicationType, envelope.communicationId);
    if (transport === undefined) return { status: 'failed', permanent: false, cause: 'NoTransport' };
    const result = await calls.send(transport, realm, envelope, job);
    if (result.status === 'failed' && result.permanent) await this.#deadAddresses.mark(job, result.cause);
    return result;
  }

  #note(job: PushMessage, result: SendResult): void {
    if (result.status === 'failed' && this.#isDeferred(job, result)) {
      this.#news.flush();
      return;
    }
    // Also of one that was marked before and is sent again; what phones fetch themselves has no mark.
    const delivery = result.status === 'failed' && result.permanent ? 'unreachable' : result.status;
    if (delivery === 'unreachable') this.#news.addUnreached(job);
    this.#with.observer?.settled(job, delivery, this.#with.clock.now() - job.createdAt);
    if (job.delivery !== 'none')
      this.#news.mark({ id: job.id, delivery, ...(result.status === 'failed' && { cause: result.cause }) });
    else this.#inFlight.delete(job.id);
    this.#news.flush();
  }

  /** Records a failure, and says whether the message is sent again later. */
  #isDeferred(job: PushMessage, failure: DeliveryFailed): boolean {
    const { clock, instance, observer, log } = this.#with;
    const { cause } = failure;
    const detail = detailOfDelivery(job, instance);
    const facts = { at: clock.now(), outcome: cause, detail };
    const nextTryAt = this.#nextTryOf(job, failure);
    if (nextTryAt !== undefined) {
      this.#news.defer({ id: job.id, by: instance, nextTryAt, cause });
      this.#news.audit(auditOfDelivery('PUSH_DEFERRED', job, facts));
      observer?.settled(job, 'deferred', 0);
      return true;
    }
    this.#news.audit(auditOfDelivery('PUSH_FAILED', job, facts));
    log.warn('A push message was not delivered.', { realm: job.realm, cause, ...detail });
    return false;
  }

  /** When a message is to be sent that its provider cannot take now; undefined where it would come too late, or was sent before. */
  #nextTryOf(job: PushMessage, { blame, retryAfterMillis }: DeliveryFailed): number | undefined {
    if (blame !== 'provider' || retryAfterMillis === undefined || job.delivery !== 'queued') return undefined;
    const at = this.#with.clock.now() + retryAfterMillis;
    return job.expiresAt - at > WORTH_SENDING_MILLIS ? at : undefined;
  }

  /** What follows a delivery is under way, too. */
  async #follow(whenOver: WhenOver, results: readonly SendResult[]): Promise<void> {
    try {
      await whenOver(results);
    } catch (error) {
      const cause = error instanceof Error ? error.name : 'Unknown';
      this.#with.log.warn('A delivery was not followed up.', { cause });
    }
    this.#following -= 1;
    this.#tellIdlers();
  }

  /** Holds on to what takes longer than a claim lasts. A claim that was lost all the same costs a second send, under the same id. */
  async #renew(now: number): Promise<void> {
    const { committer, instance } = this.#with;
    const ids = this.#inFlight.heldUntil(now + RENEWED_WITH_LEFT_MILLIS);
    if (ids.length === 0) return;
    const claim = claimFrom(now, instance);
    await committer.commit([{ type: 'push.renewClaim', ids, claim } satisfies MessageChange]);
    for (const id of ids) this.#inFlight.renew(id, claim.until);
  }

  /** Messages that no instance holds any more, and that this one holds from now on. */
  async #claimed(now: number, alsoOf: string | undefined): Promise<readonly PushMessage[]> {
    const { messages, committer, instance } = this.#with;
    const { room, fullRealms } = this.#inFlight.share();
    if (room <= 0) return [];
    const ids = (await messages.unclaimed(now, room, alsoOf, fullRealms)).filter((id) => !this.#inFlight.has(id));
    if (ids.length === 0) return [];
    const claim = claimFrom(now, instance);
    await committer.commit([{ type: 'push.claim', ids, claim, now, alsoOf } satisfies MessageChange]);
    return (await messages.claimed(claim)).filter((row) => !this.#inFlight.has(row.id));
  }
}
