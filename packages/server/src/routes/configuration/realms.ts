import { type Clock, parseQueryFilter, passesFilter, type RealmSettings } from '@assent/engine';
import { formatQueryResult, isJsonObject, type JsonObject } from '@assent/wire';
import {
  administeredAtRoot,
  type Caller,
  type CallerPorts,
  isAnswer,
  NOT_FOUND,
} from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { actorOfCall } from '../../authorization/audit-of-call.ts';
import type { CallerCommits } from '../../authorization/caller-commits.ts';
import { type Answer, badRequest, type Call, ok, type Routes, refuse, unsupportedAction } from '../../http/call.ts';
import { etagOf, matches } from '../../http/conditions.ts';
import { COMPARES_TOO_MUCH, ComparedCharacters } from '../../http/configuration-query.ts';
import { equipmentOf } from '../../journeys/realm-equipment.ts';
import { eventBy } from '../../realms/configuration-actor.ts';
import { ChangeRefused, contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { createdRealm, deletedRealm } from '../../realms/realm-changes.ts';
import { isUsableRealmPath, newRealmSettings } from '../../realms/realm-defaults.ts';
import {
  aliasesOf,
  foldAlias,
  isNameOfServer,
  isUsableAlias,
  MAX_ALIASES,
  realmOfName,
} from '../../realms/realm-names.ts';

export interface RealmsRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly commits: CallerCommits;
  readonly clock: Clock;
  readonly publicUrl: string;
}

/** AM's id of a realm: its path in base64. */
const idOf = (path: string): string => Buffer.from(path).toString('base64url');

const shown = ({ realm, active, aliases }: RealmSettings): JsonObject => {
  const end = realm.lastIndexOf('/');
  const content = {
    name: realm === '/' ? '/' : realm.slice(end + 1),
    active,
    parentPath: realm === '/' ? '' : realm.slice(0, end) || '/',
    aliases,
  };
  return { _id: idOf(realm), _rev: contentRevision(content), ...content };
};

const FIELDS = ['name', 'active', 'parentPath', 'aliases'];

const STALE: Answered = { answer: refuse(412, 'The realm has changed meanwhile. Read it again.') };

/** A realm that is deleted and created again would have none, which one administrator alone could do. */
const HAS_FOUR_EYES: Answer = refuse(
  409,
  'This realm asks for a second administrator. Set fourEyes of its service assent to false and have that approved, then delete the realm.',
);

interface GivenRealm {
  readonly name?: string;
  readonly parentPath?: string;
  readonly active?: boolean;
  readonly aliases?: readonly string[];
}

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= MAX_ALIASES && value.every((it) => typeof it === 'string');

/** Each name once, as it was given first. */
const distinct = (aliases: readonly string[]): readonly string[] =>
  [...new Map(aliases.toReversed().map((alias) => [foldAlias(alias), alias])).values()].toReversed();

