import type { Change, Clock, Committer, RealmSettings } from '@assent/engine';
import { canonicalLocale } from '@assent/engine';
import { errorBody, isJsonObject, type JsonObject, matchesRevision } from '@assent/wire';
import { z } from 'zod';
import { type ConfigurationWrites, contentRevision } from '../configuration-writes.ts';
import { type Answer, type Call, header, ok, type Routes } from '../http/call.ts';
import type { LiveConfiguration } from '../live-configuration.ts';
import { isLoginPageUrl } from '../resume-link.ts';
import { administered, type Caller, type CallerPorts, NOT_FOUND } from './administration.ts';

export interface RealmAuthenticationRoutesOptions extends CallerPorts {
  readonly configuration: LiveConfiguration;
  readonly writes: ConfigurationWrites;
  readonly committer: Committer;
  readonly clock: Clock;
}

const LOGIN_PAGE = 'Must be an https address of a page, without a name, a password or a # in it; or empty.';
const urls = z.array(z.string().min(1).max(2_048)).max(1);

/** What a PUT may change, block by block; what it leaves out stays (spec: journeys-rest §6.7). */
const blocks = {
  core: z.strictObject({ orgConfig: z.string().min(1), adminAuthModule: z.string().min(1) }).partial(),
  general: z
    .strictObject({
      locale: z.string().refine((tag) => canonicalLocale(tag) !== undefined, 'Invalid locale provided'),
      defaultAuthLevel: z.literal(0),
      externalLoginPageUrl: z
        .string()
        .max(1_024)
        .refine((url) => url === '' || isLoginPageUrl(url), LOGIN_PAGE),
    })
    .partial(),
  postauthprocess: z.strictObject({ loginSuccessUrl: urls, loginFailureUrl: urls }).partial(),
  trees: z
    .strictObject({
      authenticationSessionsStateManagement: z.string(),
      authenticationSessionsMaxDuration: z.int().min(1).max(1_440),
      suspendedAuthenticationTimeout: z.int().min(1).max(43_200),
    })
    .partial(),
};
type BlockName = keyof typeof blocks;
const BLOCKS = Object.keys(blocks) as BlockName[];

const shown = (realm: RealmSettings): JsonObject => {
  const content = {
    core: { orgConfig: realm.defaultTree, adminAuthModule: realm.adminTree },
    general: {
      locale: realm.locale,
      defaultAuthLevel: 0,
      ...(realm.externalLoginPageUrl !== '' && { externalLoginPageUrl: realm.externalLoginPageUrl }),
    },
    postauthprocess: {
      loginSuccessUrl: realm.successUrl === '' ? [] : [realm.successUrl],
      loginFailureUrl: realm.failureUrl === '' ? [] : [realm.failureUrl],
    },
    trees: {
      authenticationSessionsStateManagement: 'CTS',
      authenticationSessionsMaxDuration: realm.journeyMinutes,
      suspendedAuthenticationTimeout: realm.suspendedMinutes,
    },
  };
  return {
    _id: '',
    _rev: contentRevision(content),
    ...content,
    _type: { _id: 'EMPTY', name: 'Core', collection: false },
  };
};

/** Names of the settings that differ, for the audit trail. */
const changedBetween = (before: RealmSettings, after: RealmSettings): readonly string[] =>
  (Object.keys(after) as (keyof RealmSettings)[]).filter((name) => before[name] !== after[name]);

const etagOf = (record: JsonObject) => ({ etag: `"${String(record._rev)}"` });

/** `realm-config/authentication`: which tree runs, how long a journey lasts, in which language and where it ends. */
export const realmAuthenticationRoutes = (options: RealmAuthenticationRoutesOptions): Routes => {
  const { configuration, writes, committer, clock } = options;
  const asAdministrator = administered(options, 'settings');

  const settingsOf = (realm: RealmSettings, body: unknown): RealmSettings | Answer => {
    if (!isJsonObject(body)) return { status: 400, body: errorBody(400, 'The body must be a JSON object.') };
    const names = Object.keys(body).filter((name) => !name.startsWith('_'));
    if (names.some((name) => !Object.hasOwn(blocks, name))) {
      return { status: 400, body: errorBody(400, 'Invalid attribute specified.', { validAttributes: BLOCKS }) };
    }
    for (const name of BLOCKS) {
      const result = blocks[name].safeParse(body[name] ?? {});
      if (result.success) continue;
      const [issue] = result.error.issues;
      if (issue?.code === 'unrecognized_keys') {
        const validAttributes = Object.keys(blocks[name].shape);
        return { status: 400, body: errorBody(400, 'Invalid attribute specified.', { validAttributes }) };
      }
      const attribute = String(issue?.path[0] ?? name);
      const message = `Data validation failed for the attribute, ${attribute}: ${issue?.message ?? ''}`;
      return { status: 400, body: errorBody(400, message, { attribute }) };
    }
    const core = blocks.core.parse(body.core ?? {});
    const general = blocks.general.parse(body.general ?? {});
    const ends = blocks.postauthprocess.parse(body.postauthprocess ?? {});
    const trees = blocks.trees.parse(body.trees ?? {});
    for (const [attribute, tree, before] of [
      ['orgConfig', core.orgConfig, realm.defaultTree],
      ['adminAuthModule', core.adminAuthModule, realm.adminTree],
    ] as const) {
      if (tree === undefined || tree === before || configuration.tree(realm.realm, tree) !== undefined) continue;
      const message = `Data validation failed for the attribute, ${attribute}: the realm has no such tree`;
      return { status: 400, body: errorBody(400, message, { attribute }) };
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
    };
  };

  const update = (call: Call, caller: Caller): Promise<Answer> =>
    writes.inTurn(async (store) => {
      const realm = configuration.realm(call.realmPath);
      if (realm === undefined) return NOT_FOUND;
      if (!matchesRevision(header(call.request, 'if-match'), String(shown(realm)._rev))) {
        return { status: 412, body: errorBody(412, 'The settings have changed meanwhile. Read them again.') };
      }
      const after = settingsOf(realm, call.body);
      if ('status' in after) return after;
      await store.saveRealm(after);
      await committer.commit([
        {
          verb: 'audit.append',
          event: {
            at: clock.now(),
            event: 'REALM_SETTINGS_UPDATE',
            realm: call.realmPath,
            transactionId: call.transactionId,
            userId: caller.session.userId,
            outcome: 'authentication',
            detail: { changed: changedBetween(realm, after).join(',') },
          },
        } satisfies Change,
      ]);
      return ok(shown(after), etagOf(shown(after)));
    });

  return {
    'GET realm-config/authentication': asAdministrator(async (call) => {
      const realm = configuration.realm(call.realmPath);
      return realm === undefined ? NOT_FOUND : ok(shown(realm), etagOf(shown(realm)));
    }),
    'PUT realm-config/authentication': asAdministrator(update),
  };
};
