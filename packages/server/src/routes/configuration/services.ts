import type { Clock, RealmSettings } from '@assent/engine';
import { type PlaceholderSource, parseSettings, STEPS_OF_REQUEST, type TreeReading } from '@assent/engine/host';
import { formatQueryResult, type JsonObject, PROVIDER_TYPE, unknownMembers } from '@assent/wire';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { actorOfCall } from '../../authorization/audit-of-call.ts';
import { readerOf } from '../../authorization/reader.ts';
import { type Answer, actionOf, type Call, isImport, ok, type Routes, refuse } from '../../http/call.ts';
import { etagOf, matches, meetsConditions } from '../../http/conditions.ts';
import { inTurns } from '../../http/configuration-query.ts';
import { NOT_SUPPORTED } from '../../http/json-api.ts';
import { type LevelProblem, newLevelProblems } from '../../journeys/level-journeys.ts';
import type { Logger } from '../../platform/log.ts';
import type { FourEyes } from '../../proposals/four-eyes.ts';
import type { Decision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { newRealmSettings } from '../../realms/realm-defaults.ts';
import { checkedService } from './checked-service.ts';
import { providerRecord } from './oauth-provider.ts';
import { savedService } from './service-changes.ts';
import { withSecretValues } from './service-in-force.ts';
import { defaultsOf, revision, schemaOf, shown, typeRecord } from './service-record.ts';
import { SERVICE_TYPES, type ServiceConfig, type ServiceType } from './service-types.ts';

export interface ServicesRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly fourEyes: FourEyes;
  /** What the journeys are read by that settings name. */
  readonly catalogue: TreeReading['catalogue'];
  readonly clock: Clock;
  readonly log: Logger;
  /** Of secrets that stand elsewhere. */
  readonly placeholderValue: PlaceholderSource;
  readonly publicUrl: string;
  readonly contextPath: string;
}

const STALE: Answered = { answer: refuse(412, 'The service has changed meanwhile. Read it again.') };

interface ServiceAsItIs {
  readonly type: ServiceType;
  readonly settings: RealmSettings;
  readonly before: ServiceConfig | undefined;
}

