import type { Clock } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import { emailTemplate, emailTemplateKey } from '@assent/nodes';
import { formatQueryResult, givenMembers, isJsonObject, type JsonObject, unknownMembers } from '@assent/wire';
import {
  administered,
  type Caller,
  type CallerPorts,
  isAnswer,
  NOT_FOUND,
} from '../../authorization/administration.ts';
import { configurationEvent } from '../../authorization/audit-of-call.ts';
import { type Answer, badRequest, type Call, ok, type Routes, refuse } from '../../http/call.ts';
import { etagOf, meetsConditions } from '../../http/conditions.ts';
import type { Logger } from '../../platform/log.ts';
import { type ConfigurationWrites, contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';

export interface EmailTemplatesRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly writes: ConfigurationWrites;
  readonly clock: Clock;
  readonly log: Logger;
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(emailTemplate.shape));
const NAME = /^[A-Za-z0-9][\w-]{0,63}$/;

const STALE = refuse(412, 'The template has changed meanwhile. Read it again.');

const revisionOf = ({ config }: ServiceDocument): string => contentRevision(config);

/** As exports of identity management have it, whose `_id` has the kind before the name. */
const shown = (stored: ServiceDocument): JsonObject => ({
  _id: stored.type,
  _rev: revisionOf(stored),
  ...(stored.config as JsonObject),
});

/** `realm-config/email-templates`: what mails of journeys say, in the form that identity management exports. */
export const emailTemplatesRoutes = (options: EmailTemplatesRoutesOptions): Routes => {
  const { configuration, writes, log } = options;
  const asAdministrator = administered(options, 'settings');

  const storedOf = ({ realmPath, names }: Call): ServiceDocument | undefined =>
    configuration.service(realmPath, emailTemplateKey(names.id ?? ''));

  const changeOf = (call: Call, caller: Caller, outcome: string) =>
    configurationEvent(options, call, caller, {
      event: 'CONFIG_CHANGE',
      outcome,
      detail: { kind: 'email-template', id: call.names.id ?? '' },
    });

  const templateOf = (body: unknown): ServiceDocument['config'] | Answer => {
    if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
    const parsed = emailTemplate.safeParse(givenMembers(body, KNOWN));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const attribute = issue?.path.join('/') ?? '';
    return refuse(400, `Data validation failed for the attribute, ${attribute}: ${issue?.message ?? ''}`, {
      attribute,
    });
  };

  return {
    'GET realm-config/email-templates': asAdministrator(async (call) =>
      ok(formatQueryResult(configuration.services(call.realmPath, emailTemplateKey('')).map(shown))),
    ),
    'GET realm-config/email-templates/:id': asAdministrator(async (call) => {
      const stored = storedOf(call);
      return stored === undefined ? NOT_FOUND : ok(shown(stored), etagOf(revisionOf(stored)));
    }),
    'PUT realm-config/email-templates/:id': asAdministrator(async (call, caller) => {
      const name = call.names.id ?? '';
      if (!NAME.test(name)) return badRequest('The name of a template is up to 64 letters, digits, _ and -.');
      const config = templateOf(call.body);
      if (isAnswer(config)) return config;
      return writes.inTurn(async (store, record) => {
        const before = storedOf(call);
        if (!meetsConditions(call, before && revisionOf(before))) return STALE;
        const saved = { realm: call.realmPath, type: emailTemplateKey(name), config };
        await store.saveService(saved);
        await record(changeOf(call, caller, before === undefined ? 'create' : 'update'));
        const unknown = unknownMembers(config as JsonObject, KNOWN);
        if (unknown.length > 0) {
          const fields = { realm: call.realmPath, template: name, unknown, transactionId: call.transactionId };
          log.warn(fields, 'A mail template has members without use here. They are kept.');
        }
        return { status: before === undefined ? 201 : 200, body: shown(saved), headers: etagOf(revisionOf(saved)) };
      });
    }),
    'DELETE realm-config/email-templates/:id': asAdministrator(async (call, caller) =>
      writes.inTurn(async (store, record) => {
        const before = storedOf(call);
        if (before === undefined) return NOT_FOUND;
        if (!meetsConditions(call, before && revisionOf(before))) return STALE;
        await store.deleteService(before.realm, before.type);
        await record(changeOf(call, caller, 'delete'));
        return ok(shown(before), etagOf(revisionOf(before)));
      }),
    ),
  };
};
