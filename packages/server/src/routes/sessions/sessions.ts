import { type Clock, type Configuration, parseQueryFilter, type QueryFilter, type Session } from '@assent/engine';
import { sessionPropertiesProblem, USER_AGENT } from '@assent/engine/host';
import { PERSISTENT_COOKIE_PROPERTY, universalIdOf } from '@assent/nodes';
import { formatQueryResult, isJsonObject, type JsonObject } from '@assent/wire';
import { currentSessionOf, tokenOf } from '../../authentication/caller.ts';
import {
  changeableProperties,
  isProtectedProperty,
  SESSION_PROPERTIES_SERVICE,
} from '../../authentication/session-properties.ts';
import { isOwner } from '../../authorization/access.ts';
import { type AccountPorts, accountFor, ownAccountOf } from '../../authorization/account.ts';
import { type OwnAccountPorts, refusalOfOwnAccount } from '../../authorization/account-step-up.ts';
import { ACCESS_DENIED, callerOf, isAnswer, mayActOn, NOT_FOUND } from '../../authorization/administration.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { reasonOf } from '../../authorization/reason.ts';
import { type Answer, actionOf, badRequest, type Call, ok, type Routes, refuse } from '../../http/call.ts';

export interface SessionsRoutesOptions extends AccountPorts, OwnAccountPorts {
  readonly commits: CallerCommits;
  readonly clock: Clock;
  readonly configuration: Configuration;
}

const time = (millis: number): string => new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z');

const sessionInfo = (session: Session) => ({
  username: session.username,
  universalId: universalIdOf(session),
  realm: session.realm,
  latestAccessTime: time(session.lastUsedAt),
  maxIdleExpirationTime: time(Math.min(session.lastUsedAt + session.maxIdleMillis, session.maxExpiresAt)),
  maxSessionExpirationTime: time(session.maxExpiresAt),
  properties: session.properties,
});

/** What a list says of a session: enough to recognise it by, and nothing that opens it. */
const listedSession = (session: Session, current: Session): JsonObject => ({
  username: session.username,
  universalId: universalIdOf(session),
  realm: session.realm,
  sessionHandle: session.handle,
  latestAccessTime: time(session.lastUsedAt),
  maxIdleExpirationTime: time(Math.min(session.lastUsedAt + session.maxIdleMillis, session.maxExpiresAt)),
  maxSessionExpirationTime: time(session.maxExpiresAt),
  // AM says no more; the rest is for the account page.
  startTime: time(session.createdAt),
  isCurrent: session.tokenHash === current.tokenHash,
  ...(session.properties.Host !== undefined && { address: session.properties.Host }),
  ...(session.properties[USER_AGENT] !== undefined && { userAgent: session.properties[USER_AGENT] }),
});

/** The values that a filter of the form `a eq "x" and b eq "y"` asks for; undefined for any other. */
const equalities = (filter: QueryFilter): ReadonlyMap<string, string> | undefined => {
  const parts = filter.op === 'and' ? filter.of : [filter];
  const pairs = parts.flatMap((part) => (part.op === 'eq' ? [[part.field, part.value] as const] : []));
  const found = new Map(pairs);
  return found.size === parts.length ? found : undefined;
};

const STALE: Answer = refuse(412, 'You or your session have changed meanwhile. Sign in again.');

const MAX_PAGE_SIZE = 100;
/** How long a property may be: a session is read with each call, and must stay small. */
const MAX_VALUE_LENGTH = 1_024;
const MAX_NAME_LENGTH = 128;