/** `realm-config/services` (spec: journeys-rest §6.6). */
export const servicesRoutes = (options: ServicesRoutesOptions): Routes => {
  const { configuration, log } = options;
  const asAdministrator = administered(options, 'settings');

  const configOf = (realm: string, type: ServiceType): ServiceConfig | undefined => {
    const settings = configuration.realm(realm);
    if (type.inRealm !== undefined) return settings && type.inRealm.read(settings);
    return configuration.storedService(realm, type.id)?.config;
  };

  const saved = (
    call: Call,
    caller: Caller,
    { type, settings, before, after }: ServiceAsItIs & { readonly after: ServiceConfig | undefined },
  ): Decision =>
    savedService(
      {
        realm: call.realmPath,
        type: type.id,
        before,
        after,
        kept: { settings, fresh: newRealmSettings(call.realmPath, options.publicUrl) },
      },
      actorOfCall(options, call, caller),
    );

  const typed =
    (handle: (call: Call, caller: Caller, type: ServiceType) => Promise<Answer>) =>
    (call: Call, caller: Caller): Promise<Answer> => {
      const type = SERVICE_TYPES.find(({ id }) => id === call.names.id);
      const isAbsent = type === undefined;
      return isAbsent ? Promise.resolve({ status: 404, body: NOT_SUPPORTED }) : handle(call, caller, type);
    };

  const location = (call: Call, { id }: ServiceType): string =>
    `${options.contextPath}/json${call.realmPath === '/' ? '' : call.realmPath}/realm-config/services/${id}`;

  /** Nothing that is saved is wrong, but not all of it has an effect. */
  const warnOf = (call: Call, type: ServiceType, config: ServiceConfig): void => {
    const fields = { realm: call.realmPath, service: type.id, transactionId: call.transactionId };
    const unknown = unknownMembers(config, new Set(Object.keys(type.schema.shape)));
    if (unknown.length > 0) log.warn({ ...fields, unknown }, 'A service has settings without use here. They are kept.');
    const { lacking } = parseSettings({ config: type.schema }, config);
    const { missing } = withSecretValues(type, config, options.placeholderValue(call.realmPath));
    if (missing.length > 0) {
      log.warn({ ...fields, missing }, 'Secrets of a service name values that this server does not have.');
    }
    if (lacking.length > 0) log.warn({ ...fields, lacking }, 'A service lacks settings that have no default.');
  };

  const readingOf = (realm: string): TreeReading => ({
    catalogue: options.catalogue,
    placeholderValue: options.placeholderValue(realm),
    maxSteps: STEPS_OF_REQUEST,
  });

  /** Journeys that a level would get, and that do not reach it. */
  const unreachedLevels = (
    before: RealmSettings,
    type: ServiceType,
    config: ServiceConfig,
  ): readonly LevelProblem[] => {
    const { authLevelJourneys = before.authLevelJourneys } = type.inRealm?.write(config, before) ?? {};
    const trees = configuration.trees(before.realm);
    return newLevelProblems(trees, authLevelJourneys, before.authLevelJourneys, readingOf(before.realm));
  };

  const save = async (call: Call, caller: Caller, type: ServiceType, mustBeNew: boolean): Promise<Answer> => {
    const { answer, config } = await options.fourEyes.decided(
      call,
      caller,
      (): Answered & { readonly config?: ServiceConfig } => {
        const settings = configuration.realm(call.realmPath);
        if (settings === undefined) return { answer: NOT_FOUND };
        const before = configOf(call.realmPath, type);
        if (before !== undefined && mustBeNew) return { answer: refuse(409, 'The realm has that service already.') };
        if (!meetsConditions(call, before && revision(type, before))) return STALE;
        const result = checkedService(type, call.body, before, {
          valueFor: options.placeholderValue(call.realmPath),
          now: options.clock.now(),
        });
        if ('status' in result) return { answer: result };
        const { config } = result;
        const [unreached] = isImport(call) ? [] : unreachedLevels(settings, type, config);
        if (unreached !== undefined) {
          const { level, tree, message, fix } = unreached;
          const detail = { attribute: 'authLevelJourneys', level, tree };
          return { answer: refuse(400, `${message} ${fix}`, detail) };
        }
        const etag = etagOf(revision(type, config));
        const answer =
          before === undefined
            ? {
                status: 201,
                body: shown(type, config, '', 'writer'),
                headers: { ...etag, location: location(call, type) },
              }
            : ok(shown(type, config, '', 'writer'), etag);
        return { answer, config, ...saved(call, caller, { type, settings, before, after: config }) };
      },
    );
    if (config !== undefined) warnOf(call, type, config);
    return answer;
  };

  const remove = async (call: Call, caller: Caller, type: ServiceType): Promise<Answer> => {
    const { answer } = await options.fourEyes.decided(call, caller, (): Answered => {
      const settings = configuration.realm(call.realmPath);
      const before = configOf(call.realmPath, type);
      if (settings === undefined || before === undefined) return { answer: NOT_FOUND };
      if (!matches(call, revision(type, before))) return STALE;
      const answer = ok(shown(type, before, '', 'writer'));
      return { answer, ...saved(call, caller, { type, settings, before, after: undefined }) };
    });
    return answer;
  };

  const stored = async (call: Call, caller: Caller): Promise<readonly JsonObject[]> => {
    const reader = readerOf(call, caller, 'settings:write');
    const services = await inTurns(
      SERVICE_TYPES,
      (type) => {
        const config = configOf(call.realmPath, type);
        return config === undefined ? [] : [shown(type, config, type.id, reader)];
      },
      ([record]) => (record === undefined ? 0 : JSON.stringify(record).length),
    );
    return [...services.flat(), providerRecord(configuration, call.realmPath, PROVIDER_TYPE._id, reader)];
  };

  const collectionActions: Readonly<Record<string, (call: Call, caller: Caller) => JsonObject | Promise<JsonObject>>> =
    {
      nextdescendents: async (call, caller) => ({ result: await stored(call, caller) }),
      getAllTypes: () => ({ result: [...SERVICE_TYPES.map(typeRecord), PROVIDER_TYPE] }),
      getCreatableTypes: ({ realmPath }) => ({
        result: SERVICE_TYPES.filter((type) => configOf(realmPath, type) === undefined).map(typeRecord),
      }),
    };

  const actions: Readonly<Record<string, (type: ServiceType) => JsonObject>> = {
    nextdescendents: () => ({ result: [] }),
    getAllTypes: () => ({ result: [] }),
    getCreatableTypes: () => ({ result: [] }),
    getType: typeRecord,
    schema: schemaOf,
    template: defaultsOf,
  };

  const unsupported: Answer = refuse(501, 'Action not supported: name one in _action.');

  return {
    'GET realm-config/services': asAdministrator(async (call, caller) =>
      ok(formatQueryResult(await stored(call, caller))),
    ),
    'POST realm-config/services': asAdministrator(async (call, caller) => {
      const action = actionOf(collectionActions, call);
      return action === undefined ? unsupported : ok(await action(call, caller));
    }),
    'GET realm-config/services/:id': asAdministrator(
      typed(async (call, caller, type) => {
        const config = configOf(call.realmPath, type);
        if (config === undefined) return NOT_FOUND;
        const record = shown(type, config, '', readerOf(call, caller, 'settings:write'));
        return ok(record, etagOf(record._rev));
      }),
    ),
    'PUT realm-config/services/:id': asAdministrator(typed((call, caller, type) => save(call, caller, type, false))),
    'DELETE realm-config/services/:id': asAdministrator(typed(remove)),
    'POST realm-config/services/:id': asAdministrator(
      typed(async (call, caller, type) => {
        if (call.query._action === 'create') return save(call, caller, type, true);
        const action = actionOf(actions, call);
        return action === undefined ? unsupported : ok(action(type));
      }),
    ),
  };
};
