import { SESSIONS_OF_USER } from '@assent/engine/host';
import { MAX_APPROVED_OF_USER, MAX_GRANTS_OF_NOTHING, MAX_GRANTS_OF_USER } from '@assent/oidc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, driverFor, openDatabase } from '../sqlite/driver.ts';
import { textFor } from '../sqlite/runner.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { statementsOf } from '../testing/tables/statements-of.ts';

/** The text of each statement of the store. */
let statements = new Set<string>();

/**
 * Tables that grow with users and what they do, and the columns of which one value stands for few rows: those of one user, of
 * one journey. A realm is not among them, and neither is a value of an attribute, which all users may have. Each says how many rows that are at
 * most, or what bounds them: a user who may have any number of rows stops others with one statement (SEC-93).
 */
const FEW_ROWS: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  identity: { id: 1, folded: 'one in each realm', entry_id: 1 },
  identity_value: { user_id: 'the size of a user' },
  device: {
    uuid: 1,
    user_id: 'devices of a user',
    mechanism_uid: 1,
    pending_journey: 'devices that one journey registers',
  },
  oath_device: { uuid: 1, user_id: 'devices of a user' },
  passkey: { uuid: 1, user_id: 'devices of a user', credential_id: 1 },
  bound_device: { uuid: 1, user_id: 'devices of a user' },
  recovery_code: { id: 1, user_id: 'codes of each kind of device' },
  journey_session: { id: 1 },
  push_message: {
    id: 1,
    request: 'devices of a user',
    journey_id: 'requests of a journey',
    user_id: 'requests of a day, and the sweep',
  },
  session: { token_hash: 1, user_id: SESSIONS_OF_USER.keptOfNothing + 2 * SESSIONS_OF_USER.keptInUse },
  throttle: { subject: 1 },
  back_channel: { id_hash: 1, subject: 'approvals that one user waits for' },
  oauth_grant: { id: 1, user_id: MAX_GRANTS_OF_NOTHING + 2 * MAX_GRANTS_OF_USER },
  oauth_parked: { id_hash: 1 },
  oauth_pending: { id_hash: 1, user_code_digest: 1, approved_by: MAX_APPROVED_OF_USER },
  oauth_consent: { user_id: 'clients of a realm' },
  oauth_replay: { hash: 1 },
  outbox: { id: 1, recipient: 'entries of a recipient', user_id: 'entries of a user' },
  erasure: { user_id: 1 },
  audit: { id: 1 },
  audit_seal: { first: 1 },
  // The rows of a user in the audit log have no bound: what reads them has a limit.
  audit_of_user: {},
};

/** Statements that may read more, by how they begin, and why. A reason whose statement is gone fails, too. */
const REASONS: readonly (readonly [why: string, ...texts: readonly string[]])[] = [
  [
    'of one application as many wait as it has places',
    'SELECT COUNT(*), SUM(',
    'SELECT id_hash, source, created_at FROM oauth_',
  ],
  ['of one owner as many are kept as the limit says', 'SELECT COUNT(*) FROM oauth_replay WHERE owner = ?'],
  [
    'somebody is erased, or asks what is kept: seldom, and messages are kept for minutes',
    'DELETE FROM push_message WHERE id = {once}(SELECT id FROM push_message WHERE user_id = {any} ORDER',
    'SELECT id, kind, device_uuid, push_type,',
  ],
  [
    'the users of one address, of whom those who have it proven come first; registrations are limited (ADR 136)',
    'SELECT id, realm, username, active, attributes, rev, credential_rev, entry_id, entry_mark FROM identity WHERE id = {once} (SELECT user_id FROM identity_value WHERE realm = ? AND name = ? AND folded = ?){end} AND NOT EXISTS (',
  ],
  ['who was erased, for a database that takes the place of this one', 'SELECT user_id, realm, at FROM erasure'],
  [
    'the places that have guessed at one account, within a day',
    'SELECT subject FROM throttle WHERE subject >= ?',
    'SELECT subject, hits, locked_until, rev, failures, credential FROM throttle WHERE subject >= ?',
  ],
  ['what is to be sent at this moment, which an index of its own has', 'SELECT id, kind, request, realm,'],
  [
    'how much is to be sent, or was given up, for a figure that somebody asks for now and then',
    'SELECT kind, is_dead, COUNT(*)',
  ],
  [
    'of the trail what was not listed yet, some hundred rows',
    'INSERT INTO audit_of_user',
    'UPDATE audit SET detail_hash = {detail_hash}, detail = NULL, salt = NULL WHERE id > (SELECT until FROM audit_listed',
  ],
  [
    'a user is erased: by an administrator with a second factor, once for each user, in about 5 microseconds for each row',
    'UPDATE audit SET detail_hash = {detail_hash}, detail = NULL, salt = NULL WHERE id IN (SELECT id FROM audit_of_user WHERE user_id = ?)',
  ],
  ['of the trail what was not sealed yet, a second or two of it', 'SELECT user_id FROM audit WHERE id > COALESCE('],
  ['of the trail the last minutes, from its end; once, when it is first sent on', 'SELECT id FROM audit WHERE at < ?'],
  [
    'how many records lie under a key, for somebody who asks before it is deleted (SEC-75)',
    'SELECT COUNT(*) FROM device WHERE substr(',
    'SELECT COUNT(*) FROM oath_device WHERE substr(',
    'SELECT COUNT(*) FROM push_message WHERE substr(',
    'SELECT COUNT(*) FROM journey_session WHERE substr(',
    'SELECT COUNT(*) FROM back_channel WHERE substr(',
    'SELECT COUNT(*) FROM oauth_parked WHERE substr(',
    'SELECT COUNT(*) FROM outbox WHERE substr(',
  ],
  [
    'as many as a sweep takes at once, which are locked in the order of all commits',
    'DELETE FROM push_message WHERE id = {once}(SELECT id FROM push_message WHERE expires_at <= ?',
  ],
  [
    'journeys that wait at this moment; only where a version of a tree was given up a month ago',
    'DELETE FROM tree WHERE',
  ],
];

