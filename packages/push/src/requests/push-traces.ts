import type { Clock } from '@assent/engine';
import type { AuditPage, AuditReader, PlacedAuditEvent } from '@assent/engine/host';
import { readTrace, type TraceStep } from '../model/message-trace.ts';
import type { MessageReader, TracedMessage } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';

/** One thing that happened to a request; what is not known of it is left out. */
export interface TracedStep {
  readonly step: TraceStep | 'expired' | 'addressDead';
  readonly at: number;
  /** The instance that did it. */
  readonly by?: string;
  /** The phone, by the UUID of its device. */
  readonly device?: string;
  readonly cause?: string | undefined;
}

/** What became of one request to the phones of a user. */
export interface PushTrace {
  /** `<user>.<digest of the request>`: good for asking, and for nothing else. */
  readonly id: string;
  readonly userId: string;
  readonly realm: string;
  readonly createdAt: number;
  /** Whether its messages are still stored; later there is what the audit trail has: what a provider took and a phone has shown is not. */
  readonly isComplete: boolean;
  /** Oldest first. */
  readonly steps: readonly TracedStep[];
}

export interface PushTraces {
  /** Newest first; `next` is where the following page begins. */
  ofUser(
    userId: string,
    page: { readonly limit: number; readonly before?: string | undefined },
  ): Promise<{ readonly traces: readonly PushTrace[]; readonly next?: string }>;
  find(id: string): Promise<PushTrace | undefined>;
}

export interface PushTracesDependencies {
  readonly messages: Pick<MessageReader, 'ofJourneys'>;
  readonly audit: Pick<AuditReader, 'page'>;
  readonly clock: Clock;
}

/** The trail tells as far back as the account page does. */
const TOLD_MILLIS = 30 * 24 * 3_600_000;
const ROWS_AT_ONCE = 200;
/** Beyond that many pages of one user a request is not looked for: a page has 200 rows of requests, or is what was found among 1,000 rows. */
const MAX_PAGES = 20;
/** Of one request: a message for each phone. */
const MAX_MESSAGES = 200;

const SENT = 'PUSH_SENT';
const STEPS: Readonly<Record<string, TracedStep['step']>> = {
  [SENT]: 'queued',
  PUSH_DEFERRED: 'deferred',
  PUSH_FAILED: 'failed',
  DEVICE_CHANNEL_DEAD: 'addressDead',
  PUSH_ANSWERED: 'approved',
  PUSH_DENIED: 'denied',
  PUSH_NUMBER_MISMATCH: 'denied',
  PUSH_EXPIRED: 'expired',
};
const EVENTS = Object.keys(STEPS);

const digestsOf = ({ detail }: PlacedAuditEvent): readonly unknown[] => [detail?.request ?? detail?.message];
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Reads what is there anyway: rows of messages, and the audit trail of their user (OPS-50). */
export const pushTraces = ({ messages, audit, clock }: PushTracesDependencies): PushTraces => {
  /** The rows of the trail of a user, newest first, in pages. */
  async function* rowsOf(userId: string, from: string | undefined): AsyncGenerator<AuditPage> {
    const since = clock.now() - TOLD_MILLIS;
    let before = from;
    for (let read = 0; read < MAX_PAGES; read += 1) {
      const page = await audit.page(userId, {
        events: EVENTS,
        since,
        limit: ROWS_AT_ONCE,
        ...(before !== undefined && { before }),
      });
      yield page;
      if (page.next === undefined) return;
      before = page.next;
    }
  }

  const stepOfEvent = (row: PlacedAuditEvent): TracedStep => ({
    step: STEPS[row.event] ?? 'queued',
    at: row.at,
    ...(textOf(row.detail?.by) !== undefined && { by: String(row.detail?.by) }),
    ...(textOf(row.detail?.device) !== undefined && { device: String(row.detail?.device) }),
    ...(row.outcome !== undefined && row.event !== 'PUSH_ANSWERED' && { cause: row.outcome }),
  });

  const stepsOfMessage = (message: TracedMessage, now: number): readonly TracedStep[] => {
    const device = message.deviceUuid;
    const steps: TracedStep[] = readTrace(message.trace).map((entry) => ({ ...entry, device }));
    const isExpired = message.state === 'pending' && now >= message.expiresAt;
    return isExpired ? [...steps, { step: 'expired', at: message.expiresAt, device }] : steps;
  };

  const tracesOf = async (
    userId: string,
    sent: readonly PlacedAuditEvent[],
    rows: readonly PlacedAuditEvent[],
  ): Promise<readonly PushTrace[]> => {
    const journeys = [...new Set(sent.flatMap(({ detail }) => textOf(detail?.journey) ?? []))];
    const stored = journeys.length === 0 ? [] : await messages.ofJourneys(journeys, MAX_MESSAGES);
    const now = clock.now();
    return sent.map((row): PushTrace => {
      const digest = String(row.detail?.message);
      const own = stored.filter((message) => messageIdHash(message.request) === digest);
      const ofTrail = rows.filter((it) => digestsOf(it).includes(digest)).map(stepOfEvent);
      // The trail alone tells that an address was found dead: messages of that phone were refused for it.
      const steps =
        own.length === 0
          ? ofTrail
          : [
              ...own.flatMap((message) => stepsOfMessage(message, now)),
              ...ofTrail.filter(({ step }) => step === 'addressDead'),
            ];
      return {
        id: `${userId}.${digest}`,
        userId,
        realm: row.realm,
        createdAt: row.at,
        isComplete: own.length > 0,
        steps: steps.toSorted((a, b) => a.at - b.at),
      };
    });
  };

  return {
    async ofUser(userId, { limit, before }) {
      const rows: PlacedAuditEvent[] = [];
      const sent: PlacedAuditEvent[] = [];
      let goesOnAt: string | undefined;
      for await (const { events, next } of rowsOf(userId, before)) {
        goesOnAt = next;
        rows.push(...events);
        sent.push(...events.filter(({ event, detail }) => event === SENT && detail?.again === undefined));
        if (sent.length > limit) break;
      }
      const told = sent.slice(0, limit);
      // A user with very many rows has older requests on the next page, even where this one has few.
      const next = sent.length > limit ? told.at(-1)?.place : goesOnAt;
      return {
        traces: await tracesOf(userId, told, rows),
        ...(next !== undefined && { next }),
      };
    },

    async find(id) {
      const [userId = '', digest = ''] = id.split('.');
      const rows: PlacedAuditEvent[] = [];
      for await (const { events } of rowsOf(userId, undefined)) {
        rows.push(...events);
        const sent = events.find(
          ({ event, detail }) => event === SENT && detail?.again === undefined && detail?.message === digest,
        );
        if (sent !== undefined) return (await tracesOf(userId, [sent], rows))[0];
      }
      return undefined;
    },
  };
};
