import type { Clock, RealmSettings } from '@assent/engine';
import {
  type Change,
  type Committer,
  parseSettings,
  secretAskedAgain,
  secretSettings,
  settingsSchema,
} from '@assent/engine/host';
import {
  CONSENT_SERVICE,
  consentService,
  MAIL_SERVICE,
  mailService,
  SECURITY_QUESTIONS_SERVICE,
  securityQuestionsService,
  TERMS_SERVICE,
  termsService,
} from '@assent/nodes';
import {
  AUTHENTICATOR_OATH_SERVICE,
  AUTHENTICATOR_PUSH_SERVICE,
  authenticatorOathService,
  authenticatorPushService,
  PUSH_SERVICE,
  pushNotificationService,
} from '@assent/push';
import {
  errorBody,
  formatQueryResult,
  formatSettingsSchema,
  isJsonObject,
  type JsonObject,
  matchesRevision,
  unknownMembers,
} from '@assent/wire';
import { z } from 'zod';
import { SESSION_PROPERTIES_SERVICE, sessionPropertiesService } from '../../authentication/session-properties.ts';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import { type Answer, type Call, header, ok, type Routes } from '../../http/call.ts';
import { NOT_SUPPORTED } from '../../http/json-api.ts';
import type { Logger } from '../../platform/log.ts';
import { type ConfigurationWrites, contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { brandSettings } from '../../realms/realm-brand.ts';
import { newRealmSettings, USUAL_ACCEPTED_HEADERS, USUAL_EXPOSED_HEADERS } from '../../realms/realm-defaults.ts';

export interface ServicesRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly writes: ConfigurationWrites;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publicUrl: string;
  readonly contextPath: string;
}

type Config = Readonly<Record<string, unknown>>;

interface ServiceType {
  readonly id: string;
  readonly name: string;
  readonly schema: z.ZodObject;
  /** For a service that is a part of the realm's own settings, and so is always there. */
  readonly inRealm?: {
    read(realm: RealmSettings): Config;
    write(config: Config, before: RealmSettings): Partial<RealmSettings>;
  };
  /** Whoever reads the service copes with settings that are not there; AM takes it without them. */
  readonly mayLack?: boolean;
  /** For a service that AM does not have: nothing can have written members that we do not know. */
  readonly isOurs?: boolean;
}

const origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'Must be an origin, such as https://app.example.com.',
  );

