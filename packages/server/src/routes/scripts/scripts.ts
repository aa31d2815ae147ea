import { madeOnce, type ScriptDocument } from '@assent/engine';
import { scriptCaveat, scriptObstacle } from '@assent/engine/host';
import { universalIdOf } from '@assent/nodes';
import type { Sandbox } from '@assent/scripting';
import { formatScript, type JsonObject, parseScript, SCRIPT_MEMBERS, type ScriptInput } from '@assent/wire';
import { administered, type Caller, NOT_FOUND } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { configurationEvent } from '../../authorization/audit-of-call.ts';
import { type Reader, readerOf, shownTo } from '../../authorization/reader.ts';
import { type Answer, badRequest, type Call, ok, type Routes, refuse, unsupportedAction } from '../../http/call.ts';
import { etagOf, meetsConditions, saved } from '../../http/conditions.ts';
import { answerQuery } from '../../http/configuration-query.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import {
  decidedChange,
  forJourneyAdministrators,
  type JourneyConfigurationOptions,
} from '../trees/journey-configuration.ts';

export interface ScriptsRoutesOptions extends JourneyConfigurationOptions {
  /** Tells whether a text is a script. */
  readonly sandbox: Pick<Sandbox, 'check'>;
}

/** Ids are UUIDs, but for one of AM's own scripts, which lacks a digit; all that other tools make are kept byte for byte. */
export const SCRIPT_ID = /^[\w.-]{1,128}$/;
const NAME_FILTER = /^\s*name\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$/;

const CHANGED_MEANWHILE: Answered = {
  answer: refuse(412, 'The resource could not be accessed because it did not match the precondition.'),
};

/** Changes with what the script says, in whichever order a store hands it out. */
const revisionOf = madeOnce(({ realm: _, ...said }: ScriptDocument): string => contentRevision(said));

export const shownScript = (script: ScriptDocument, reader: Reader): JsonObject =>
  shownTo(reader, formatScript(script, revisionOf(script)), (name) => SCRIPT_MEMBERS.has(name));

