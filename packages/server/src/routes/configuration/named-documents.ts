import { type Clock, madeOnce } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '@assent/wire';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { configurationEvent } from '../../authorization/audit-of-call.ts';
import type { CallerCommits } from '../../authorization/caller-commits.ts';
import { type Reader, readerOf, shownTo } from '../../authorization/reader.ts';
import { type Answer, badRequest, type Call, ok, type Routes, refuse } from '../../http/call.ts';
import { etagOf, meetsConditions } from '../../http/conditions.ts';
import { answerQuery } from '../../http/configuration-query.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';

export interface NamedDocumentsOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly commits: CallerCommits;
  readonly clock: Clock;
}

/** Documents of which a realm may have many, each under a name of its own, kept among its services. */
export interface NamedDocuments {
  /** Where they are, below the realm. */
  readonly path: string;
  /** What one is called: to clients, and in the trail. */
  readonly noun: string;
  readonly kind: string;
  readonly name: { readonly pattern: RegExp; readonly rule: string };
  /** Under what a realm keeps the one of that name. */
  keyOf(name: string): string;
  /** All that is read of one; its revision is made of that, so that nobody can try secrets against it. */
  said(stored: ServiceDocument): JsonObject;
  /** The members that this server knows: only callers who may write one see the values of others (SEC-72). */
  readonly known: ReadonlySet<string>;
  /** What is to be kept of a body, or what is wrong with it. */
  check(body: JsonObject, before: ServiceDocument | undefined): Pick<ServiceDocument, 'config'> | Answer;
  /** Notes what is saved, though not all of it has an effect. */
  warn?(call: Call, saved: ServiceDocument): void;
}

/** Lists, reads, saves and deletes them, as AM does: what is there already is changed only as `If-Match` allows. */
export const namedDocumentRoutes = (options: NamedDocumentsOptions, documents: NamedDocuments): Routes => {
  const { configuration, commits } = options;
  const { path, noun, kind, keyOf, said } = documents;
  const asAdministrator = administered(options, 'settings');
  const stale: Answered = { answer: refuse(412, `The ${noun} has changed meanwhile. Read it again.`) };

  const revisionOf = madeOnce((stored: ServiceDocument): string => contentRevision(said(stored)));
  const shown = (stored: ServiceDocument, reader: Reader): JsonObject => ({
    ...shownTo(reader, said(stored), (name) => documents.known.has(name)),
    _rev: revisionOf(stored),
  });
  const shownWithEtag = (stored: ServiceDocument, reader: Reader): Answer =>
    ok(shown(stored, reader), etagOf(revisionOf(stored)));

  const storedOf = ({ realmPath, names }: Call): ServiceDocument | undefined =>
    configuration.storedService(realmPath, keyOf(names.id ?? ''));

  const changeOf = (call: Call, caller: Caller, outcome: string) =>
    configurationEvent(options, call, caller, {
      event: 'CONFIG_CHANGE',
      outcome,
      detail: { kind, id: call.names.id ?? '' },
    });

  const save = async (call: Call, caller: Caller): Promise<Answer> => {
    const { realmPath: realm, names, body } = call;
    const { id: name = '' } = names;
    if (!documents.name.pattern.test(name)) return badRequest(documents.name.rule);
    if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
    const { answer, saved } = await commits.decided(caller, (): Answered & { readonly saved?: ServiceDocument } => {
      const before = storedOf(call);
      if (!meetsConditions(call, before && revisionOf(before))) return stale;
      const checked = documents.check(body, before);
      if (!('config' in checked)) return { answer: checked };
      const saved = { realm, type: keyOf(name), config: checked.config };
      return {
        answer: { ...shownWithEtag(saved, 'writer'), status: before === undefined ? 201 : 200 },
        saved,
        change: { putServices: [saved] },
        events: [changeOf(call, caller, before === undefined ? 'create' : 'update')],
      };
    });
    if (saved !== undefined) documents.warn?.(call, saved);
    return answer;
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const { answer } = await commits.decided(caller, (): Answered => {
      const before = storedOf(call);
      if (before === undefined) return { answer: NOT_FOUND };
      if (!meetsConditions(call, revisionOf(before))) return stale;
      return {
        answer: shownWithEtag(before, 'writer'),
        change: { deleteServices: [before] },
        events: [changeOf(call, caller, 'delete')],
      };
    });
    return answer;
  };

  return {
    [`GET ${path}`]: asAdministrator(async (call, caller) => {
      const reader = readerOf(call, caller, 'settings:write');
      const query = { _queryFilter: 'true', ...call.query };
      return answerQuery({ query }, configuration.services(call.realmPath, keyOf('')), (it) => shown(it, reader));
    }),
    [`GET ${path}/:id`]: asAdministrator(async (call, caller) => {
      const stored = storedOf(call);
      return stored === undefined ? NOT_FOUND : shownWithEtag(stored, readerOf(call, caller, 'settings:write'));
    }),
    [`PUT ${path}/:id`]: asAdministrator(save),
    [`DELETE ${path}/:id`]: asAdministrator(remove),
  };
};
