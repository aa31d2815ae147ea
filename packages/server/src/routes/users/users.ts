import type { Clock, Identity, PasswordHasher, Random } from '@assent/engine';
import {
  foldUsername,
  parseQueryFilter,
  passesFilter,
  SECRET_ATTRIBUTES,
  shownAttributes,
  UNADDRESSABLE,
} from '@assent/engine';
import type { Change, Committer, IdentityDirectory } from '@assent/engine/host';
import { creationAttributes } from '@assent/engine/host';
import { PROFILES_ATTRIBUTE, savedProfiles, universalIdOf } from '@assent/nodes';
import {
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_PUSH_SERVICE,
  type DeviceReader,
  type OathDeviceReader,
} from '@assent/push';
import {
  type Attributes,
  errorBody,
  formatOathProfile,
  formatPushProfile,
  formatQueryResult,
  formatUser,
  isJsonObject,
  type JsonObject,
  matchesRevision,
  parseUser,
  pickFields,
  type UserChange,
} from '@assent/wire';
import { journeyRequest, ownSessionOf } from '../../authentication/caller.ts';
import type { KnownBrowsers } from '../../authentication/known-browsers.ts';
import type { PasswordCheck } from '../../authentication/password-check.ts';
import { passwordProblem, usernameProblem } from '../../authentication/user-rules.ts';
import { isOwner, isRole, ROLE_NAMES, ROLES } from '../../authorization/access.ts';
import {
  ACCESS_DENIED,
  accessOf,
  type Caller,
  type CallerPorts,
  callerOf,
  FORBIDDEN,
  isAnswer,
  mayActOn,
  mayChangeAdministrators,
  mayDo,
  NOT_FOUND,
  refusedWrite,
  stillCalling,
  unchanged,
} from '../../authorization/administration.ts';
import { type Answer, type Call, type Handler, header, ok, type Routes } from '../../http/call.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { isAllowedRedirect } from '../../realms/redirects.ts';
import type { Settings } from '../../settings/settings.ts';

export interface UsersRoutesOptions extends CallerPorts {
  readonly settings: Pick<Settings, 'contextPath' | 'publicUrl'>;
  readonly identities: IdentityDirectory;
  readonly devices: Pick<DeviceReader, 'ofUser'>;
  readonly oathDevices: Pick<OathDeviceReader, 'ofUser'>;
  readonly configuration: Pick<LiveConfiguration, 'realm' | 'service'>;
  readonly committer: Committer;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly checkPassword: PasswordCheck;
  readonly browsers: KnownBrowsers;
  readonly clock: Clock;
  readonly random: Random;
}

/** What users may change of themselves, and what of it only with the current password: codes are sent there. */
const OWN_ATTRIBUTES = new Set(['givenName', 'sn', 'cn', 'preferredLocale', 'preferredlanguage']);
const PROTECTED_ATTRIBUTES = new Set(['mail', 'telephoneNumber']);
/** Members of an answer that say what the server knows; a body may repeat them, not change them. */
const COMPUTED = new Set(['realm', 'uid', 'universalid', 'dn', 'objectClass', 'createTimestamp', 'modifyTimestamp']);
/** Alias under which issue texts and older clients read the device profiles. */
const PROFILES_ALIAS = 'devicesProfile';

const MAX_PAGE_SIZE = 1_000;

const badRequest = (reason: string, field?: string): Answer => ({
  status: 400,
  body: errorBody(400, reason, field === undefined || field === '' ? undefined : { field }),
});
const keptApart = (name: string): string =>
  `${name} cannot be written here: the device resources or journeys write it, by their own rules.`;
const STALE: Answer = { status: 412, body: errorBody(412, 'The user has changed meanwhile. Read it again.') };