/** `scripts` of a realm, for its administrators (spec: journeys-rest §6.5). */
export const scriptsRoutes = (options: ScriptsRoutesOptions): Routes => {
  const { configuration, clock, random, sandbox } = options;
  const forReaders = administered(options, 'journeys');
  const forWriters = forJourneyAdministrators(options);

  const changeOf = (call: Call, caller: Caller, outcome: string, { id, name }: ScriptDocument) =>
    configurationEvent(options, call, caller, {
      event: 'CONFIG_CHANGE',
      outcome,
      detail: { kind: 'script', id, name },
    });

  /** What an import brings is kept, also where it cannot be compiled here; who makes a new script learns it at once. */
  const save = async (
    call: Call,
    caller: Caller,
    id: string,
    { isImport }: { readonly isImport: boolean },
  ): Promise<Answer> => {
    const input = parseScript(call.body);
    if ('reason' in input) return refuse(400, input.reason, input.detail);
    const fault = await faultOf(call, input);
    if (fault !== undefined && !isImport) return badRequest(fault);
    const by = universalIdOf(caller.session);
    const now = clock.now();
    const { answer, script } = await decidedChange(
      options,
      call,
      caller,
      (): Answered & { readonly script?: ScriptDocument } => {
        const stored = configuration.script(call.realmPath, id);
        if (!meetsConditions(call, stored && revisionOf(stored))) return CHANGED_MEANWHILE;
        const script: ScriptDocument = {
          ...input,
          realm: call.realmPath,
          id,
          createdBy: stored?.createdBy ?? by,
          creationDate: stored?.creationDate ?? now,
          lastModifiedBy: by,
          lastModifiedDate: now,
        };
        const { realm, name } = script;
        if (configuration.scripts(realm).some((it) => it.name === name && it.id !== id)) {
          return { answer: refuse(409, `Script with name ${name} already exists in realm ${realm}`) };
        }
        return {
          answer: saved(call, shownScript(script, 'writer'), stored === undefined),
          script,
          change: { putScripts: [script] },
          events: [changeOf(call, caller, stored === undefined ? 'create' : 'update', script)],
        };
      },
    );
    if (script !== undefined) warnOf(call, script, fault);
    return answer;
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const { answer } = await decidedChange(options, call, caller, (): Answered => {
      const stored = configuration.script(call.realmPath, call.names.id ?? '');
      if (stored === undefined) return { answer: NOT_FOUND };
      if (!meetsConditions(call, revisionOf(stored))) return CHANGED_MEANWHILE;
      return {
        answer: ok(shownScript(stored, 'writer'), etagOf(revisionOf(stored))),
        change: { deleteScripts: [stored] },
        events: [changeOf(call, caller, 'delete', stored)],
      };
    });
    return answer;
  };

  /** Nothing that is saved is wrong, but it may fail once a journey gets there. */
  const warnOf = (call: Call, script: ScriptDocument, fault: string | undefined): void => {
    const fields = { realm: script.realm, script: script.name, transactionId: call.transactionId };
    const obstacle = scriptObstacle(script);
    if (obstacle !== undefined) {
      options.log.warn(fields, `A script ${obstacle}. It is kept, and fails a journey that reaches it.`);
    }
    const caveat = scriptCaveat(script);
    if (caveat !== undefined) options.log.warn(fields, `A script ${caveat}. It is kept as it is.`);
    if (fault !== undefined) options.log.warn(fields, `${fault}. It is kept, and fails a journey that reaches it.`);
    const { evaluatorVersion: _, ...unused } = script.kept ?? {};
    const unknown = Object.keys(unused).sort();
    if (unknown.length > 0)
      options.log.warn({ ...fields, unknown }, 'A script has members without use here. They are kept.');
  };

  /** A library is compiled as the function that `require` makes of it. */
  const faultOf = async (
    { realmPath }: Call,
    { source, context, language }: ScriptInput,
  ): Promise<string | undefined> => {
    if (scriptObstacle({ language }) !== undefined) return undefined;
    const text = context === 'LIBRARY' ? `(function (exports, module) {${source}\n})` : source;
    const fault = await sandbox.check(realmPath, text);
    if (fault === undefined) return undefined;
    const line = fault.line === undefined ? '' : ` in line ${fault.line}`;
    return `The script cannot be compiled${line}: ${fault.message}`;
  };

  return {
    'GET scripts': forReaders(async (call, caller) => {
      const filter = call.query._queryFilter ?? '';
      const named = NAME_FILTER.exec(filter)?.[1]?.replace(/\\(.)/g, '$1');
      if (filter !== 'true' && named === undefined) {
        return badRequest('The query filter must be true or name eq "…".');
      }
      const reader = readerOf(call, caller, 'journeys:write');
      const scripts = configuration.scripts(call.realmPath).filter(({ name }) => named === undefined || name === named);
      // The names were compared before any script was written.
      const query = { ...call.query, _queryFilter: 'true' };
      return answerQuery({ query }, scripts, (script) => shownScript(script, reader));
    }),
    'POST scripts': forWriters(async (call, caller) =>
      call.query._action === 'create'
        ? save(call, caller, random.uuid(), { isImport: false })
        : unsupportedAction(['create']),
    ),
    'GET scripts/:id': forReaders(async (call, caller) => {
      const script = configuration.script(call.realmPath, call.names.id ?? '');
      if (script === undefined) return NOT_FOUND;
      return ok(shownScript(script, readerOf(call, caller, 'journeys:write')), etagOf(revisionOf(script)));
    }),
    'PUT scripts/:id': forWriters(async (call, caller) => {
      const id = call.names.id ?? '';
      return SCRIPT_ID.test(id)
        ? save(call, caller, id, { isImport: true })
        : badRequest('The id of a script has letters, digits, dots and dashes.');
    }),
    'DELETE scripts/:id': forWriters(remove),
  };
};