/** RFC 9110 §5.6.2; `*` would stand for itself beside credentials, and for nothing else (Fetch standard, "CORS protocol"). */
const headerName = z
  .string()
  .max(64)
  .regex(/^[\w!#$%&'+.^`|~-]+$/, 'Must be the name of a header, such as X-My-Header.')
  .toLowerCase();

/** Our own settings of a realm (design.md §3.3 "realm settings of ours"). */
const assentService = z.object({
  numberDigits: z.int().min(2).max(8).default(6).meta({ title: 'Digits of the number that users type' }),
  maxDevices: z.int().min(1).max(100).default(5).meta({ title: 'Most devices per user and kind' }),
  corsOrigins: z.array(origin).max(100).default([]).meta({ title: 'Origins whose pages may call' }),
  corsAcceptedHeaders: z
    .array(headerName)
    .max(100)
    .default([...USUAL_ACCEPTED_HEADERS])
    .meta({ title: 'Headers that those pages may send' }),
  corsExposedHeaders: z
    .array(headerName)
    .max(100)
    .default([...USUAL_EXPOSED_HEADERS])
    .meta({ title: 'Headers of answers that those pages may read' }),
  hideTokenInBody: z.boolean().default(false).meta({ title: 'Keep the token out of the body' }),
  treeFindings: z.enum(['warn', 'error']).default('warn').meta({ title: 'What findings in journeys count as' }),
  ...brandSettings,
});

type Ours = keyof z.output<typeof assentService>;

const validationService = z.object({
  validGotoDestinations: z.array(z.string().min(1).max(2_048)).max(200).default([]).meta({
    title: 'Valid goto URL Resources',
  }),
});

const TYPES: readonly ServiceType[] = [
  {
    id: 'assent',
    name: 'Assent',
    schema: assentService,
    isOurs: true,
    inRealm: {
      read: (realm) => Object.fromEntries(Object.keys(assentService.shape).map((name) => [name, realm[name as Ours]])),
      write: (config) => assentService.parse(config),
    },
  },
  {
    id: AUTHENTICATOR_OATH_SERVICE,
    name: 'ForgeRock Authenticator (OATH) Service',
    schema: authenticatorOathService as unknown as z.ZodObject,
  },
  {
    id: AUTHENTICATOR_PUSH_SERVICE,
    name: 'ForgeRock Authenticator (Push) Service',
    schema: authenticatorPushService as unknown as z.ZodObject,
  },
  { id: PUSH_SERVICE, name: 'Push Notification Service', schema: pushNotificationService as unknown as z.ZodObject },
  { id: MAIL_SERVICE, name: 'Email Service', schema: mailService as unknown as z.ZodObject, mayLack: true },
  { id: CONSENT_SERVICE, name: 'Consent', schema: consentService as unknown as z.ZodObject },
  {
    id: SECURITY_QUESTIONS_SERVICE,
    name: 'Security Questions',
    schema: securityQuestionsService as unknown as z.ZodObject,
  },
  { id: SESSION_PROPERTIES_SERVICE, name: 'Session Property Whitelist Service', schema: sessionPropertiesService },
  { id: TERMS_SERVICE, name: 'Terms and Conditions', schema: termsService as unknown as z.ZodObject },
  {
    id: 'validation',
    name: 'Validation Service',
    schema: validationService,
    inRealm: {
      read: ({ gotoDestinations, kept }) => ({ validGotoDestinations: gotoDestinations, ...kept?.validation }),
      write: ({ validGotoDestinations, ...validation }, { kept }) => ({
        gotoDestinations: validationService.parse({ validGotoDestinations }).validGotoDestinations,
        kept: { ...kept, validation },
      }),
    },
  },
];

/** Written, never read back (SEC-72). */
const secretsOf = ({ schema }: ServiceType): ReadonlySet<string> => secretSettings({ config: schema });

const without = (config: Config, drop: (name: string) => boolean): Config =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !drop(name)));

const withoutUnset = (config: Config): Config =>
  without(config, (name) => config[name] === null || config[name] === undefined);

const typeRecord = ({ id, name }: ServiceType): JsonObject => ({ _id: id, name, collection: false });

const defaultsOf = (type: ServiceType): Config => {
  const secrets = secretsOf(type);
  return Object.fromEntries(
    Object.entries(type.schema.shape).map(([name, field]) => [
      name,
      secrets.has(name) ? null : z.safeParse(field as z.ZodType, undefined).data,
    ]),
  );
};

/** What a service says, with the defaults of what was stored without. */
const said = (type: ServiceType, config: Config): Config => {
  const secrets = secretsOf(type);
  return { ...defaultsOf(type), ...without(config, (name) => secrets.has(name)) };
};

const revision = (type: ServiceType, config: Config): string => contentRevision(said(type, config));

const shown = (type: ServiceType, config: Config, id: string): JsonObject => ({
  _id: id,
  _rev: revision(type, config),
  ...said(type, config),
  _type: typeRecord(type),
});

/** Nothing is `required` there: a service that is made has its defaults, and what has none is asked for when it is saved. */
const schemaOf = ({ schema }: ServiceType): JsonObject =>
  formatSettingsSchema({ ...settingsSchema({ config: schema }), required: [] });

const STALE: Answer = { status: 412, body: errorBody(412, 'The service has changed meanwhile. Read it again.') };