let db: Database;
let others = new Set<string>();
beforeAll(async () => {
  const made = await statementsOf(async () => {
    await import('../sqlite/sqlite-store.ts');
    // PostgreSQL locks, and finds the audit log of a user by another index.
    await import('./locks.ts');
  });
  statements = new Set(made.map(({ text }) => text));
  const file = scratchFile();
  await (await openSqliteStore({ file, masterKey: masterKeyOf('t'), random: systemRandom })).close();
  db = await openDatabase(file, driverFor(process.versions.node));
  const tables = db.prepare<[name: string]>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  others = new Set(tables.map(([name]) => name).filter((name) => !Object.hasOwn(FEW_ROWS, name)));
});
afterAll(() => {
  db.close();
  removeScratch();
});

type PlanRow = readonly [id: number, parent: number, unused: number, detail: string];

/** What a plan reads, and by equality with which columns. */
const readsOf = (text: string) => {
  const plan = db
    .prepare<PlanRow>(`EXPLAIN QUERY PLAN ${text}`)
    .all(
      ...text
        .split('?')
        .slice(1)
        .map(() => ''),
    )
    .map(([, , , detail]) => detail);
  // All that is sorted is read before, whatever the limit; of the last term, only what is alike in the others.
  const isSorted = plan.some((detail) => /^USE TEMP B-TREE FOR (?:ORDER|GROUP)/.test(detail));
  return plan.flatMap((detail) => {
    const [, how, table = ''] = /^(SCAN|SEARCH) (\w+)/.exec(detail) ?? [];
    if (how === undefined) return [];
    const columns = [...detail.matchAll(/(\w+)=\?/g)].map(([, column = '']) => column);
    // The least or the greatest of an index.
    const isEnd = detail === `SEARCH ${table}`;
    return isEnd ? [] : [{ detail, table, isSearch: how === 'SEARCH', columns, isSorted }];
  });
};

const tableOf = (text: string, name: string): string =>
  new RegExp(`\\b(\\w+) AS ${name}\\b`, 'i').exec(text)?.[1] ?? name;

/** What is wrong with a statement, if anything is. */
const faultsOf = (text: string): readonly string[] =>
  readsOf(text).flatMap(({ detail, table, isSearch, columns, isSorted }) => {
    const few = FEW_ROWS[tableOf(text, table)];
    if (few === undefined) return [];
    if (columns.some((column) => Object.hasOwn(few, column) || column === 'rowid')) return [];
    // A part of an index in its order, of which a limit takes the beginning.
    if (
      /\bLIMIT [?\d]/.test(text) &&
      !isSorted &&
      (isSearch || / USING (?:COVERING )?(?:INDEX|PRIMARY KEY)/.test(detail))
    )
      return [];
    return [detail];
  });

describe('no statement reads a whole table, or all of a realm, that grows with users (OPS-24)', () => {
  test('of all there are', () => {
    const found = [...statements].flatMap((text) =>
      faultsOf(textFor({ text })).map((fault) => ({ text: text.replaceAll(/\s+/g, ' '), fault })),
    );
    const excuses = REASONS.flatMap(([, ...texts]) => texts);
    expect(found.filter(({ text }) => !excuses.some((it) => text.startsWith(it)))).toEqual([]);
    expect(excuses.filter((it) => !found.some(({ text }) => text.startsWith(it)))).toEqual([]);
    expect(statements.size).toBeGreaterThan(150);
  });

  test.each([
    'SELECT id FROM identity',
    'SELECT id FROM identity WHERE realm = ?',
    'SELECT id FROM identity WHERE realm = ? ORDER BY username LIMIT 9',
    'SELECT id FROM identity WHERE active = ? LIMIT ?',
    'SELECT user_id FROM identity_value WHERE realm = ? AND name = ? AND folded = ?',
    'SELECT token_hash FROM session WHERE expires_at < ?',
    'DELETE FROM throttle WHERE hits = ?',
    'UPDATE device SET rev = 1 WHERE realm = ?',
    'SELECT id FROM audit_of_user WHERE user_id = ?',
    'SELECT 1 FROM identity WHERE id = ? AND EXISTS (SELECT 1 FROM session AS s WHERE s.realm = identity.realm)',
  ])('and one that does is found: %s', (text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });

  test('and each table is known, to grow or not to', () => {
    expect([...others].filter((name) => !name.startsWith('sqlite_')).sort()).toMatchInlineSnapshot(`
      [
        "audit_listed",
        "audit_sealed",
        "audit_sent",
        "authenticator_metadata",
        "configuration_change",
        "configuration_version",
        "data_key",
        "instance",
        "lease",
        "leaving_realm",
        "node",
        "oauth_client",
        "oauth_key",
        "proposal",
        "realm",
        "schema_floor",
        "schema_migration",
        "script",
        "secret",
        "service",
        "tree",
        "tree_unsealed",
        "user_index",
        "user_index_name",
      ]
    `);
  });
});