/** `global-config/realms` (spec: journeys-rest §6.8), for administrators of the root realm alone. */
export const realmsRoutes = (options: RealmsRoutesOptions): Routes => {
  const { configuration, commits } = options;

  const asRoot = administeredAtRoot(options, 'realms');
  const named = (call: Call): RealmSettings | undefined =>
    configuration.storedRealms().find(({ realm }) => idOf(realm) === (call.names.id ?? '').replace(/={1,2}$/, ''));

  /** The body's members, or why it cannot be used. */
  const parsed = (body: unknown): GivenRealm | Answer => {
    if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
    const unknown = Object.keys(body).filter((name) => !name.startsWith('_') && !FIELDS.includes(name));
    if (unknown.length > 0) {
      return refuse(400, 'Invalid attribute specified.', { validAttributes: [...FIELDS].sort() });
    }
    const { name, parentPath, active, aliases } = body;
    if (name !== undefined && typeof name !== 'string') return badRequest('name must be a text.');
    if (parentPath !== undefined && typeof parentPath !== 'string') return badRequest('parentPath must be a text.');
    if (active !== undefined && typeof active !== 'boolean') return badRequest('active must be true or false.');
    if (aliases !== undefined && !areTexts(aliases)) {
      return badRequest(`aliases must be a list of up to ${MAX_ALIASES} names.`);
    }
    const unusable = aliases?.find((alias) => !isUsableAlias(alias));
    if (unusable !== undefined) {
      const reason = 'must have letters, digits, dots, dashes or underscores, and be no resource of this API.';
      return badRequest(`aliases: ${unusable.slice(0, 64)} ${reason}`);
    }
    return {
      ...(name !== undefined && { name }),
      ...(parentPath !== undefined && { parentPath }),
      ...(active !== undefined && { active }),
      ...(aliases !== undefined && { aliases: distinct(aliases) }),
    };
  };

  /** Why a realm may not have these names; undefined where it may. An address has to mean one realm, and the same to all. */
  const taken = (path: string, aliases: readonly string[]): Answer | undefined => {
    for (const alias of aliases) {
      const other = realmOfName(configuration.storedRealms(), alias, path);
      if (other !== undefined) {
        const reason = `aliases: ${alias} is a name of the realm ${other} already.`;
        return refuse(409, reason, { alias, realm: other });
      }
      if (path !== '/' && isNameOfServer(alias, options.publicUrl))
        return badRequest(`aliases: ${alias} is the name of the server, which is the root realm's.`);
    }
    return undefined;
  };

  const create = async (call: Call, caller: Caller): Promise<Answer> => {
    const given = parsed(call.body);
    if (isAnswer(given)) return given;
    const parent = (given.parentPath ?? '/').replace(/(?<!\/)\/+$/, '');
    const path = `${parent}/${given.name ?? ''}`;
    if (given.name === undefined || given.name.includes('/') || !isUsableRealmPath(path)) {
      return badRequest('name must have letters, digits, dots, dashes or underscores, and be no resource of this API.');
    }
    const { name, active = true, aliases = [] } = given;
    const settings = { ...newRealmSettings(path, options.publicUrl), active, aliases };
    /** Why there can be no realm of that path, or with those names; undefined where there can. */
    const obstacle = (): Answer | undefined => {
      if (configuration.storedRealm(parent === '' ? '/' : parent) === undefined)
        return badRequest('parentPath names no realm.');
      const holder = parent === '' ? aliasesOf(configuration.storedRealms()).get(foldAlias(name)) : undefined;
      if (holder !== undefined) return refuse(409, `${name} is an alias of the realm ${holder}.`, { realm: holder });
      const conflict = taken(path, aliases);
      if (conflict !== undefined) return conflict;
      return configuration.storedRealm(path) === undefined ? undefined : refuse(409, 'There is a realm of that path.');
    };
    try {
      const { answer } = await commits.decided(caller, (): Answered => {
        const refusal = obstacle();
        if (refusal !== undefined) return { answer: refusal };
        const created = shown(settings);
        const answer = { status: 201, body: created, headers: etagOf(created._rev) };
        return { answer, ...createdRealm(settings, equipmentOf(path), actorOfCall(options, call, caller)) };
      });
      return answer;
    } catch (error) {
      if (!(error instanceof ChangeRefused) || !(await configuration.isBeingDeleted(path))) throw error;
      return refuse(409, 'The realm that had this path is still being deleted. Try again in a while.');
    }
  };

  const update = async (call: Call, caller: Caller): Promise<Answer> => {
    const { answer } = await commits.decided(caller, (): Answered => {
      const settings = named(call);
      if (settings === undefined) return { answer: NOT_FOUND };
      const now = shown(settings);
      if (!matches(call, now._rev)) return STALE;
      const given = parsed(call.body);
      if (isAnswer(given)) return { answer: given };
      const moves =
        (given.name !== undefined && given.name !== now.name) ||
        (given.parentPath !== undefined && given.parentPath !== now.parentPath);
      if (moves) return { answer: badRequest('A realm cannot be renamed or moved.') };
      if (given.active === false && settings.realm === '/')
        return { answer: badRequest('The root realm stays active.') };
      const conflict = taken(settings.realm, given.aliases ?? []);
      if (conflict !== undefined) return { answer: conflict };
      const after = {
        ...settings,
        active: given.active ?? settings.active,
        aliases: given.aliases ?? settings.aliases,
      };
      const { realm } = settings;
      const changed = (['active', 'aliases'] as const).filter(
        (it) => contentRevision([settings[it]]) !== contentRevision([after[it]]),
      );
      const detail = { changed: changed.join(',') };
      return {
        answer: ok(shown(after), etagOf(shown(after)._rev)),
        change: { putRealm: after },
        events: [eventBy(actorOfCall(options, call, caller), { event: 'REALM_UPDATE', realm, outcome: realm, detail })],
      };
    });
    return answer;
  };

  const remove = async (call: Call, caller: Caller): Promise<Answer> => {
    const { answer } = await commits.decided(caller, (): Answered => {
      const settings = named(call);
      if (settings === undefined) return { answer: NOT_FOUND };
      const { realm } = settings;
      if (realm === '/') return { answer: badRequest('The root realm cannot be deleted.') };
      if (!matches(call, shown(settings)._rev)) return STALE;
      if (configuration.storedRealms().some((it) => it.realm.startsWith(`${realm}/`))) {
        return { answer: refuse(409, 'There are realms below it. Delete those first.') };
      }
      if (settings.fourEyes) return { answer: HAS_FOUR_EYES };
      return { answer: ok(shown(settings)), ...deletedRealm(realm, actorOfCall(options, call, caller)) };
    });
    return answer;
  };

  const query = async (call: Call): Promise<Answer> => {
    const filter = parseQueryFilter(call.query._queryFilter ?? 'true');
    if ('reason' in filter) return badRequest(filter.reason);
    const records = configuration.storedRealms().map(shown);
    const reader = (record: JsonObject) => (field: string) =>
      ['_id', ...FIELDS].includes(field) && !Array.isArray(record[field]) ? [String(record[field])] : [];
    const compared = new ComparedCharacters();
    const hits: JsonObject[] = [];
    for (const record of records) {
      const take = (characters: number) => compared.take(characters);
      const passes = await passesFilter(filter.filter, { read: reader(record), take });
      if (passes === undefined) return badRequest(`${COMPARES_TOO_MUCH} Use fewer comparisons.`, '_queryFilter');
      if (passes) hits.push(record);
    }
    return ok(formatQueryResult(hits));
  };

  return {
    'GET global-config/realms': asRoot(query),
    'POST global-config/realms': asRoot((call, caller) =>
      (call.query._action ?? 'create') === 'create'
        ? create(call, caller)
        : Promise.resolve(unsupportedAction(['create'])),
    ),
    'GET global-config/realms/:id': asRoot(async (call) => {
      const settings = named(call);
      return settings === undefined ? NOT_FOUND : ok(shown(settings), etagOf(shown(settings)._rev));
    }),
    'PUT global-config/realms/:id': asRoot(update),
    'DELETE global-config/realms/:id': asRoot(remove),
  };
};
