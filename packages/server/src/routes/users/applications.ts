import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Identity } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import {
  type HeldAccess,
  isConsentTo,
  type OAuthChange,
  type OAuthClient,
  type OAuthReaders,
  type SavedConsent,
  scopesNow,
  withTextsOfClient,
} from '@assent/oidc';
import {
  formatApplication,
  isClientId,
  isJsonObject,
  type JsonObject,
  pickFields,
  writeQueryResult,
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
type Application = Pick<HeldAccess, 'clientId' | 'scopes'> & Partial<HeldAccess> & Pick<SavedConsent, 'agreedAt'>;

const USUAL_PAGE = 100;
/** So often is read on for one page where clients have ended; a page of fewer than it may have then says where the next one begins. */
const MAX_ROUNDS = 200;
/** How many clients are read at once: the scopes of one can be as long as its settings. */
const CLIENTS_AT_ONCE = 10;
/** How many characters are written in one turn of the event loop. */
const CHARACTERS_OF_TURN = 128 * 1_024;
/** With how many characters a page ends before it has as many applications as were asked for. */
export const APPLICATIONS_OF_PAGE = 1_024 * 1_024;
const STALE: Answer = refuse(409, 'The user has changed meanwhile. Read it again.');

/**
 * `users/{user}/oauth2/applications`: which applications hold tokens of a user, or need not ask any more, and the end of that
 * (spec: oidc §5.3). It takes no fresh factor: it only takes away.
 */
export const applicationsRoutes = (options: ApplicationsRoutesOptions): Routes => {
  const { grants, consents, clients, commits, clock } = options;

  /**
   * The clients that either list names, by id, from that one on; each with what is still valid of it. Both lists begin there and have as many as are
   * asked for, and so has what is made of them.
   */
  const pageOf = async (
    { id: userId, credentialRev, realm }: Identity,
    page: { readonly from?: string; readonly limit: number },
  ): Promise<readonly { readonly clientId: string; readonly application: Application | undefined }[]> => {
    const [held, agreed] = await Promise.all([
      grants.heldOf({ userId, credentialRev }, { now: clock.now(), ...page }),
      consents.ofUser(userId, page),
    ]);
    const ids = new Set([...held, ...agreed].map(({ clientId }) => clientId));
    const sorted = [...ids].sort((a, b) => (a < b ? -1 : 1)).slice(0, page.limit);
    const accesses = new Map(held.map((it) => [`${it.clientGeneration ?? ''} ${it.clientId}`, it]));
    const savedConsents = new Map(agreed.map((it) => [it.clientId, it]));
    return sorted.map((clientId) => {
      const client = clients.find(realm, clientId);
      // What ended with its client is kept until the sweep deletes it.
      if (client === undefined) return { clientId, application: undefined };
      const access = accesses.get(`${client.grantGeneration ?? ''} ${clientId}`);
      const saved = savedConsents.get(clientId);
      const consent = saved !== undefined && isConsentTo(client, saved) ? saved : undefined;
      if (access === undefined && consent === undefined) return { clientId, application: undefined };
      const scopes = [...new Set([...(access?.scopes ?? []), ...(consent?.scopes ?? [])])];
      const agreedAt = consent?.agreedAt;
      return { clientId, application: { ...access, clientId, scopes, ...(agreedAt !== undefined && { agreedAt }) } };
    });
  };

  /** A client that was deleted meanwhile has its id for a name, and all scopes that it had. */
  const recordOf = (call: Call, { realm }: Identity, application: Application): JsonObject => {
    const { clientId, clientGeneration: _, scopes, ...times } = application;
    const client = clients.find(realm, clientId);
    const reader = readerOf(call);
    const name = client && shownName(client, reader);
    const known = client ?? { scopes: [] };
    const shown = withTextsOfClient(known, client === undefined ? scopes : scopesNow(client, scopes));
    const record = {
      clientId,
      scopes: shown.map((scope) => ({ ...shownScope(scope, reader), name: scope.name })),
      ...(name !== undefined && { name }),
      ...(client?.logoUri !== undefined && { logoUri: client.logoUri }),
      ...times,
    };
    return formatApplication({ ...record, rev: contentRevision([record]) });
  };

  /** The records of at most `limit` applications as JSON, and the id that the next page begins with. Large ones end the page before. */
  const writtenOf = async (
    call: Call,
    identity: Identity,
    { from, limit }: { readonly from: string | undefined; readonly limit: number },
  ): Promise<{ readonly records: readonly string[]; readonly next?: string | undefined }> => {
    const records: string[] = [];
    let [next, last, characters, ofTurn]: [string | undefined, string, number, number] = [from, '', 0, 0];
    const atOnce = Math.min(limit, CLIENTS_AT_ONCE);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      // One more than is shown tells where the next page begins.
      const page = await pageOf(identity, { limit: atOnce + 1, ...(next !== undefined && { from: next }) });
      for (const { clientId, application } of page) {
        if (application === undefined || clientId === last) continue;
        if (records.length === limit || characters >= APPLICATIONS_OF_PAGE) return { records, next: clientId };
        const text = JSON.stringify(pickFields(recordOf(call, identity, application), call.query._fields));
        records.push(text);
        last = clientId;
        characters += text.length;
        ofTurn += text.length;
        if (ofTurn >= CHARACTERS_OF_TURN) {
          await nextTurn();
          ofTurn = 0;
        }
      }
      if (page.length <= atOnce) return { records };
      next = page.at(-1)?.clientId;
      await nextTurn();
    }
    return { records, next };
  };

  const list = async (call: Call): Promise<Answer> => {
    const account = await accountOf(call, options, 'users:read');
    if (isAnswer(account)) return account;
    const { _queryFilter = 'true', _pagedResultsCookie: from } = call.query;
    if (_queryFilter !== 'true') return badRequest('_queryFilter must be true: all are listed.', '_queryFilter');
    const size = pageSizeOf(call, USUAL_PAGE);
    if (typeof size !== 'number') return size;
    if (from !== undefined && !isClientId(from)) {
      return badRequest('_pagedResultsCookie is not one of this server.', '_pagedResultsCookie');
    }
    const { records, next } = await writtenOf(call, account.identity, { from, limit: size });
    return ok(writeQueryResult(records, next === undefined ? {} : { cookie: next }));
  };

  /**
   * Ends what the client holds of the user, with what was saved, and with what the client or a device has not fetched yet, in one commit. What is
   * not fetched yet is not listed: it ends all the same, and the answer says that the list has no such application. That writes no row to the audit
   * log, which repeated calls would fill.
   */
  const remove = async (call: Call, account: Account, clientId: string): Promise<Answer> => {
    if (!isClientId(clientId)) return NOT_FOUND;
    const { caller, identity, isOwn } = account;
    const [first] = await pageOf(identity, { from: clientId, limit: 1 });
    const found = first?.clientId === clientId ? first.application : undefined;
    const auditEvent = auditOfCall(call, {
      at: clock.now(),
      event: 'APPLICATION_REMOVE',
      userId: identity.id,
      outcome: 'success',
      detail: { client: clientId, ...(!isOwn && { by: caller.session.userId }) },
    });
    const changes: readonly Change[] = [
      // A user who is looked after by others must be the one that was looked at.
      ...(isOwn ? [] : [unchanged(identity)]),
      { type: 'grant.endOfUser', userId: identity.id, clientId } satisfies OAuthChange,
      { type: 'consent.drop', userId: identity.id, clientId } satisfies OAuthChange,
      ...(found === undefined ? [] : [auditEvent]),
    ];
    const result = await (isOwn ? commits.ofAccount(caller, changes) : commits.byRole(caller, changes));
    if (!result.committed) return refusedWrite(result, STALE);
    return found === undefined ? NOT_FOUND : ok(recordOf(call, identity, found));
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
