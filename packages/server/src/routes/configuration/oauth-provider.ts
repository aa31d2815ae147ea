import type { Clock } from '@assent/engine';
import { type PlaceholderSource, STEPS_OF_REQUEST, type TreeReading } from '@assent/engine/host';
import {
  formatProvider,
  formatProviderSchema,
  isDocumentRefusal,
  type JsonObject,
  PROVIDER_TYPE,
  parseProvider,
  providerTemplate,
} from '@assent/wire';
import { administered, type Caller, type CallerPorts } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { actorOfCall } from '../../authorization/audit-of-call.ts';
import type { CallerCommits } from '../../authorization/caller-commits.ts';
import { type Reader, readerOf } from '../../authorization/reader.ts';
import { treeOfAcrIn } from '../../clients/acr-classes.ts';
import { type AcrProblem, acrProblems, newAcrProblems } from '../../clients/acr-problems.ts';
import type { RealmClients } from '../../clients/realm-clients.ts';
import {
  type Answer,
  actionOf,
  type Call,
  isImport,
  ok,
  type Routes,
  refuse,
  unsupportedAction,
} from '../../http/call.ts';
import { etagOf, meetsConditions } from '../../http/conditions.ts';
import type { Logger } from '../../platform/log.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { providerFor } from './documents-for-readers.ts';
import { savedService } from './service-changes.ts';

export interface OAuthProviderRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly clients: Pick<RealmClients, 'provider'>;
  readonly commits: CallerCommits;
  /** What the trees of classes of sign-in are read by. */
  readonly catalogue: TreeReading['catalogue'];
  readonly placeholderValue: PlaceholderSource;
  readonly clock: Clock;
  readonly log: Logger;
}

const PATH = `realm-config/services/${PROVIDER_TYPE._id}`;
const STALE: Answered = { answer: refuse(412, 'The service has changed meanwhile. Read it again.') };

const documentOf = (configuration: LiveConfiguration, realm: string): JsonObject =>
  configuration.storedService(realm, PROVIDER_TYPE._id)?.config ?? {};

/** The provider of a realm as a service among others; every realm has one. */
export const providerRecord = (
  configuration: LiveConfiguration,
  realm: string,
  id: string,
  reader: Reader,
): JsonObject => {
  const document = documentOf(configuration, realm);
  return formatProvider(providerFor(reader, document), revisionOf(document), id);
};

/** Of what is read, so that what was stored without a setting has the revision of the same with its default. */
const revisionOf = (document: JsonObject): string => contentRevision(formatProvider(document, '', ''));

const refusedMapping = ([first]: readonly AcrProblem[]): Answer =>
  refuse(400, `${first?.message} ${first?.fix}`, {
    attribute: 'advancedOIDCConfig.loaMapping',
    acr: first?.acr,
    tree: first?.tree,
  });

/** `realm-config/services/oauth-oidc` of a realm, for its administrators (spec: oidc §3.1, §3.3). */
export const oauthProviderRoutes = (options: OAuthProviderRoutesOptions): Routes => {
  const { configuration, commits, clients, log } = options;
  const asAdministrator = administered(options, 'settings');
  const readingOf = (realm: string): TreeReading => ({
    catalogue: options.catalogue,
    placeholderValue: options.placeholderValue(realm),
    maxSteps: STEPS_OF_REQUEST,
  });

  /** Stores the document, or takes away what is stored, where the conditions of the call let it. */
  const write = async (call: Call, caller: Caller, document: JsonObject | undefined): Promise<Answer> => {
    const { answer } = await commits.decided(caller, (): Answered => {
      const { realmPath: realm } = call;
      // Every realm has one, also where none is stored.
      const before = documentOf(configuration, realm);
      if (!meetsConditions(call, revisionOf(before))) return STALE;
      const unproven = isImport(call) ? [] : problemsOf(realm, document ?? {}, before);
      if (unproven.length > 0) return { answer: refusedMapping(unproven) };
      const rev = revisionOf(document ?? {});
      const answer = ok(formatProvider(document ?? {}, rev, ''), etagOf(rev));
      return {
        answer,
        ...savedService(
          { realm, type: PROVIDER_TYPE._id, before, after: document },
          actorOfCall(options, call, caller),
        ),
      };
    });
    return answer;
  };

  /** Journeys that a class of sign-in would get, and that do not prove it. */
  const problemsOf = (realm: string, after: JsonObject, before: JsonObject): readonly AcrProblem[] =>
    newAcrProblems(configuration.trees(realm), treeOfAcrIn(after), treeOfAcrIn(before), readingOf(realm));

  const warnOf = (call: Call): void => {
    const settings = configuration.realm(call.realmPath);
    if (settings === undefined) return;
    const { findings, settings: read } = clients.provider(settings);
    const unproven = acrProblems(configuration.trees(call.realmPath), read.treeOfAcr, readingOf(call.realmPath));
    if (findings.length + unproven.length === 0) return;
    const fields = { realm: call.realmPath, service: PROVIDER_TYPE._id, transactionId: call.transactionId };
    const sentences = [
      ...findings.map(({ field, problem }) => `${field} ${problem}.`),
      ...unproven.map(({ message, fix }) => `${message} ${fix}`),
    ];
    log.warn({ ...fields, findings: sentences }, 'Not everything that the provider says works here. It is kept.');
  };

  const actions: Readonly<Record<string, () => JsonObject>> = {
    schema: formatProviderSchema,
    template: providerTemplate,
    getType: () => PROVIDER_TYPE,
    nextdescendents: () => ({ result: [] }),
    getAllTypes: () => ({ result: [] }),
    getCreatableTypes: () => ({ result: [] }),
  };

  return {
    [`GET ${PATH}`]: asAdministrator(async (call, caller) => {
      const reader = readerOf(call, caller, 'settings:write');
      const record = providerRecord(configuration, call.realmPath, '', reader);
      return ok(record, etagOf(record._rev));
    }),
    [`PUT ${PATH}`]: asAdministrator(async (call, caller) => {
      const document = parseProvider(call.body);
      if (isDocumentRefusal(document)) return refuse(400, document.reason, document.detail);
      const answer = await write(call, caller, document);
      if (answer.status < 300) warnOf(call);
      return answer;
    }),
    // Settings that are always there cannot be absent; they are those of a new realm then.
    [`DELETE ${PATH}`]: asAdministrator((call, caller) => write(call, caller, undefined)),
    [`POST ${PATH}`]: asAdministrator(async (call) => {
      if (call.query._action === 'create') return refuse(409, 'The realm has that service already.');
      const action = actionOf(actions, call);
      return action === undefined ? unsupportedAction(Object.keys(actions)) : ok(action());
    }),
  };
};