/** `sessions` (spec: journeys-rest §2.3; design.md §3.3 "account page"). */
export const sessionsRoutes = (options: SessionsRoutesOptions): Routes => {
  const { sessions, cookies, commits, clock, identities } = options;
  const tokenIn = (call: Call): string | undefined => {
    const inBody = isJsonObject(call.body) ? call.body.tokenId : undefined;
    return typeof inBody === 'string' && inBody !== '' ? inBody : tokenOf(call.request, cookies);
  };

  /** A session is shown in its own realm, and to administrators of the root realm everywhere. */
  const visible = async (call: Call, session: Session | undefined): Promise<Session | undefined> => {
    if (session === undefined || session.realm === call.realmPath) return session;
    const mayReach = session.realm === '/' && !call.isFromListedOrigin;
    const identity = mayReach ? await identities.findById(session.userId) : undefined;
    return identity !== undefined && isOwner(identity) ? session : undefined;
  };

  const logout = async (call: Call, token: string): Promise<Answer> => {
    const found = await sessions.find(token, { peek: true });
    // Whoever has the token ends the session by whichever realm's address, as in AM: an answer that it is over has to be true.
    const session = call.isFromListedOrigin ? await visible(call, found) : found;
    const expire = { 'set-cookie': [cookies.endSession()] };
    if (session === undefined) return ok({ result: 'Token has expired' }, expire);
    await sessions.end([session], call.transactionId);
    return ok(
      { result: 'Successfully logged out' },
      { 'set-cookie': [...expire['set-cookie'], ...persistent(session)] },
    );
  };

  /** A cookie that signs the browser in by itself would undo the sign-out: it goes, too. */
  const persistent = ({ properties }: Session): readonly string[] =>
    Object.entries(properties)
      .filter(([property]) => property.startsWith(PERSISTENT_COOKIE_PROPERTY))
      .map(([, name]) =>
        cookies.ofJourney({ name, value: '', maxAgeSeconds: 0, path: '/', secure: true, httpOnly: true }),
      );

  /** A look at a session is no use of it, unless the caller says so. */
  const infoOf =
    (options: { readonly peek: boolean }) =>
    async (call: Call, token: string): Promise<Answer> => {
      const session = await visible(call, await sessions.find(token, options));
      return session === undefined ? ACCESS_DENIED : ok(sessionInfo(session));
    };

  const actions: Readonly<Record<string, (call: Call, token: string) => Promise<Answer>>> = {
    logout,
    getSessionInfo: infoOf({ peek: true }),
    getSessionInfoAndResetIdleTime: infoOf({ peek: false }),
    getSessionProperties: async (call, token) => {
      const session = await visible(call, await sessions.find(token, { peek: true }));
      return session === undefined ? ACCESS_DENIED : ok(session.properties);
    },
    validate: async (call, token) => {
      const session = await visible(call, await sessions.find(token));
      return session === undefined
        ? ok({ valid: false })
        : ok({ valid: true, sessionUid: session.handle, uid: session.username, realm: session.realm });
    },
    refresh: async (call, token) => {
      const session = await visible(call, await sessions.find(token));
      return session === undefined
        ? ok({ uid: '', realm: '', idletime: 0, maxidletime: 0, maxsessiontime: 0, maxtime: 0 })
        : ok({
            uid: session.username,
            realm: session.realm,
            idletime: Math.floor((clock.now() - session.lastUsedAt) / 1000),
            maxidletime: session.maxIdleMillis / 60_000,
            maxsessiontime: Math.round((session.maxExpiresAt - session.createdAt) / 60_000),
            maxtime: Math.max(0, Math.floor((session.maxExpiresAt - clock.now()) / 1000)),
          });
    },
  };

  /** `GET sessions?_queryFilter=username eq "…" and realm eq "…"`: a user's own, or those of others for who reads users. */
  const list = async (call: Call): Promise<Answer> => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    const parsed = parseQueryFilter(call.query._queryFilter ?? '');
    const wanted = 'reason' in parsed ? undefined : equalities(parsed.filter);
    const username = wanted?.get('username');
    const realm = wanted?.get('realm') ?? call.realmPath;
    const known = new Set(['username', 'realm']);
    if (wanted === undefined || username === undefined || [...wanted.keys()].some((field) => !known.has(field))) {
      return badRequest('_queryFilter must have the form: username eq "demo" and realm eq "/".', '_queryFilter');
    }
    if (realm !== call.realmPath) return badRequest('realm must be the realm of the address.', '_queryFilter');
    const account = await accountFor(caller, call, username, options, 'users:read');
    if (isAnswer(account) && account !== NOT_FOUND) return account;
    if (isAnswer(account)) return ok(formatQueryResult([]));
    const found = await sessions.ofUser(account.identity.id, MAX_PAGE_SIZE);
    // A list of the newest ones says how many there are.
    const total = found.length < MAX_PAGE_SIZE ? undefined : await sessions.countOfUser(account.identity.id);
    const isCut = total !== undefined && total > found.length;
    const records = found.map((session) => listedSession(session, caller.session));
    return ok(formatQueryResult(records, isCut ? { total } : {}));
  };

  /** `{sessionHandles}` of the caller's own sessions; what is not one of them is not ended, and said so. */
  const logoutByHandle = async (call: Call): Promise<Answer> => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    const account = ownAccountOf(caller, options);
    if (isAnswer(account)) return account;
    const handles: unknown = isJsonObject(call.body) ? call.body.sessionHandles : undefined;
    const areHandles = Array.isArray(handles) && handles.length > 0 && handles.length <= MAX_PAGE_SIZE;
    if (!areHandles || !handles.every((handle) => typeof handle === 'string')) {
      return badRequest(`sessionHandles must list 1 to ${MAX_PAGE_SIZE} handles as texts.`, 'sessionHandles');
    }
    const wanted = new Set<string>(handles);
    const ending = await sessions.byHandles(account.identity.id, [...wanted]);
    // A session by the password alone would end those in which the owner has shown more.
    const endsOthers = ending.some(({ tokenHash }) => tokenHash !== caller.session.tokenHash);
    const refusal = endsOthers ? await refusalOfOwnAccount(caller, options, 'anyAge') : undefined;
    if (refusal !== undefined) return refusal;
    if (ending.length > 0) {
      const changes = ending.flatMap((it) => sessions.changesOfEnd(it, call.transactionId));
      const result = await commits.ofAccount(caller, changes);
      if (!result.committed) return refusedWrite(result, STALE);
    }
    const ended = new Set(ending.map(({ handle }) => handle));
    return ok({ result: Object.fromEntries([...wanted].map((handle) => [handle, ended.has(handle)])) });
  };

  /** `{username}`: signs a user out everywhere. Users do it for themselves, and those who write users for others. */
  const logoutByUser = async (call: Call): Promise<Answer> => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    const username: unknown = isJsonObject(call.body) ? call.body.username : undefined;
    if (typeof username !== 'string' || username === '') return badRequest('username must be a text.', 'username');
    const account = await accountFor(caller, call, username, options, 'users:write');
    if (isAnswer(account)) return account;
    const { identity, isOwn } = account;
    if (!isOwn && !mayActOn(caller, identity)) return caller.refusal;
    const refusal = isOwn ? await refusalOfOwnAccount(caller, options, 'anyAge') : undefined;
    if (refusal !== undefined) return refusal;
    const reason = isOwn ? {} : reasonOf(call, 'where the realm asks');
    if (isAnswer(reason)) return reason;
    const why = { by: caller.session.userId, ...reason };
    const changes = sessions.changesOfEndOfAll(identity, why, call.transactionId);
    const result = await (isOwn ? commits.ofAccount(caller, changes) : commits.byRole(caller, changes));
    if (!result.committed) return refusedWrite(result, STALE);
    return ok({ result: true }, isOwn ? { 'set-cookie': [cookies.endSession()] } : undefined);
  };

  /** Sets properties of the caller's own session, those that the realm lists; an empty text takes one away. */
  const updateSessionProperties = async (call: Call): Promise<Answer> => {
    const session = await currentSessionOf(call, cookies, sessions);
    if (session === undefined) return ACCESS_DENIED;
    if (!isJsonObject(call.body)) return badRequest('The body must be an object of properties.');
    const changeable = changeableProperties(options.configuration, session.realm);
    const given = Object.entries(call.body);
    for (const [name, value] of given) {
      const property = name.slice(0, MAX_NAME_LENGTH);
      if (!changeable.has(name)) {
        const reason = isProtectedProperty(name)
          ? `${property} cannot be changed: it is one of the server's own.`
          : `${property} cannot be changed until the service ${SESSION_PROPERTIES_SERVICE} of the realm lists it.`;
        return refuse(403, reason, { property });
      }
      if (typeof value !== 'string' || value.length > MAX_VALUE_LENGTH) {
        return badRequest(`${property} must be a text of up to ${MAX_VALUE_LENGTH} characters.`, property);
      }
    }
    const changes = Object.fromEntries(given.map(([name, value]) => [name, value === '' ? null : String(value)]));
    if (given.length > 0 && !(await sessions.setProperties(session, changes, call.transactionId))) {
      // The store refuses it where the session has ended meanwhile, or has as much as it may have.
      const now = await currentSessionOf(call, cookies, sessions);
      const problem = now && sessionPropertiesProblem({ ...now.properties, ...changes });
      return problem === undefined ? ACCESS_DENIED : badRequest(problem);
    }
    const after = new Map([...Object.entries(session.properties), ...Object.entries(changes)]);
    return ok(Object.fromEntries([...changeable].map((name) => [name, after.get(name) ?? ''])));
  };

  /** Actions that are not about a session that the caller names by its token. */
  const callerActions: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
    logoutByHandle,
    logoutByUser,
    updateSessionProperties,
  };

  return {
    'GET sessions': list,
    'POST sessions': async (call) => {
      const ofCaller = actionOf(callerActions, call);
      if (ofCaller !== undefined) return ofCaller(call);
      const action = actionOf(actions, call);
      if (action === undefined) return badRequest('Action not supported: name one in _action.');
      const token = tokenIn(call);
      if (token === undefined) return badRequest('iPlanetDirectoryCookie not set on request');
      return action(call, token);
    },
  };
};
