import { type Clock, canonicalLocale, type RealmSettings } from '@assent/engine';
import { isJsonObject, type JsonObject } from '@assent/wire';
import { z } from 'zod';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { configurationEvent } from '../../authorization/audit-of-call.ts';
import type { CallerCommits } from '../../authorization/caller-commits.ts';
import { type Reader, readerOf, shownTo } from '../../authorization/reader.ts';
import { type Answer, badRequest, type Call, ok, type Routes, refuse } from '../../http/call.ts';
import { etagOf, matches } from '../../http/conditions.ts';
import type { Logger } from '../../platform/log.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { isLoginPageUrl } from '../../realms/resume-link.ts';
import { refusedAttribute } from './refused-attribute.ts';

export interface RealmAuthenticationRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly commits: CallerCommits;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOGIN_PAGE = 'Must be an https address of a page, without a name and a password in it; or empty.';
const STALE: Answered = { answer: refuse(412, 'The settings have changed meanwhile. Read them again.') };
const urls = z.array(z.string().min(1).max(2_048)).max(20);

/**
 * What a PUT may change, block by block; what it leaves out stays (spec: journeys-rest §6.7). Other blocks, and other
 * members of these, are kept without an effect (docs/adr/0040).
 */
const blocks = {
  core: z.object({ orgConfig: z.string().min(1), adminAuthModule: z.string().min(1) }).partial(),
  general: z
    .object({
      locale: z.string().refine((tag) => canonicalLocale(tag) !== undefined, 'Invalid locale provided'),
      externalLoginPageUrl: z
        .string()
        .max(1_024)
        .refine((url) => url === '' || isLoginPageUrl(url), LOGIN_PAGE),
    })
    .partial(),
  /** The first of each is where we lead; AM takes others for other kinds of clients. */
  postauthprocess: z.object({ loginSuccessUrl: urls, loginFailureUrl: urls }).partial(),
  trees: z
    .object({
      authenticationSessionsMaxDuration: z.int().min(1).max(1_440),
      suspendedAuthenticationTimeout: z.int().min(1).max(43_200),
    })
    .partial(),
};
type BlockName = keyof typeof blocks;
const BLOCKS = Object.keys(blocks) as BlockName[];

/** Under what a realm keeps what we do not use of them, and the addresses behind the first. */
const KEPT = 'authentication';
const OTHER_URLS = 'authentication.urls';
const MAX_KEPT_LENGTH = 32_768;
/** AM takes these and never gives them back; a value that nobody uses need not be stored. */
const WRITE_ONLY: ReadonlySet<string> = new Set(['sharedSecret']);

const isKnown = (block: string, member: string): boolean =>
  Object.hasOwn(blocks, block) && Object.hasOwn(blocks[block as BlockName].shape, member);

const keptBlock = (realm: RealmSettings, name: string): JsonObject => {
  const block = realm.kept?.[KEPT]?.[name];
  return isJsonObject(block) ? block : {};
};

/** A block as it counts: exports write null for what is not set. */
const givenBlock = (body: JsonObject, name: BlockName): unknown => {
  const block = body[name] ?? {};
  return isJsonObject(block) ? Object.fromEntries(Object.entries(block).filter(([, value]) => value !== null)) : block;
};

/** What a body brings that we do not use; what was kept of blocks that it does not name stays. */
const keptWith = (realm: RealmSettings, body: JsonObject): JsonObject => {
  const given = Object.entries(body).flatMap(([name, block]) => {
    if (name.startsWith('_') || (!isJsonObject(block) && Object.hasOwn(blocks, name))) return [];
    if (!isJsonObject(block)) return [[name, block]];
    const unused = Object.entries(block).flatMap(([member, value]) => {
      if (isKnown(name, member)) return [];
      return [[member, WRITE_ONLY.has(member) ? null : value]];
    });
    const more = Object.fromEntries(unused);
    return [[name, more]];
  });
  return { ...realm.kept?.[KEPT], ...Object.fromEntries(given) };
};

/** Paths of what is kept, for the log. */
const pathsIn = (kept: JsonObject): readonly string[] =>
  Object.entries(kept)
    .flatMap(([name, block]) =>
      isJsonObject(block) ? Object.keys(block).map((member) => `${name}.${member}`) : [name],
    )
    .sort();

/** A list as it came in, as long as what acts of it has not been changed elsewhere. */
const urlsOf = (url: string, others: unknown): readonly unknown[] => [
  ...(url === '' ? [] : [url]),
  ...(Array.isArray(others) && url !== '' ? others : []),
];

const shownBlock = (name: string, block: unknown, reader: Reader): unknown => {
  if (isJsonObject(block)) return shownTo(reader, block, (member) => isKnown(name, member));
  return reader === 'writer' ? block : null;
};

const shown = (realm: RealmSettings, reader: Reader): JsonObject => {
  const used = {
    core: { orgConfig: realm.defaultTree, adminAuthModule: realm.adminTree },
    general: {
      locale: realm.locale,
      defaultAuthLevel: 0,
      ...(realm.externalLoginPageUrl !== '' && { externalLoginPageUrl: realm.externalLoginPageUrl }),
    },
    postauthprocess: {
      loginSuccessUrl: urlsOf(realm.successUrl, realm.kept?.[OTHER_URLS]?.loginSuccessUrl),
      loginFailureUrl: urlsOf(realm.failureUrl, realm.kept?.[OTHER_URLS]?.loginFailureUrl),
    },
    trees: {
      authenticationSessionsStateManagement: 'CTS',
      authenticationSessionsMaxDuration: realm.journeyMinutes,
      suspendedAuthenticationTimeout: realm.suspendedMinutes,
    },
  };
  const merged = Object.entries(used).map(([name, block]) => [name, { ...block, ...keptBlock(realm, name) }]);
  const content = { ...realm.kept?.[KEPT], ...Object.fromEntries(merged) };
  return {
    _id: '',
    _rev: contentRevision(content),
    ...Object.fromEntries(Object.entries(content).map(([name, block]) => [name, shownBlock(name, block, reader)])),
    _type: { _id: 'EMPTY', name: 'Core', collection: false },
  };
};