/** `users` and `users/{id}` (design.md §3.3 "users REST"). */
export const usersRoutes = (options: UsersRoutesOptions): Routes => {
  const { identities, committer, clock } = options;

  const serviceText = (realm: string, type: string, name: string, otherwise: string): string => {
    const value = options.configuration.service(realm, type)?.config[name];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  };
  const pushAttribute = (realm: string) =>
    serviceText(realm, AUTHENTICATOR_PUSH_SERVICE, 'pushAttrName', 'pushDeviceProfiles');
  const oathAttribute = (realm: string) =>
    serviceText(realm, AUTHENTICATOR_OATH_SERVICE, 'oathAttrName', 'oathDeviceProfiles');
  /** Attributes that the device resources or journeys write, each by their own rules. */
  const isKeptApart = (realm: string, name: string): boolean =>
    SECRET_ATTRIBUTES.has(name) ||
    [pushAttribute(realm), oathAttribute(realm), PROFILES_ATTRIBUTE, PROFILES_ALIAS].includes(name);

  const shown = (identity: Identity, more: Attributes = {}): JsonObject => {
    const { [PROFILES_ATTRIBUTE]: _profiles, inetUserStatus: _status, ...attributes } = shownAttributes(identity);
    return formatUser({
      username: identity.username,
      realm: identity.realm,
      universalId: universalIdOf(identity),
      active: identity.active,
      rev: identity.rev,
      attributes: { ...attributes, ...more },
    });
  };

  const shownWhole = async (identity: Identity): Promise<JsonObject> => {
    const phones = await options.devices.ofUser(identity.id);
    const generators = await options.oathDevices.ofUser(identity.id);
    const profiles = savedProfiles(identity.attributes[PROFILES_ATTRIBUTE]).map((it) => JSON.stringify(it));
    return shown(identity, {
      ...(phones.length > 0 && { [pushAttribute(identity.realm)]: phones.map(formatPushProfile) }),
      ...(generators.length > 0 && { [oathAttribute(identity.realm)]: generators.map(formatOathProfile) }),
      ...(profiles.length > 0 && { [PROFILES_ATTRIBUTE]: profiles, [PROFILES_ALIAS]: profiles }),
    });
  };

  interface Found {
    readonly caller: Caller;
    readonly identity: Identity;
    readonly isOwn: boolean;
    readonly administers: boolean;
  }

  /** Whose record it is; for everybody without a role for that, others exist as little as nobody does (SEC-52, A125). */
  const found = async (call: Call): Promise<Found | Answer> => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    const { session } = caller;
    const name = call.names.user ?? '';
    const isOwn = session.realm === call.realmPath && foldUsername(session.username) === foldUsername(name);
    if (!isOwn && !mayDo(caller, call.realmPath, `users:${accessOf(call)}`)) return caller.refusal;
    const identity = isOwn ? caller.identity : await identities.find(call.realmPath, name);
    if (identity === undefined) return NOT_FOUND;
    const administers = mayDo(caller, call.realmPath, 'users:write') && mayActOn(caller, identity);
    return { caller, identity, isOwn, administers };
  };
  const withUser =
    (handle: (call: Call, found: Found) => Promise<Answer>): Handler =>
    async (call) => {
      const it = await found(call);
      return isAnswer(it) ? it : handle(call, it);
    };

  const audit = (call: Call, caller: Caller, event: string, userId: string, detail: object = {}): Change => ({
    type: 'audit.append',
    event: {
      at: clock.now(),
      event,
      realm: call.realmPath,
      transactionId: call.transactionId,
      userId,
      detail: { by: caller.session.userId, ...detail },
    },
  });

  /** Everything that the old password or the account opened is over (SEC-61). */
  const endAll = (userId: string): readonly Change[] => [
    { type: 'session.endAllOf', userId },
    { type: 'push.closeUser', userId, reason: 'account' },
  ];

  const answered = async (identity: Pick<Identity, 'id'>, fields?: string): Promise<Answer> => {
    const now = await identities.findById(identity.id);
    if (now === undefined) return NOT_FOUND;
    return ok(pickFields(await shownWhole(now), fields), { etag: `"${now.rev}"` });
  };

  const create = async (call: Call): Promise<Answer> => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    if (!mayDo(caller, call.realmPath, 'users:write')) return caller.refusal;
    if (call.realm === undefined) return NOT_FOUND;
    const parsed = parseUser(call.body);
    if ('reason' in parsed) return badRequest(parsed.reason, parsed.field);
    const { username, password, active, attributes } = parsed.change;
    if (username === undefined) return badRequest('username is required.', 'username');
    const nameProblem = usernameProblem(username);
    if (nameProblem !== undefined) return badRequest(nameProblem, 'username');
    if (UNADDRESSABLE.test(username)) return badRequest('A user name cannot have / \\ ; or %.', 'username');
    const problem = password === undefined ? undefined : passwordProblem(password);
    if (problem !== undefined) return badRequest(problem, 'userpassword');
    const own = Object.keys(attributes).find((name) => isKeptApart(call.realmPath, name));
    if (own !== undefined) return badRequest(keptApart(own), own);
    const refusal = roleRefusal(call, caller, attributes);
    if (refusal !== undefined) return refusal;
    const conflict: Answer = { status: 409, body: errorBody(409, 'There is a user of that name in this realm.') };
    if ((await identities.find(call.realmPath, username)) !== undefined) return conflict;

    const id = options.random.uuid();
    const hash = password === undefined ? undefined : await options.hasher.hash(password);
    const kept = Object.fromEntries(
      Object.entries(attributes).filter(([name, values]) => values.length > 0 && !COMPUTED.has(name)),
    );
    const made = { ...kept, ...creationAttributes(clock.now()) };
    const changes: Change[] = [
      ...stillCalling(caller, clock.now()),
      { type: 'identity.insert', id, realm: call.realmPath, username, attributes: made, ...(hash && { hash }) },
      ...(active === false ? [{ type: 'identity.active', id, active }] : []),
      audit(call, caller, 'USER_CREATE', id, kept[ROLES] && { roles: kept[ROLES].join(',') }),
    ];
    const result = await committer.commit(changes);
    if (!result.committed) return result.refused === 'identity.insert' ? conflict : refusedWrite(result, STALE);
    const { status: _status, ...answer } = await answered({ id }, call.query._fields);
    const location = `${options.settings.contextPath}/json${call.realmPath === '/' ? '' : call.realmPath}/users/${encodeURIComponent(username)}`;
    return { ...answer, status: 201, headers: { ...answer.headers, location } };
  };

  const query: Handler = async (call) => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    if (!mayDo(caller, call.realmPath, 'users:read')) return caller.refusal;
    if (call.realm === undefined) return NOT_FOUND;
    const { _queryFilter, _queryId, _pageSize, _sortKeys } = call.query;
    if (_queryFilter === undefined && _queryId !== '*') return badRequest('The query needs _queryFilter.');
    const parsed = parseQueryFilter(_queryFilter ?? 'true');
    if ('reason' in parsed) return badRequest(parsed.reason);
    if (_pageSize !== undefined && !/^\d{1,9}$/.test(_pageSize)) return badRequest('_pageSize must be a whole number.');
    const sortKey = /^([+-]?)([A-Za-z_][\w.]{0,63})$/.exec(_sortKeys?.trim() ?? 'username');
    if (sortKey === null || sortKey[2] === '__proto__') return badRequest('_sortKeys must name one field.');
    const offset = call.query._pagedResultsCookie ?? call.query._pagedResultsOffset ?? '0';
    if (!/^\d{1,9}$/.test(offset)) return badRequest('_pagedResultsCookie is not one of this server.');

    const reader =
      (identity: Identity) =>
      (field: string): readonly string[] => {
        if (field === '_id' || field === 'username' || field === 'uid') return [identity.username];
        if (field === 'inetUserStatus') return [identity.active ? 'Active' : 'Inactive'];
        // Device profiles and answers hold secrets of sorts; nobody finds out what is in them by asking (A126).
        if (isKeptApart(call.realmPath, field) || !Object.hasOwn(identity.attributes, field)) return [];
        return identity.attributes[field] ?? [];
      };
    const [, sign, by = ''] = sortKey;
    const key = (identity: Identity) => reader(identity)(by)[0] ?? '';
    const direction = sign === '-' ? -1 : 1;
    const hits = (await identities.list(call.realmPath))
      .filter((identity) => passesFilter(parsed.filter, reader(identity)))
      .sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    const start = Number(offset);
    const size = Math.min(Number(_pageSize ?? 0) || MAX_PAGE_SIZE, MAX_PAGE_SIZE);
    const end = start + size;
    const page = hits.slice(start, end).map((identity) => pickFields(shown(identity), call.query._fields));
    const isExact = call.query._totalPagedResultsPolicy === 'EXACT';
    return ok(
      formatQueryResult(page, {
        ...(end < hits.length && { cookie: String(end) }),
        ...(isExact && { total: hits.length }),
      }),
    );
  };

  /** Only what differs from what is stored; a client may send back all that it has read. */
  const differing = async (identity: Identity, change: UserChange): Promise<Attributes> => {
    const now = await shownWhole(identity);
    return Object.fromEntries(
      Object.entries(change.attributes).filter(
        ([name, values]) =>
          !COMPUTED.has(name) && JSON.stringify(values) !== JSON.stringify(Object.hasOwn(now, name) ? now[name] : []),
      ),
    );
  };

  const mayChange = async (call: Call, it: Found, names: readonly string[]): Promise<boolean> => {
    if (it.administers) return true;
    if (!names.every((name) => OWN_ATTRIBUTES.has(name) || PROTECTED_ATTRIBUTES.has(name))) return false;
    if (names.every((name) => OWN_ATTRIBUTES.has(name))) return true;
    const current = header(call.request, 'currentpassword');
    if (current === undefined || call.realm === undefined) return false;
    const request = journeyRequest(call, it.caller.session, options.browsers);
    return options.checkPassword(call.realm, request, it.identity.username, current);
  };

  /** Why the caller may not give those roles to somebody; undefined where none are given or taken. */
  const roleRefusal = (call: Call, caller: Caller, { [ROLES]: roles }: Attributes): Answer | undefined => {
    if (roles === undefined) return undefined;
    if (!mayChangeAdministrators(caller, call.realmPath)) return caller.refusal;
    const unknown = roles.find((role) => !isRole(role));
    return unknown === undefined
      ? undefined
      : badRequest(`There is no role ${unknown.slice(0, 64)}; known are ${ROLE_NAMES.join(', ')}.`, ROLES);
  };

  const update = async (call: Call, it: Found): Promise<Answer> => {
    const { identity, caller } = it;
    if (!it.isOwn && !it.administers) return caller.refusal;
    const parsed = parseUser(call.body);
    if ('reason' in parsed) return badRequest(parsed.reason, parsed.field);
    if (!matchesRevision(header(call.request, 'if-match'), String(identity.rev))) return STALE;
    if (header(call.request, 'if-none-match') === '*') return STALE;
    const { username, password, active } = parsed.change;
    if (username !== undefined && foldUsername(username) !== foldUsername(identity.username)) {
      return badRequest('A user cannot be renamed.', 'username');
    }
    const attributes = await differing(identity, parsed.change);
    const ofDevices = Object.keys(attributes).find((name) => isKeptApart(call.realmPath, name));
    if (ofDevices !== undefined) return badRequest(keptApart(ofDevices), ofDevices);
    const changesActive = active !== undefined && active !== identity.active;
    if (!it.administers && (password !== undefined || changesActive)) return caller.refusal;
    if (!(await mayChange(call, it, Object.keys(attributes)))) return caller.refusal;
    const refusal = roleRefusal(call, caller, attributes);
    if (refusal !== undefined) return refusal;
    const losesRole = isOwner(identity) && attributes[ROLES] !== undefined && !attributes[ROLES].includes('owner');
    if (identity.id === caller.identity.id && (losesRole || (changesActive && !active))) {
      return badRequest('You cannot take your own account out of use.', losesRole ? ROLES : 'inetUserStatus');
    }
    const problem = password === undefined ? undefined : passwordProblem(password);
    if (problem !== undefined) return badRequest(problem, 'userpassword');

    const names = Object.keys(attributes);
    if (names.length === 0 && password === undefined && !changesActive) return answered(identity, call.query._fields);
    const changes: Change[] = [
      ...stillCalling(caller, clock.now()),
      // Also where no attribute changes: it makes sure that the user is still the one that was looked at.
      { type: 'identity.attributes', id: identity.id, seenRev: identity.rev, attributes },
      ...(changesActive ? [{ type: 'identity.active', id: identity.id, active }] : []),
      ...(password === undefined
        ? []
        : [{ type: 'identity.password', id: identity.id, hash: await options.hasher.hash(password) }]),
      ...(changesActive && !active ? [{ type: 'identity.revoke', id: identity.id }] : []),
      ...(password !== undefined || (changesActive && !active) ? endAll(identity.id) : []),
      audit(call, caller, 'USER_UPDATE', identity.id, {
        attributes: names.join(','),
        password: password !== undefined,
        ...(changesActive && { active }),
        ...(attributes[ROLES] !== undefined && { roles: attributes[ROLES].join(',') }),
      }),
    ];
    const result = await committer.commit(changes);
    return result.committed ? answered(identity, call.query._fields) : refusedWrite(result, STALE);
  };

  const remove = async (call: Call, { identity, caller, administers }: Found): Promise<Answer> => {
    if (!administers) return caller.refusal;
    if (identity.id === caller.identity.id) return badRequest('You cannot delete your own account.');
    if (!matchesRevision(header(call.request, 'if-match'), String(identity.rev))) return STALE;
    const changes: Change[] = [
      ...stillCalling(caller, clock.now()),
      unchanged(identity),
      { type: 'identity.delete', id: identity.id },
      audit(call, caller, 'USER_DELETE', identity.id),
    ];
    const result = await committer.commit(changes);
    if (result.committed) return ok(shown(identity));
    const isGone = (await identities.findById(identity.id)) === undefined;
    return refusedWrite(result, isGone ? NOT_FOUND : STALE);
  };

  /**
   * The owner proves the current password; all other sessions end, this one goes on (SEC-61). It is committed for the
   * credentials that were proven alone: a reset, a lock or a logout that happens meanwhile stands.
   */
  const changePassword = async (call: Call, { identity, caller, isOwn }: Found): Promise<Answer> => {
    if (!isOwn || call.realm === undefined) return FORBIDDEN;
    const body = isJsonObject(call.body) ? call.body : {};
    const { currentpassword: current, userpassword: next } = body;
    if (typeof current !== 'string' || typeof next !== 'string') {
      return badRequest('The body needs currentpassword and userpassword.');
    }
    const problem = passwordProblem(next);
    if (problem !== undefined) return badRequest(problem, 'userpassword');
    const request = journeyRequest(call, caller.session, options.browsers);
    if (!(await options.checkPassword(call.realm, request, identity.username, current))) {
      return badRequest('The current password is not right.', 'currentpassword');
    }
    const { id, credentialRev } = identity;
    const hash = await options.hasher.hash(next);
    const changes: Change[] = [
      ...stillCalling(caller, clock.now()),
      { type: 'identity.password', id, hash, seenCredentialRev: credentialRev },
      { type: 'session.endOthersOf', userId: id, tokenHash: caller.session.tokenHash },
      { type: 'push.closeUser', userId: id, reason: 'account' },
      audit(call, caller, 'USER_PASSWORD_SET', id),
    ];
    const result = await committer.commit(changes);
    return result.committed ? ok({}) : refusedWrite(result, STALE);
  };

  const idFromSession = async (call: Call): Promise<Answer> => {
    const session = await ownSessionOf(call, options.cookies, options.sessions);
    if (session === undefined) return ACCESS_DENIED;
    const context = options.settings.contextPath;
    return ok({
      id: session.username,
      realm: session.realm,
      dn: universalIdOf(session),
      successURL: call.realm?.successUrl ?? `${context}/console`,
      fullLoginURL: `${context}/login?realm=${encodeURIComponent(session.realm)}`,
    });
  };

  /** `{goto}`: where a page of the caller's may send the browser, by the list of the realm that the session is of. */
  const validateGoto = async (call: Call): Promise<Answer> => {
    const session = await ownSessionOf(call, options.cookies, options.sessions);
    const realm = session && options.configuration.realm(session.realm);
    if (realm === undefined) return ACCESS_DENIED;
    const goto: unknown = isJsonObject(call.body) ? call.body.goto : undefined;
    if (goto !== undefined && typeof goto !== 'string') return badRequest('goto must be a text.', 'goto');
    const isAllowed = goto !== undefined && isAllowedRedirect(goto, realm, options.settings.publicUrl);
    return ok({ successURL: isAllowed ? goto : realm.successUrl });
  };

  const unsupported = (actions: string): Answer => ({
    status: 501,
    body: errorBody(501, `Action not supported: this resource answers to ${actions}.`),
  });

  return {
    'POST users': (call) => {
      if (call.query._action === 'idFromSession') return idFromSession(call);
      if (call.query._action === 'create') return create(call);
      if (call.query._action === 'validateGoto') return validateGoto(call);
      return Promise.resolve(unsupported('create, idFromSession and validateGoto'));
    },
    'GET users': query,
    'GET users/:user': withUser((call, { identity }) => answered(identity, call.query._fields)),
    'PUT users/:user': withUser(update),
    'DELETE users/:user': withUser(remove),
    'POST users/:user': withUser((call, it) =>
      call.query._action === 'changePassword'
        ? changePassword(call, it)
        : Promise.resolve(unsupported('changePassword')),
    ),
  };
};
