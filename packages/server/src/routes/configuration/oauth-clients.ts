import { type Clock, madeOnce } from '@assent/engine';
import type { ClientDocument } from '@assent/engine/host';
import {
  CLIENT_TYPE,
  type ClientInput,
  clientTemplate,
  formatClient,
  formatClientSchema,
  formatListedClient,
  isClientId,
  type JsonObject,
  parseClient,
} from '@assent/wire';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { actorOfCall } from '../../authorization/audit-of-call.ts';
import type { CallerCommits } from '../../authorization/caller-commits.ts';
import { type Reader, readerOf } from '../../authorization/reader.ts';
import { deletedClient, savedClient } from '../../clients/client-changes.ts';
import { type DigestOfSecret, withSecret } from '../../clients/client-secret.ts';
import type { RealmClients } from '../../clients/realm-clients.ts';
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
import { etagOf, meetsConditions, saved } from '../../http/conditions.ts';
import { answerQuery } from '../../http/configuration-query.ts';
import type { Logger } from '../../platform/log.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { clientFor } from './documents-for-readers.ts';

export interface OAuthClientsRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly clients: Pick<RealmClients, 'read'>;
  readonly commits: CallerCommits;
  readonly digestOfSecret: DigestOfSecret;
  readonly clock: Clock;
  readonly log: Logger;
}

const BASE = 'realm-config/agents/OAuth2Client';
const STALE: Answered = { answer: refuse(412, 'The client has changed meanwhile. Read it again.') };

/** Changes with what the client says; its secret says nothing, or one could try values against it. */
const revisionOf = madeOnce(({ id, document }: ClientDocument): string => contentRevision([id, document]));

const shown = (client: ClientDocument, reader: Reader): JsonObject =>
  formatClient(client.id, clientFor(reader, client.document), revisionOf(client));

const shownInList = (client: ClientDocument, reader: Reader): JsonObject =>
  formatListedClient(client.id, clientFor(reader, client.document), revisionOf(client));

/** `realm-config/agents/OAuth2Client` of a realm, for its administrators (spec: oidc §3.1, §3.2). */
export const oauthClientsRoutes = (options: OAuthClientsRoutesOptions): Routes => {
  const { configuration, commits, clients, digestOfSecret, log } = options;
  const asAdministrator = administered(options, 'settings');

  const withInput = (
    { realm, id }: Pick<ClientDocument, 'realm' | 'id'>,
    { document, secret }: ClientInput,
    before: ClientDocument | undefined,
  ): ClientDocument => {
    const digest = secret === undefined ? undefined : digestOfSecret(secret);
    const secretDigest =
      digest === undefined ? before?.secretDigest : withSecret(before, { digest, isGenerated: false });
    return { realm, id, document, ...(secretDigest !== undefined && { secretDigest }) };
  };

  const save = async (call: Call, caller: Caller): Promise<Answer> => {
    const { id = '' } = call.names;
    if (!isClientId(id)) return badRequest('The id of a client has 1 to 255 printable letters of ASCII.');
    const input = parseClient(call.body);
    if ('reason' in input) return refuse(400, input.reason, input.detail);
    const { answer } = await commits.decided(caller, (): Answered => {
      const before = configuration.client(call.realmPath, id);
      if (!meetsConditions(call, before && revisionOf(before))) return STALE;
      const after = withInput({ realm: call.realmPath, id }, input, before);
      return {
        answer: saved(call, shown(after, 'writer'), before === undefined),
        ...savedClient(before, after, actorOfCall(options, call, caller)),
      };
    });
    if (answer.status < 300) warnOf(call, id);
    return answer;
  };

  /** Nothing that is saved is wrong, but not all of it works here. */
  const warnOf = (call: Call, client: string): void => {
    const findings = clients.read(call.realmPath, client)?.findings ?? [];
    if (findings.length === 0) return;
    const fields = { realm: call.realmPath, client, transactionId: call.transactionId };
    const sentences = findings.map(({ field, problem }) => `${field} ${problem}.`);
    log.warn({ ...fields, findings: sentences }, 'Not everything that a client says works here. It is kept.');
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const { answer } = await commits.decided(caller, (): Answered => {
      const before = configuration.client(call.realmPath, call.names.id ?? '');
      if (before === undefined) return { answer: NOT_FOUND };
      if (!meetsConditions(call, revisionOf(before))) return STALE;
      const answer = ok(shown(before, 'writer'), etagOf(revisionOf(before)));
      return { answer, ...deletedClient(before, actorOfCall(options, call, caller)) };
    });
    return answer;
  };

  const actions: Readonly<Record<string, () => JsonObject>> = {
    schema: formatClientSchema,
    template: clientTemplate,
    getType: () => CLIENT_TYPE,
    nextdescendents: () => ({ result: [] }),
  };

  return {
    [`GET ${BASE}`]: asAdministrator(async (call, caller) => {
      const reader = readerOf(call, caller, 'settings:write');
      return answerQuery(call, configuration.clients(call.realmPath), (client) => shownInList(client, reader));
    }),
    [`POST ${BASE}`]: asAdministrator(async (call) => {
      const action = actionOf(actions, call);
      return action === undefined ? unsupportedAction(Object.keys(actions)) : ok(action());
    }),
    [`GET ${BASE}/:id`]: asAdministrator(async (call, caller) => {
      const client = configuration.client(call.realmPath, call.names.id ?? '');
      if (client === undefined) return NOT_FOUND;
      return ok(shown(client, readerOf(call, caller, 'settings:write')), etagOf(revisionOf(client)));
    }),
    [`PUT ${BASE}/:id`]: asAdministrator(save),
    [`DELETE ${BASE}/:id`]: asAdministrator(remove),
  };
};