/** Names of the settings that differ, for the audit trail. */
const changedBetween = (before: RealmSettings, after: RealmSettings): readonly string[] =>
  (Object.keys(after) as (keyof RealmSettings)[]).filter(
    (name) => contentRevision([before[name]]) !== contentRevision([after[name]]),
  );

/** `realm-config/authentication`: which tree runs, how long a journey lasts, in which language and where it ends. */
export const realmAuthenticationRoutes = (options: RealmAuthenticationRoutesOptions): Routes => {
  const { configuration, commits, log } = options;
  const asAdministrator = administered(options, 'settings');

  const settingsOf = (realm: RealmSettings, body: unknown): RealmSettings | Answer => {
    if (!isJsonObject(body)) return badRequest('The body must be a JSON object.');
    for (const name of BLOCKS) {
      const result = blocks[name].safeParse(givenBlock(body, name));
      if (result.success) continue;
      const [issue] = result.error.issues;
      return refusedAttribute(String(issue?.path[0] ?? name), issue?.message ?? '');
    }
    const kept = keptWith(realm, body);
    if (JSON.stringify(kept).length > MAX_KEPT_LENGTH) {
      const message = `The members that this server does not use are more than ${MAX_KEPT_LENGTH} characters together.`;
      return badRequest(message);
    }
    const core = blocks.core.parse(givenBlock(body, 'core'));
    const general = blocks.general.parse(givenBlock(body, 'general'));
    const ends = blocks.postauthprocess.parse(givenBlock(body, 'postauthprocess'));
    const trees = blocks.trees.parse(givenBlock(body, 'trees'));
    for (const [attribute, tree, before] of [
      ['orgConfig', core.orgConfig, realm.defaultTree],
      ['adminAuthModule', core.adminAuthModule, realm.adminTree],
    ] as const) {
      if (tree === undefined || tree === before || configuration.tree(realm.realm, tree) !== undefined) continue;
      return refusedAttribute(attribute, 'the realm has no such tree');
    }
    return {
      ...realm,
      defaultTree: core.orgConfig ?? realm.defaultTree,
      adminTree: core.adminAuthModule ?? realm.adminTree,
      locale: (general.locale && canonicalLocale(general.locale)) ?? realm.locale,
      externalLoginPageUrl: general.externalLoginPageUrl ?? realm.externalLoginPageUrl,
      journeyMinutes: trees.authenticationSessionsMaxDuration ?? realm.journeyMinutes,
      suspendedMinutes: trees.suspendedAuthenticationTimeout ?? realm.suspendedMinutes,
      successUrl: ends.loginSuccessUrl === undefined ? realm.successUrl : (ends.loginSuccessUrl[0] ?? ''),
      failureUrl: ends.loginFailureUrl === undefined ? realm.failureUrl : (ends.loginFailureUrl[0] ?? ''),
      kept: {
        ...realm.kept,
        [KEPT]: kept,
        [OTHER_URLS]: {
          ...realm.kept?.[OTHER_URLS],
          ...(ends.loginSuccessUrl && { loginSuccessUrl: ends.loginSuccessUrl.slice(1) }),
          ...(ends.loginFailureUrl && { loginFailureUrl: ends.loginFailureUrl.slice(1) }),
        },
      },
    };
  };

  const update = async (call: Call, caller: Caller): Promise<Answer> => {
    const { answer } = await commits.decided(caller, (): Answered => {
      const realm = configuration.realm(call.realmPath);
      if (realm === undefined) return { answer: NOT_FOUND };
      if (!matches(call, shown(realm, 'writer')._rev)) return STALE;
      const after = settingsOf(realm, call.body);
      if ('status' in after) return { answer: after };
      return {
        answer: ok(shown(after, 'writer'), etagOf(shown(after, 'writer')._rev)),
        change: { putRealm: after },
        events: [
          configurationEvent(options, call, caller, {
            event: 'REALM_SETTINGS_UPDATE',
            outcome: 'authentication',
            detail: { changed: changedBetween(realm, after).join(',') },
          }),
        ],
      };
    });
    if (answer.status < 300) warnOf(call);
    return answer;
  };

  /** Nothing that is saved is wrong, but not all of it has an effect. */
  const warnOf = (call: Call): void => {
    const realm = configuration.realm(call.realmPath);
    if (realm === undefined || !isJsonObject(call.body)) return;
    const unused = pathsIn(keptWith(realm, call.body));
    if (unused.length === 0) return;
    const fields = { realm: call.realmPath, unknown: unused, transactionId: call.transactionId };
    log.warn(fields, 'Authentication settings of a realm have members without use here. They are kept.');
  };

  return {
    'GET realm-config/authentication': asAdministrator(async (call, caller) => {
      const realm = configuration.realm(call.realmPath);
      if (realm === undefined) return NOT_FOUND;
      const record = shown(realm, readerOf(call, caller, 'settings:write'));
      return ok(record, etagOf(record._rev));
    }),
    'PUT realm-config/authentication': asAdministrator(update),
  };
};
