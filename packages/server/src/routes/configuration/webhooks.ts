import type { Clock } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import { formatQueryResult, isJsonObject, type JsonObject } from '@assent/wire';
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
import { webhook, webhookKey } from '../../outbox/webhook.ts';
import { type ConfigurationWrites, contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';

export interface WebhooksRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly writes: ConfigurationWrites;
  readonly clock: Clock;
}

const NAME = /^[A-Za-z0-9][\w .-]{0,63}$/;
const STALE = refuse(412, 'The webhook has changed meanwhile. Read it again.');
const TYPE = { _id: 'webhooks', name: 'Webhook Service', collection: true };

const revisionOf = ({ config }: ServiceDocument): string => contentRevision(config);

const shown = (stored: ServiceDocument): JsonObject => ({
  _id: stored.type.slice(webhookKey('').length),
  _rev: revisionOf(stored),
  ...(stored.config as JsonObject),
  _type: TYPE,
});

/** `realm-config/webhooks`: what is called when something happens to a session, as AM has it. */
export const webhooksRoutes = (options: WebhooksRoutesOptions): Routes => {
  const { configuration, writes } = options;
  const asAdministrator = administered(options, 'settings');

  const storedOf = ({ realmPath, names }: Call): ServiceDocument | undefined =>
    configuration.service(realmPath, webhookKey(names.id ?? ''));

  const changeOf = (call: Call, caller: Caller, outcome: string) =>
    configurationEvent(options, call, caller, {
      event: 'CONFIG_CHANGE',
      outcome,
      detail: { kind: 'webhook', id: call.names.id ?? '' },
    });

  const webhookOf = (body: unknown): ServiceDocument['config'] | Answer => {
    if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
    const given = Object.fromEntries(
      Object.entries(body).filter(([name, value]) => !name.startsWith('_') && value !== null),
    );
    const parsed = webhook.safeParse(given);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const attribute = issue?.path.join('/') ?? '';
    return refuse(400, `Data validation failed for the attribute, ${attribute}: ${issue?.message ?? ''}`, {
      attribute,
    });
  };

  return {
    'GET realm-config/webhooks': asAdministrator(async (call) =>
      ok(formatQueryResult(configuration.services(call.realmPath, webhookKey('')).map(shown))),
    ),
    'GET realm-config/webhooks/:id': asAdministrator(async (call) => {
      const stored = storedOf(call);
      return stored === undefined ? NOT_FOUND : ok(shown(stored), etagOf(revisionOf(stored)));
    }),
    'PUT realm-config/webhooks/:id': asAdministrator(async (call, caller) => {
      const name = call.names.id ?? '';
      if (!NAME.test(name)) {
        return badRequest(
          'The name of a webhook is up to 64 letters, digits, spaces, _, . and -, with no space first.',
        );
      }
      const config = webhookOf(call.body);
      if (isAnswer(config)) return config;
      return writes.inTurn(async (store, record) => {
        const before = storedOf(call);
        if (!meetsConditions(call, before && revisionOf(before))) return STALE;
        const saved = { realm: call.realmPath, type: webhookKey(name), config };
        await store.saveService(saved);
        await record(changeOf(call, caller, before === undefined ? 'create' : 'update'));
        return { status: before === undefined ? 201 : 200, body: shown(saved), headers: etagOf(revisionOf(saved)) };
      });
    }),
    'DELETE realm-config/webhooks/:id': asAdministrator(async (call, caller) =>
      writes.inTurn(async (store, record) => {
        const before = storedOf(call);
        if (before === undefined) return NOT_FOUND;
        if (!meetsConditions(call, revisionOf(before))) return STALE;
        await store.deleteService(before.realm, before.type);
        await record(changeOf(call, caller, 'delete'));
        return ok(shown(before), etagOf(revisionOf(before)));
      }),
    ),
  };
};