/** `realm-config/services` (spec: journeys-rest §6.6). */
export const servicesRoutes = (options: ServicesRoutesOptions): Routes => {
  const { configuration, writes, committer, clock, log } = options;
  const asAdministrator = administered(options, 'settings');

  const configOf = (realm: string, type: ServiceType): Config | undefined => {
    const settings = configuration.realm(realm);
    if (type.inRealm !== undefined) return settings && type.inRealm.read(settings);
    return configuration.service(realm, type.id)?.config;
  };

  const audit = (call: Call, caller: Caller, event: string, type: ServiceType, changed: readonly string[]) =>
    committer.commit([
      {
        type: 'audit.append',
        event: {
          at: clock.now(),
          event,
          realm: call.realmPath,
          transactionId: call.transactionId,
          userId: caller.session.userId,
          outcome: type.id,
          detail: { changed: changed.join(',') },
        },
      } satisfies Change,
    ]);

  const typed =
    (handle: (call: Call, caller: Caller, type: ServiceType) => Promise<Answer>) =>
    (call: Call, caller: Caller): Promise<Answer> => {
      const type = TYPES.find(({ id }) => id === call.names.id);
      const isAbsent = type === undefined;
      return isAbsent ? Promise.resolve({ status: 404, body: NOT_SUPPORTED }) : handle(call, caller, type);
    };

  /** The settings that a body makes, over the stored secrets; or what is wrong with it. */
  const checked = (type: ServiceType, body: unknown, before: Config | undefined): { config: Config } | Answer => {
    if (!isJsonObject(body)) return { status: 400, body: errorBody(400, 'The body must be a JSON object.') };
    const known = new Set(Object.keys(type.schema.shape));
    const given = without(body, (name) => name.startsWith('_') || !known.has(name));
    const unknown = without(body, (name) => name.startsWith('_') || known.has(name));
    if (type.isOurs === true && Object.keys(unknown).length > 0) {
      const validAttributes = [...known].sort();
      return { status: 400, body: errorBody(400, 'Invalid attribute specified.', { validAttributes }) };
    }
    const kept = Object.fromEntries(
      [...secretsOf(type)]
        .filter((name) => given[name] === undefined || given[name] === null)
        .flatMap((name) => (before?.[name] === undefined ? [] : [[name, before[name]]])),
    );
    const settings = { ...without(given, (name) => given[name] === null), ...kept };
    const parsed = parseSettings({ config: type.schema }, settings);
    // What has no default and is not given is missed by whoever needs it, and not here (docs/adr/0040).
    const config = parsed.config ?? { ...withoutUnset(defaultsOf(type)), ...settings };
    const [lacking] = type.mayLack === true ? [] : parsed.lacking;
    const [issue] = lacking === undefined ? parsed.issues : [{ path: lacking, message: 'It is not set.' }];
    const asked =
      issue === undefined && before !== undefined
        ? secretAskedAgain({ config: type.schema }, { ...defaultsOf(type), ...before }, config, given)
        : undefined;
    if (issue === undefined && asked === undefined) return { config: { ...unknown, ...config } };
    const attribute = asked?.secret ?? issue?.path.split('.')[0] ?? '';
    const reason = asked?.reason ?? issue?.message ?? '';
    const message = `Data validation failed for the attribute, ${attribute}: ${reason}`;
    return { status: 400, body: errorBody(400, message, { attribute }) };
  };

  const location = (call: Call, { id }: ServiceType): string =>
    `${options.contextPath}/json${call.realmPath === '/' ? '' : call.realmPath}/realm-config/services/${id}`;

  /** Nothing that is saved is wrong, but not all of it has an effect. */
  const warnOf = (call: Call, type: ServiceType, config: Config): void => {
    const fields = { realm: call.realmPath, service: type.id, transactionId: call.transactionId };
    const unknown = unknownMembers(config, new Set(Object.keys(type.schema.shape)));
    if (unknown.length > 0) log.warn({ ...fields, unknown }, 'A service has settings without use here. They are kept.');
    const { lacking } = parseSettings({ config: type.schema }, config);
    if (lacking.length > 0) log.warn({ ...fields, lacking }, 'A service lacks settings that have no default.');
  };

  const save = (call: Call, caller: Caller, type: ServiceType, mustBeNew: boolean): Promise<Answer> =>
    writes.inTurn(async (store) => {
      const realm = configuration.realm(call.realmPath);
      if (realm === undefined) return NOT_FOUND;
      const before = configOf(call.realmPath, type);
      if (before !== undefined && mustBeNew) {
        return { status: 409, body: errorBody(409, 'The realm has that service already.') };
      }
      const ifMatch = header(call.request, 'if-match');
      if (before !== undefined && header(call.request, 'if-none-match') === '*') return STALE;
      if (ifMatch !== undefined && (before === undefined || !matchesRevision(ifMatch, revision(type, before))))
        return STALE;
      const result = checked(type, call.body, before);
      if ('status' in result) return result;
      const { config } = result;
      if (type.inRealm === undefined) await store.saveService({ realm: call.realmPath, type: type.id, config });
      else await store.saveRealm({ ...realm, ...type.inRealm.write(config, realm) });
      const changed = Object.keys(config).filter(
        (name) => contentRevision([config[name]]) !== contentRevision([before?.[name]]),
      );
      await audit(call, caller, before === undefined ? 'SERVICE_CREATE' : 'SERVICE_UPDATE', type, changed);
      warnOf(call, type, config);
      const etag = `"${revision(type, config)}"`;
      return before === undefined
        ? { status: 201, body: shown(type, config, ''), headers: { etag, location: location(call, type) } }
        : ok(shown(type, config, ''), { etag });
    });

  const remove = (call: Call, caller: Caller, type: ServiceType): Promise<Answer> =>
    writes.inTurn(async (store) => {
      const realm = configuration.realm(call.realmPath);
      const before = configOf(call.realmPath, type);
      if (realm === undefined || before === undefined) return NOT_FOUND;
      if (!matchesRevision(header(call.request, 'if-match'), revision(type, before))) return STALE;
      if (type.inRealm === undefined) await store.deleteService(call.realmPath, type.id);
      else {
        // Settings of the realm itself cannot be absent; they are those of a new realm then.
        const fresh = type.inRealm.read(newRealmSettings(call.realmPath, options.publicUrl));
        await store.saveRealm({ ...realm, ...type.inRealm.write(fresh, realm) });
      }
      await audit(call, caller, 'SERVICE_DELETE', type, []);
      return ok(shown(type, before, ''));
    });

  const stored = (realm: string): readonly JsonObject[] =>
    TYPES.flatMap((type) => {
      const config = configOf(realm, type);
      return config === undefined ? [] : [shown(type, config, type.id)];
    });

  const collectionActions: Readonly<Record<string, (realm: string) => JsonObject>> = {
    nextdescendents: (realm) => ({ result: stored(realm) }),
    getAllTypes: () => ({ result: TYPES.map(typeRecord) }),
    getCreatableTypes: (realm) => ({
      result: TYPES.filter((type) => configOf(realm, type) === undefined).map(typeRecord),
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

  const unsupported: Answer = { status: 501, body: errorBody(501, 'Action not supported: name one in _action.') };

  return {
    'GET realm-config/services': asAdministrator(async (call) => ok(formatQueryResult(stored(call.realmPath)))),
    'POST realm-config/services': asAdministrator(async (call) => {
      const name = call.query._action ?? '';
      const action = Object.hasOwn(collectionActions, name) ? collectionActions[name] : undefined;
      return action === undefined ? unsupported : ok(action(call.realmPath));
    }),
    'GET realm-config/services/:id': asAdministrator(
      typed(async (call, _caller, type) => {
        const config = configOf(call.realmPath, type);
        return config === undefined ? NOT_FOUND : ok(shown(type, config, ''), { etag: `"${revision(type, config)}"` });
      }),
    ),
    'PUT realm-config/services/:id': asAdministrator(typed((call, caller, type) => save(call, caller, type, false))),
    'DELETE realm-config/services/:id': asAdministrator(typed(remove)),
    'POST realm-config/services/:id': asAdministrator(
      typed(async (call, caller, type) => {
        const name = call.query._action ?? '';
        if (name === 'create') return save(call, caller, type, true);
        const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
        return action === undefined ? unsupported : ok(action(type));
      }),
    ),
  };
};
