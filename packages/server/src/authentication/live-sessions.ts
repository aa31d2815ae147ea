import type { Clock, Configuration, Identity, Session } from '@assent/engine';
import { type Committer, type EngineChange, isLiveSession, type SessionReader } from '@assent/engine/host';
import type { SessionRevalidation } from '@assent/ldap';
import { hashSessionToken } from './session-tokens.ts';

/** Idle time is written at most once a minute. */
const TOUCH_MILLIS = 60_000;
const MAX_TOKEN_LENGTH = 512;

export interface LiveSessionsPorts {
  readonly sessions: SessionReader;
  readonly configuration: Pick<Configuration, 'realm'>;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly revalidation: Pick<SessionRevalidation, 'revalidate'>;
}

/** How many names of changed properties a row of the audit log has. */
const NAMES_TOLD = 20;

/** Sessions as callers present them: by token. */
export class LiveSessions {
  readonly #sessions: SessionReader;
  readonly #configuration: LiveSessionsPorts['configuration'];
  readonly #committer: Committer;
  readonly #clock: Clock;
  readonly #revalidation: LiveSessionsPorts['revalidation'];

  constructor({ sessions, configuration, committer, clock, revalidation }: LiveSessionsPorts) {
    this.#sessions = sessions;
    this.#configuration = configuration;
    this.#committer = committer;
    this.#clock = clock;
    this.#revalidation = revalidation;
  }

  /** The session of a token while it lives; looking it up keeps it from idling out, unless `peek` says not to. */
  async find(token: string | undefined, options: { readonly peek?: boolean } = {}): Promise<Session | undefined> {
    if (token === undefined || token === '' || token.length > MAX_TOKEN_LENGTH) return undefined;
    const found = await this.#live(token);
    // Also a look at a session asks for its user, so that no application takes somebody for signed in who has left the directory.
    const asked = found && this.#revalidation.revalidate(found);
    const session = asked !== undefined && (await asked) ? await this.#live(token) : found;
    if (session === undefined) return undefined;
    const now = this.#clock.now();
    if (options.peek !== true && now - session.lastUsedAt >= TOUCH_MILLIS) {
      await this.#commit({ type: 'session.touch', tokenHash: session.tokenHash, at: now });
      return { ...session, lastUsedAt: now };
    }
    return session;
  }

  /** The live sessions of a user, newest first, at most `limit`. */
  ofUser(userId: string, limit: number): Promise<readonly Session[]> {
    return this.#sessions.ofUser(userId, this.#clock.now(), { limit });
  }

  /** How many live sessions a user has. */
  countOfUser(userId: string): Promise<number> {
    return this.#sessions.countOfUser(userId, this.#clock.now());
  }

  /** The live sessions of a user that have these handles. */
  byHandles(userId: string, handles: readonly string[]): Promise<readonly Session[]> {
    return this.#sessions.byHandles(userId, handles, this.#clock.now());
  }

  /** Whether the user has a live session that applications know by this `sid`. */
  hasSid(userId: string, sid: string): Promise<boolean> {
    return this.#sessions.hasSid(userId, sid, this.#clock.now());
  }

  /** Ends them in one commit, with what was granted in them (OIDC-20): all are over when it resolves. */
  async end(sessions: readonly Session[], transactionId: string): Promise<void> {
    await this.#commit(...sessions.flatMap((session) => this.changesOfEnd(session, transactionId)));
  }

  /** What ends a session, for a commit that does more. */
  changesOfEnd(
    { userId, sid, realm }: Pick<Session, 'userId' | 'sid' | 'realm'>,
    transactionId: string,
  ): readonly EngineChange[] {
    const event = { at: this.#clock.now(), event: 'SESSION_END', realm, transactionId, userId, outcome: 'logout' };
    return [
      { type: 'session.end', userId, sid },
      { type: 'audit.append', event },
    ];
  }

  /** What ends all that a user has when it is written. */
  changesOfEndOfAll(
    user: Pick<Identity, 'id' | 'realm'>,
    why: { readonly by: string; readonly reason?: string },
    transactionId: string,
  ): readonly EngineChange[] {
    const { id: userId, realm } = user;
    const at = this.#clock.now();
    const event = {
      at,
      event: 'SESSION_END',
      realm,
      transactionId,
      userId,
      outcome: 'logoutByUser',
      detail: { ...why },
    };
    return [
      { type: 'session.endAllOf', userId },
      { type: 'audit.append', event },
    ];
  }

  /** `false` where the session has ended meanwhile. */
  async setProperties(
    { tokenHash, realm, userId }: Session,
    properties: Readonly<Record<string, string | null>>,
    transactionId: string,
  ): Promise<boolean> {
    const at = this.#clock.now();
    const names = Object.keys(properties);
    const more = names.length > NAMES_TOLD ? [`and ${names.length - NAMES_TOLD} more`] : [];
    const outcome = [...names.slice(0, NAMES_TOLD), ...more].join(',');
    const event = { at, event: 'SESSION_PROPERTIES', realm, transactionId, userId, outcome };
    const changes: readonly EngineChange[] = [
      { type: 'session.properties', tokenHash, properties },
      { type: 'audit.append', event },
    ];
    return (await this.#committer.commit(changes)).committed;
  }

  /** The store tells of no session of a user who is disabled; a session of a realm that is switched off counts nowhere (SEC-89, SEC-90). */
  async #live(token: string): Promise<Session | undefined> {
    const session = await this.#sessions.get(hashSessionToken(token));
    if (session === undefined || !isLiveSession(session, this.#clock.now())) return undefined;
    return this.#configuration.realm(session.realm) === undefined ? undefined : session;
  }

  async #commit(...changes: readonly EngineChange[]): Promise<void> {
    await this.#committer.commit(changes);
  }
}
