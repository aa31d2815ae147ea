import type { Clock } from '@assent/engine';
import type { Change, Committer, ServiceDocument } from '@assent/engine/host';
import { emailTemplate, emailTemplateKey } from '@assent/nodes';
import {
  errorBody,
  formatQueryResult,
  givenMembers,
  isJsonObject,
  type JsonObject,
  matchesRevision,
  unknownMembers,
} from '@assent/wire';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import { type Answer, type Call, header, ok, type Routes } from '../../http/call.ts';
import type { Logger } from '../../platform/log.ts';
import { type ConfigurationWrites, contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';

export interface EmailTemplatesRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly writes: ConfigurationWrites;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly log: Logger;
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(emailTemplate.shape));
const NAME = /^[A-Za-z0-9][\w-]{0,63}$/;

const refuse = (code: number, message: string, detail?: JsonObject): Answer => ({
  status: code,
  body: errorBody(code, message, detail),
});
const STALE = refuse(412, 'The template has changed meanwhile. Read it again.');

/** As exports of identity management have it, whose `_id` has the kind before the name. */
const shown = ({ type, config }: ServiceDocument): JsonObject => ({
  _id: type,
  _rev: contentRevision(config),
  ...(config as JsonObject),
});
const etagOf = ({ config }: ServiceDocument) => ({ etag: `"${contentRevision(config)}"` });

/** `realm-config/email-templates`: what mails of journeys say, in the form that identity management exports. */
export const emailTemplatesRoutes = (options: EmailTemplatesRoutesOptions): Routes => {
  const { configuration, writes, committer, clock, log } = options;
  const asAdministrator = administered(options, 'settings');

  const storedOf = ({ realmPath, names }: Call): ServiceDocument | undefined =>
    configuration.service(realmPath, emailTemplateKey(names.id ?? ''));

  const meetsConditions = ({ request }: Call, stored: ServiceDocument | undefined): boolean => {
    const ifMatch = header(request, 'if-match');
    if (stored === undefined) return ifMatch === undefined;
    if (header(request, 'if-none-match') === '*') return false;
    return matchesRevision(ifMatch, contentRevision(stored.config));
  };

  const audit = (call: Call, { session }: Caller, outcome: string) =>
    committer.commit([
      {
        type: 'audit.append',
        event: {
          at: clock.now(),
          event: 'CONFIG_CHANGE',
          realm: call.realmPath,
          transactionId: call.transactionId,
          userId: session.userId,
          outcome,
          detail: { kind: 'email-template', id: call.names.id ?? '' },
        },
      } satisfies Change,
    ]);

  const templateOf = (body: unknown): ServiceDocument['config'] | Answer => {
    if (!isJsonObject(body)) return refuse(400, 'The body must be a JSON object.');
    const parsed = emailTemplate.safeParse(givenMembers(body, KNOWN));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const attribute = issue?.path.join('/') ?? '';
    return refuse(400, `Data validation failed for the attribute, ${attribute}: ${issue?.message ?? ''}`, {
      attribute,
    });
  };
  const isRefusal = (value: ServiceDocument['config'] | Answer): value is Answer =>
    'status' in value && 'body' in value;

  return {
    'GET realm-config/email-templates': asAdministrator(async (call) =>
      ok(formatQueryResult(configuration.services(call.realmPath, emailTemplateKey('')).map(shown))),
    ),
    'GET realm-config/email-templates/:id': asAdministrator(async (call) => {
      const stored = storedOf(call);
      return stored === undefined ? NOT_FOUND : ok(shown(stored), etagOf(stored));
    }),
    'PUT realm-config/email-templates/:id': asAdministrator(async (call, caller) => {
      const name = call.names.id ?? '';
      if (!NAME.test(name)) return refuse(400, 'The name of a template is up to 64 letters, digits, _ and -.');
      const config = templateOf(call.body);
      if (isRefusal(config)) return config;
      return writes.inTurn(async (store) => {
        const before = storedOf(call);
        if (!meetsConditions(call, before)) return STALE;
        const saved = { realm: call.realmPath, type: emailTemplateKey(name), config };
        await store.saveService(saved);
        await audit(call, caller, before === undefined ? 'create' : 'update');
        const unknown = unknownMembers(config as JsonObject, KNOWN);
        if (unknown.length > 0) {
          const fields = { realm: call.realmPath, template: name, unknown, transactionId: call.transactionId };
          log.warn(fields, 'A mail template has members without use here. They are kept.');
        }
        return { status: before === undefined ? 201 : 200, body: shown(saved), headers: etagOf(saved) };
      });
    }),
    'DELETE realm-config/email-templates/:id': asAdministrator(async (call, caller) =>
      writes.inTurn(async (store) => {
        const before = storedOf(call);
        if (before === undefined) return NOT_FOUND;
        if (!meetsConditions(call, before)) return STALE;
        await store.deleteService(before.realm, before.type);
        await audit(call, caller, 'delete');
        return ok(shown(before), etagOf(before));
      }),
    ),
  };
};
