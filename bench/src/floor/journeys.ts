import { hash, randomBytes, randomUUID } from 'node:crypto';
import { type Exchange, fail, reply, V21 } from './http.ts';
import type { Changes, Counter, FloorStore, Journey, JourneyName, JourneyState, User } from './store.ts';
import { draw, Mac, sign, strictJson, timeId, verified } from './wire.ts';

const MINUTE = 60_000;
const JOURNEY_MILLIS = 15 * MINUTE;
/** How long the very same submit gets the same answer (SEC-39). */
export const RETRY_MILLIS = MINUTE;

const SIGN_IN =
  '"callbacks":[{"type":"NameCallback","output":[{"name":"prompt","value":"User Name"}],"input":[{"name":"IDToken1","value":""}],"_id":0},{"type":"PasswordCallback","output":[{"name":"prompt","value":"Password"}],"input":[{"name":"IDToken2","value":""}],"_id":1}]}';

/** The type of the callback at that place. */
export const typeOf = (callbacks: unknown, at: number): unknown =>
  Array.isArray(callbacks) ? (callbacks[at] as { type?: unknown } | null)?.type : undefined;

/** The input of a callback that was asked for at that place; undefined where another one came. */
export const inputOf = (callbacks: unknown, at: number, type: string): unknown => {
  if (typeOf(callbacks, at) !== type) return undefined;
  const { input } = (callbacks as readonly { input?: unknown }[])[at] ?? {};
  return Array.isArray(input) ? (input[0] as { value?: unknown } | null)?.value : undefined;
};

export interface Reference {
  readonly sessionId: string;
  readonly otk: string;
  readonly exp: number;
  readonly isFirst: boolean;
}

/** What a page has sent back with an authId that is ours. */
export interface SubmittedStep {
  readonly authId: string;
  readonly reference: Reference;
  readonly callbacks: unknown;
  readonly text: string;
}

export interface FloorJourney {
  readonly name: JourneyName;
  /** Name and password. */
  first(exchange: Exchange, submit: SubmittedStep): void;
  /** Every step after that. */
  next(exchange: Exchange, submit: SubmittedStep): void;
}

/** Somebody who gave the right password, and what their first step is stored with. */
interface SignedIn {
  readonly user: User;
  readonly guesses: string;
  readonly counters: readonly (Counter | undefined)[];
  readonly stored: Omit<Journey, 'state'>;
}

export type Journeys = ReturnType<typeof floorJourneys>;

