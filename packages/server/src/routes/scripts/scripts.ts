import type { Clock, Random, ScriptDocument } from '@assent/engine';
import { type AuditEvent, type Committer, scriptObstacle } from '@assent/engine/host';
import { universalIdOf } from '@assent/nodes';
import type { Sandbox } from '@assent/scripting';
import { errorBody, formatScript, type JsonObject, parseScript, type ScriptInput } from '@assent/wire';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import { type Answer, type Call, header, ok, type Routes } from '../../http/call.ts';
import type { Logger } from '../../platform/log.ts';
import { type ConfigurationWrites, contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';

export interface ScriptsRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly writes: ConfigurationWrites;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Tells whether a text is a script. */
  readonly sandbox: Pick<Sandbox, 'check'>;
}

/** Ids are UUIDs, but for one of AM's own scripts, which lacks a digit; all that other tools make are kept byte for byte. */
const ID = /^[\w.-]{1,128}$/;
const NAME_FILTER = /^\s*name\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$/;

const refuse = (code: number, message: string, detail?: Readonly<Record<string, unknown>>): Answer => ({
  status: code,
  body: errorBody(code, message, detail),
});

const CHANGED_MEANWHILE = refuse(412, 'The resource could not be accessed because it did not match the precondition.');

/** Changes with what the script says, in whichever order a store hands it out. */
const revisionOf = ({ realm: _, ...said }: ScriptDocument): string => contentRevision(said);

const shown = (script: ScriptDocument): JsonObject => formatScript(script, revisionOf(script));

const etag = (script: ScriptDocument) => ({ etag: `"${revisionOf(script)}"` });

/** What `If-Match` and `If-None-Match` demand of what is stored (spec: journeys-rest §6.1). */
const meetsConditions = (call: Call, stored: ScriptDocument | undefined): boolean => {
  const match = header(call.request, 'if-match')?.trim();
  const noneMatch = header(call.request, 'if-none-match')?.trim();
  if (noneMatch === '*' && stored !== undefined) return false;
  if (match === undefined) return true;
  if (stored === undefined) return false;
  return match === '*' || match.replace(/^"(.*)"$/, '$1') === revisionOf(stored);
};

/** `scripts` of a realm, for its administrators (spec: journeys-rest §6.5). */
export const scriptsRoutes = (options: ScriptsRoutesOptions): Routes => {
  const { configuration, writes, committer, clock, random, sandbox } = options;
  const forAdministrators = administered(options, 'journeys');

  const audit = async (call: Call, { session }: Caller, outcome: string, script: ScriptDocument): Promise<void> => {
    const event: AuditEvent = {
      at: clock.now(),
      event: 'CONFIG_CHANGE',
      realm: call.realmPath,
      transactionId: call.transactionId,
      userId: session.userId,
      outcome,
      detail: { kind: 'script', id: script.id, name: script.name },
    };
    await committer.commit([{ type: 'audit.append', event }]);
  };

  /** What an import brings is kept, also where it cannot be compiled here; who makes a new script is told at once. */
  const save = async (
    call: Call,
    caller: Caller,
    id: string,
    { isImport }: { readonly isImport: boolean },
  ): Promise<Answer> => {
    const input = parseScript(call.body);
    if ('reason' in input) return refuse(400, input.reason, input.detail);
    const fault = await faultOf(input);
    if (fault !== undefined && !isImport) return refuse(400, fault);
    const by = universalIdOf(caller.session);
    const now = clock.now();
    return writes.inTurn(async (store) => {
      const stored = configuration.script(call.realmPath, id);
      if (!meetsConditions(call, stored)) return CHANGED_MEANWHILE;
      const script: ScriptDocument = {
        ...input,
        realm: call.realmPath,
        id,
        createdBy: stored?.createdBy ?? by,
        creationDate: stored?.creationDate ?? now,
        lastModifiedBy: by,
        lastModifiedDate: now,
      };
      if (!(await store.saveScript(script))) {
        return refuse(409, `Script with name ${script.name} already exists in realm ${script.realm}`);
      }
      await audit(call, caller, stored === undefined ? 'create' : 'update', script);
      warnOf(call, script, fault);
      if (stored !== undefined) return ok(shown(script), etag(script));
      const path = call.request.url.split('?')[0]?.replace(/\/$/, '') ?? '';
      const location = path.endsWith(`/${id}`) ? path : `${path}/${id}`;
      return { status: 201, body: shown(script), headers: { ...etag(script), location } };
    });
  };

  /** Nothing that is saved is wrong, but it may fail once a journey gets there. */
  const warnOf = (call: Call, script: ScriptDocument, fault: string | undefined): void => {
    const fields = { realm: script.realm, script: script.name, transactionId: call.transactionId };
    const obstacle = scriptObstacle(script);
    if (obstacle !== undefined) {
      options.log.warn(fields, `A script ${obstacle}. It is kept, and fails a journey that reaches it.`);
    }
    if (fault !== undefined) options.log.warn(fields, `${fault}. It is kept, and fails a journey that reaches it.`);
    const unknown = Object.keys(script.kept ?? {}).sort();
    if (unknown.length > 0)
      options.log.warn({ ...fields, unknown }, 'A script has members without use here. They are kept.');
  };

  /** A library is compiled as the function that `require` makes of it. */
  const faultOf = async ({ source, context, language }: ScriptInput): Promise<string | undefined> => {
    if (scriptObstacle({ language }) !== undefined) return undefined;
    const fault = await sandbox.check(context === 'LIBRARY' ? `(function (exports, module) {${source}\n})` : source);
    if (fault === undefined) return undefined;
    const line = fault.line === undefined ? '' : ` in line ${fault.line}`;
    return `The script cannot be compiled${line}: ${fault.message}`;
  };

  return {
    'GET scripts': forAdministrators(async (call) => {
      const filter = call.query._queryFilter ?? '';
      const named = NAME_FILTER.exec(filter)?.[1]?.replace(/\\(.)/g, '$1');
      if (filter !== 'true' && named === undefined) {
        return refuse(400, 'The query filter must be true or name eq "…".');
      }
      const result = configuration
        .scripts(call.realmPath)
        .filter(({ name }) => named === undefined || name === named)
        .map(shown);
      return ok({
        result,
        resultCount: result.length,
        pagedResultsCookie: null,
        totalPagedResultsPolicy: 'NONE',
        totalPagedResults: -1,
        remainingPagedResults: -1,
      });
    }),
    'POST scripts': forAdministrators(async (call, caller) =>
      call.query._action === 'create'
        ? save(call, caller, random.uuid(), { isImport: false })
        : refuse(501, 'Action not supported: this resource answers to create.'),
    ),
    'GET scripts/:id': forAdministrators(async (call) => {
      const script = configuration.script(call.realmPath, call.names.id ?? '');
      return script === undefined ? NOT_FOUND : ok(shown(script), etag(script));
    }),
    'PUT scripts/:id': forAdministrators(async (call, caller) => {
      const id = call.names.id ?? '';
      return ID.test(id)
        ? save(call, caller, id, { isImport: true })
        : refuse(400, 'The id of a script has letters, digits, dots and dashes.');
    }),
    'DELETE scripts/:id': forAdministrators(async (call, caller) =>
      writes.inTurn(async (store) => {
        const stored = configuration.script(call.realmPath, call.names.id ?? '');
        if (stored === undefined) return NOT_FOUND;
        if (!meetsConditions(call, stored)) return CHANGED_MEANWHILE;
        await store.deleteScript(stored.realm, stored.id);
        await audit(call, caller, 'delete', stored);
        return ok(shown(stored), etag(stored));
      }),
    ),
  };
};
