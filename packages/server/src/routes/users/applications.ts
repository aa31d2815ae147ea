import type { Clock, Identity } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { type HeldAccess, type OAuthChange, type OAuthClient, type OAuthReaders, scopesNow } from '@assent/oidc';
import {
  formatApplication,
  formatQueryResult,
  isClientId,
  isJsonObject,
  type JsonObject,
  pickFields,
} from '@assent/wire';
import { type Account, type AccountPorts, accountOf } from '../../authorization/account.ts';
import { isAnswer, mayActOn, NOT_FOUND, unchanged } from '../../authorization/administration.ts';
import { auditOfCall } from '../../authorization/audit-of-call.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { shownName, shownScope } from '../../clients/texts-for-readers.ts';
import {
  type Answer,
  actionOf,
  badRequest,
  type Call,
  ok,
  type Routes,
  refuse,
  unsupportedAction,
} from '../../http/call.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import { pageSizeOf } from './page-size.ts';
import { readerOf } from './reader-of.ts';

export interface ApplicationsRoutesOptions extends AccountPorts, Pick<OAuthReaders, 'grants' | 'consents'> {
  readonly clients: { find(realm: string, id: string): OAuthClient | undefined };
  readonly commits: CallerCommits;
  readonly clock: Clock;
}

/** What a user has agreed to for a client; with times where it holds tokens. */
type Application = Pick<HeldAccess, 'clientId' | 'scopes'> & Partial<HeldAccess>;

const USUAL_PAGE = 100;
const STALE: Answer = refuse(409, 'The user has changed meanwhile. Read it again.');

/**
 * `users/{user}/oauth2/applications`: which applications hold tokens of a user, or need not ask any more, and the end of that
 * (spec: oidc §5.3). It takes no fresh factor: it only takes away.
 */
export const applicationsRoutes = (options: ApplicationsRoutesOptions): Routes => {
  const { grants, consents, clients, commits, clock } = options;

  /** By id of the client, from that one on. Both lists begin there and have as many as are asked for, and so has what is made of them. */
  const applicationsOf = async (
    { id: userId, credentialRev }: Identity,
    page: { readonly from?: string; readonly limit: number },
  ): Promise<readonly Application[]> => {
    const [held, agreed] = await Promise.all([
      grants.heldOf({ userId, credentialRev }, { now: clock.now(), ...page }),
      consents.ofUser(userId, page),
    ]);
    const applications = new Map<string, Application>(held.map((it) => [it.clientId, it]));
    for (const { clientId, scopes } of agreed) {
      const before = applications.get(clientId);
      applications.set(clientId, { ...before, clientId, scopes: [...new Set([...(before?.scopes ?? []), ...scopes])] });
    }
    return [...applications.values()].sort((a, b) => (a.clientId < b.clientId ? -1 : 1)).slice(0, page.limit);
  };

  /** A client that is gone has its id for a name, and all that it had: whoever sees it can still end what is left of it. */
  const recordOf = (call: Call, { realm }: Identity, { clientId, scopes, ...times }: Application): JsonObject => {
    const client = clients.find(realm, clientId);
    const reader = readerOf(call);
    const name = client && shownName(client, reader);
    const record = {
      clientId,
      scopes: (client === undefined ? scopes : scopesNow(client, scopes)).map((scope) => ({
        ...shownScope(client?.scopes.find((it) => it.name === scope) ?? { name: scope }, reader),
        name: scope,
      })),
      ...(name !== undefined && { name }),
      ...(client?.logoUri !== undefined && { logoUri: client.logoUri }),
      ...times,
    };
    return formatApplication({ ...record, rev: contentRevision([record]) });
  };

  const list = async (call: Call): Promise<Answer> => {
    const account = await accountOf(call, options, 'users:read');
    if (isAnswer(account)) return account;
    const { _queryFilter = 'true', _pagedResultsCookie: from, _fields } = call.query;
    if (_queryFilter !== 'true') return badRequest('_queryFilter must be true: all are listed.', '_queryFilter');
    const size = pageSizeOf(call, USUAL_PAGE);
    if (typeof size !== 'number') return size;
    if (from !== undefined && !isClientId(from)) {
      return badRequest('_pagedResultsCookie is not one of this server.', '_pagedResultsCookie');
    }
    // One more than is shown tells where the next page begins.
    const found = await applicationsOf(account.identity, { limit: size + 1, ...(from !== undefined && { from }) });
    const next = found[size];
    const records = found.slice(0, size).map((it) => pickFields(recordOf(call, account.identity, it), _fields));
    return ok(formatQueryResult(records, next === undefined ? {} : { cookie: next.clientId }));
  };

  /** Ends what the client holds of the user, with what was saved, and with what a device has not fetched yet, in one commit. */
  const remove = async (call: Call, account: Account, clientId: string): Promise<Answer> => {
    const { caller, identity, isOwn } = account;
    const [found] = await applicationsOf(identity, { from: clientId, limit: 1 });
    if (found?.clientId !== clientId) return NOT_FOUND;
    const changes: readonly Change[] = [
      // A user who is looked after by others must be the one that was looked at.
      ...(isOwn ? [] : [unchanged(identity)]),
      { type: 'grant.endOfUser', userId: identity.id, clientId } satisfies OAuthChange,
      { type: 'consent.drop', userId: identity.id, clientId } satisfies OAuthChange,
      auditOfCall(call, {
        at: clock.now(),
        event: 'APPLICATION_REMOVE',
        userId: identity.id,
        outcome: 'success',
        detail: { client: clientId, ...(!isOwn && { by: caller.session.userId }) },
      }),
    ];
    const result = await (isOwn ? commits.ofAccount(caller, changes) : commits.byRole(caller, changes));
    return result.committed ? ok(recordOf(call, identity, found)) : refusedWrite(result, STALE);
  };

  const changing =
    (handle: (call: Call, account: Account) => Promise<Answer>) =>
    async (call: Call): Promise<Answer> => {
      const account = await accountOf(call, options, 'users:write');
      if (isAnswer(account)) return account;
      const { caller, identity, isOwn } = account;
      return isOwn || mayActOn(caller, identity) ? handle(call, account) : caller.refusal;
    };

  const actions: Readonly<Record<string, (call: Call, account: Account) => Promise<Answer>>> = {
    /** `{clientId}`: as DELETE does, for ids with characters that no path has. */
    revoke: async (call, account) => {
      const clientId = isJsonObject(call.body) ? call.body.clientId : undefined;
      return typeof clientId === 'string' && isClientId(clientId)
        ? remove(call, account, clientId)
        : badRequest('clientId must be the id of a client.', 'clientId');
    },
  };

  return {
    'GET users/:user/oauth2/applications': list,
    'POST users/:user/oauth2/applications': changing(async (call, account) => {
      const action = actionOf(actions, call);
      return action === undefined ? unsupportedAction(Object.keys(actions)) : action(call, account);
    }),
    'DELETE users/:user/oauth2/applications/:client': changing((call, account) =>
      remove(call, account, call.names.client ?? ''),
    ),
  };
};