/** What the journeys of the floor have in common: the authId, name and password, a step after the other, the session. */
export const floorJourneys = (store: FloorStore) => {
  const authIdMac = new Mac(randomBytes(32));

  const authIdOf = (journey: JourneyName, { sessionId, otk, exp, isFirst }: Reference): string =>
    sign(
      authIdMac,
      `{"typ":"authId","realm":"/","authIndexType":"service","authIndexValue":"${journey}","version":1,"sessionId":"${sessionId}","otk":"${otk}","exp":${exp / 1_000}${isFirst ? ',"start":{}' : ''}}`,
    );

  const show = (exchange: Exchange, authId: string, step: string): void =>
    reply(exchange, 200, `{"authId":"${authId}",${step}`, ...V21);

  const start = (exchange: Exchange, journey: JourneyName): void => {
    const otk = draw(18).toString('base64url');
    const exp = exchange.now + JOURNEY_MILLIS;
    show(exchange, authIdOf(journey, { sessionId: timeId(exchange.now), otk, exp, isFirst: true }), SIGN_IN);
  };

  /** The journey as it is after a submit. */
  const stored = (
    { now }: Exchange,
    journey: JourneyName,
    { reference, text }: SubmittedStep,
  ): Omit<Journey, 'state'> => ({
    ...{ id: reference.sessionId, journey, nonce: draw(18).toString('base64url'), expiresAt: reference.exp },
    ...{ lastNonce: reference.otk, lastDigest: hash('sha256', text, 'base64url'), lastAt: now },
  });

  return {
    /** Handles what is posted to `authenticate` for a journey. */
    authenticate: (journey: FloorJourney) => (exchange: Exchange, text: string) => {
      const { authId, callbacks } = strictJson(text);
      if (authId === undefined) {
        start(exchange, journey.name);
        return;
      }
      if (typeof authId !== 'string' || authId.length > 8_192) throw new SyntaxError('authId');
      const claims = verified(authIdMac, authId);
      const exp = Math.round(Number(claims?.exp) * 1_000);
      const isOurs = claims?.typ === 'authId' && claims.authIndexValue === journey.name && exp > exchange.now;
      if (!isOurs) {
        fail(exchange);
        return;
      }
      const isFirst = claims.start !== undefined;
      const reference = { sessionId: String(claims.sessionId), otk: String(claims.otk), exp, isFirst };
      const submit = { authId, reference, callbacks, text };
      if (isFirst) journey.first(exchange, submit);
      else journey.next(exchange, submit);
    },

    show,
    stored,

    /** Who has given name and password; `undefined` where that failed, which is answered and counted already. */
    signIn(
      exchange: Exchange,
      journey: JourneyName,
      submit: SubmittedStep,
      { needsPhone, counted }: { needsPhone: boolean; counted?: (userId: string | undefined) => readonly string[] },
    ): SignedIn | undefined {
      const { now, transactionId } = exchange;
      const username = String(inputOf(submit.callbacks, 0, 'NameCallback') ?? '').toLowerCase();
      const password = inputOf(submit.callbacks, 1, 'PasswordCallback');
      const user = store.user(username);
      const guesses = `password:/:${username}`;
      const [guess, ...counters] = store.counters([guesses, ...(counted?.(user?.id) ?? [])]);
      const first = stored(exchange, journey, submit);
      const isLocked = guess !== undefined && guess.lockedUntil > now;
      const isRight = user !== undefined && password === user.hash && !isLocked;
      if (isRight && !(needsPhone && user.devices.length === 0)) return { user, guesses, counters, stored: first };
      const hits = [...(guess?.hits ?? []).filter((at) => at > now - 24 * 60 * MINUTE), now];
      const counter = {
        ...{ subject: guesses, hits, lockedUntil: hits.length >= 5 ? now + 30_000 : 0, rev: guess?.rev ?? 0 },
      };
      const work = (to: Changes): boolean =>
        (isLocked || to.putCounter(counter)) &&
        to.insertJourney({ ...first, state: undefined }) &&
        to.audit({ at: now, transactionId, journey, event: 'JOURNEY_END', outcome: 'failure' });
      store.commit(work, () => fail(exchange));
      return undefined;
    },

    /** Commits a step and shows it; `then` comes after the first time. */
    advance(
      exchange: Exchange,
      { reference }: SubmittedStep,
      after: Journey,
      work: (to: Changes) => boolean,
      { stepOf, then }: { stepOf(state: JourneyState): string; then?(): void },
    ): void {
      store.commit(work, (committed) => {
        const journey = committed ? after : store.journey(reference.sessionId);
        // Refused: the authId was used before. Only the very same submit gets its answer again.
        const isRetry =
          journey?.lastNonce === reference.otk &&
          journey.lastDigest === after.lastDigest &&
          exchange.now < journey.lastAt + RETRY_MILLIS;
        if (journey?.state === undefined || !isRetry) {
          fail(exchange);
          return;
        }
        const next = { ...reference, otk: journey.nonce, isFirst: false };
        show(exchange, authIdOf(journey.journey, next), stepOf(journey.state));
        if (committed) then?.();
      });
    },

    /** The journey that a submit goes on with, where it waits for that very submit. */
    current({ sessionId, otk }: Reference): (Journey & { readonly state: JourneyState }) | undefined {
      const journey = store.journey(sessionId);
      return journey?.state !== undefined && journey.nonce === otk ? { ...journey, state: journey.state } : undefined;
    },

    /** Ends a journey by what `work` does, with a session where it succeeded; `factor` is named in the session. */
    finish(
      exchange: Exchange,
      { id, nonce, journey, state: { userId, username, credentialRev } }: Journey & { readonly state: JourneyState },
      work: (to: Changes) => boolean,
      { isSuccess, factor, durable = false }: { isSuccess: boolean; factor?: string; durable?: boolean },
    ): void {
      const { now, transactionId } = exchange;
      const base = { at: now, transactionId, userId, journey };
      const token = isSuccess ? draw(32).toString('base64url') : undefined;
      const instant = `${new Date(now).toISOString().slice(0, 19)}Z`;
      const proven = `password@${now}${factor ? `|push@${now}` : ''}`;
      const session = (of: string) => ({
        ...{
          tokenHash: hash('sha256', of, 'buffer'),
          handle: randomUUID(),
          sid: randomUUID(),
          userId,
          username,
          createdAt: now,
        },
        properties: `{${factor ? `"NodeType":"${factor}|",` : ''}"AuthFactors":"${proven}","Journeys":"${journey}@${now}","Service":"${journey}","AuthLevel":"0","authInstant":"${instant}",${factor ? `"FactorInstant":"${instant}",` : ''}"Host":"127.0.0.1","AMCtxId":"${id}"}`,
        ...{ maxExpiresAt: now + 120 * MINUTE, maxIdleMillis: 30 * MINUTE },
      });
      const all = (to: Changes): boolean =>
        to.endJourney(id, nonce) &&
        work(to) &&
        (token === undefined
          ? to.audit({ ...base, event: 'JOURNEY_END', outcome: 'failure' })
          : to.audit({ ...base, event: 'JOURNEY_END', outcome: 'success', detail: '{"address":"127.0.0.1"}' }) &&
            to.isUsable(userId, credentialRev) &&
            to.insertSession(session(token)) &&
            to.audit({ ...base, event: 'SESSION_CREATE' }));
      const done = (committed: boolean): void => {
        if (!committed || token === undefined) {
          fail(exchange);
          return;
        }
        const cookie = `iPlanetDirectoryPro=${token}; Path=/; HttpOnly; SameSite=Lax`;
        const body = `{"tokenId":"${token}","successUrl":"/am/console","realm":"/"}`;
        reply(exchange, 200, body, 'set-cookie', cookie, ...V21);
      };
      store.commit(all, done, durable);
    },
  };
};
