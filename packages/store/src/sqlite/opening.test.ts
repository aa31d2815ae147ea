import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { treeDocument } from '@assent/engine/host';
import { afterAll, expect, test } from 'vitest';
import { checksumOf } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import {
  auditEvent,
  codeRow,
  configuring,
  deviceRow,
  journeyRow,
  keyRow,
  messageRow,
  mustCommit,
  NOW,
  oathRow,
  parkedRow,
  proposalRow,
} from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { DRIVER_PACKAGE, driverFor, openDatabase, whyNoDriver } from './driver.ts';
import { migrate } from './migrate.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const options = (file: string) => ({ file, masterKey: masterKeyOf('test'), random: systemRandom });
const native = (file: string) => openDatabase(file, driverFor(process.versions.node));
const newDatabase = async (): Promise<string> => {
  const file = scratchFile();
  await (await openSqliteStore(options(file))).close();
  return file;
};

test('another master key is refused in plain words, and changes nothing (SEC-75)', async () => {
  const file = await newDatabase();
  const before = readFileSync(file);
  const wrong = openSqliteStore({ ...options(file), masterKey: masterKeyOf('other') });
  await expect(wrong).rejects.toThrow(StoreRefused);
  await expect(wrong).rejects.toThrow('The master key is not the one that this database was made with.');
  expect(readFileSync(file).equals(before)).toBe(true);
  await (await openSqliteStore(options(file))).close();
});

test('a master key of another length is refused', async () => {
  const short = openSqliteStore({ ...options(scratchFile()), masterKey: new Uint8Array(16) });
  await expect(short).rejects.toThrow('The master key has to be 32 bytes.');
});

test('a database of a newer version is refused, and both versions are named', async () => {
  const file = await newDatabase();
  const db = await native(file);
  db.prepare("INSERT INTO schema_migration (version, name, checksum) VALUES (99, 'from the future', 'x')").run();
  db.close();
  await expect(openSqliteStore(options(file))).rejects.toThrow(
    `newer version of Assent (schema 99, this one knows ${migrations.length})`,
  );
});

test('a migration that was edited after it ran is refused', async () => {
  const file = await newDatabase();
  const db = await native(file);
  db.prepare("UPDATE schema_migration SET checksum = 'other' WHERE version = 1").run();
  db.close();
  await expect(openSqliteStore(options(file))).rejects.toThrow(/another migration 1/);
});

test('a failing migration leaves the schema as it was', async () => {
  const file = await newDatabase();
  const db = await native(file);
  const broken = {
    version: migrations.length + 1,
    name: 'broken',
    sql: 'CREATE TABLE half (id TEXT); CREATE NONSENSE;',
  };
  expect(() => migrate(db, [...migrations, broken])).toThrow();
  expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all()).toEqual([]);
  db.close();
  await (await openSqliteStore(options(file))).close();
});

test('users from before their values were kept apart are found by them after the next start', async () => {
  const file = await newDatabase();
  const db = await native(file);
  db.prepare(
    `INSERT INTO identity (id, realm, username, folded, active, attributes, rev)
     VALUES ('u1', '/', 'old', 'old', 1, '{"mail":["Old@example.com"]}', 1)`,
  ).run();
  db.close();
  const store = await openSqliteStore(options(file));
  expect(await store.identities.findByAttribute('/', 'mail', 'old@example.com')).toMatchObject([{ username: 'old' }]);
  await store.close();
});

test('trees from before nodes were kept apart are sealed, with their versions and nodes, at the next start', async () => {
  const file = await newDatabase();
  const db = await native(file);
  const insert = db.prepare('INSERT INTO tree_unsealed (realm, name, version, tree, nodes) VALUES (?, ?, ?, ?, ?)');
  const nodes = (stage: string) => ({ a: { id: 'a', type: 'PageNode', config: { stage } } });
  for (const version of [1, 2]) {
    insert.run('/', 'Login', version, JSON.stringify({ entryNodeId: 'a' }), JSON.stringify(nodes(`canary-${version}`)));
  }
  db.close();
  const store = await openSqliteStore(options(file));
  const { trees } = await store.configuration.load();
  const { nodes: kept } = await store.configuration.loadNodes();
  const tree = { realm: '/', name: 'Login', version: 2, tree: { entryNodeId: 'a' }, nodes: nodes('canary-2') };
  expect(trees).toEqual([tree]);
  expect(kept).toEqual([{ realm: '/', ...nodes('canary-2').a }]);
  expect((await store.configuration.loadTree('/', 'Login', 1))?.nodes).toEqual(nodes('canary-1'));
  await store.close();
  const again = await native(file);
  expect(again.prepare('SELECT name FROM tree_unsealed').all()).toEqual([]);
  again.close();
});

test('what was stored before tables were made smaller is found as before', async () => {
  const file = scratchFile();
  const db = await native(file);
  migrate(db, migrations.slice(0, 6));
  const hit = NOW - 1_000;
  db.exec(`
    INSERT INTO throttle (subject, hits, last_hit_at, locked_until, rev) VALUES ('s', '[${hit}]', ${hit}, 7, 3);
    INSERT INTO audit (id, at, event, realm, transaction_id, user_id) VALUES (5, 1, 'JOURNEY_END', '/', 't', 'user-1');
    INSERT INTO push_message
      (id, kind, request, position, realm, user_id, username, journey_id, device_uuid, mechanism_uid, sealed, push_type,
       state, created_at, expires_at, attempts, delivery)
      SELECT value, 'AUTHENTICATE', 'a', key, '/', 'user-1', 'demo', 'j', value, 'm', x'00', 'DEFAULT',
        CASE value WHEN 'c' THEN 'consumed' ELSE 'pending' END, 1, ${NOW}, 0, 'none'
      FROM json_each('["a", "b", "c"]')`);
  db.close();
  const store = await openSqliteStore(options(file));
  expect(await store.throttles.get(['s'])).toEqual([{ subject: 's', hits: [hit], lockedUntil: 7, rev: 3 }]);
  await mustCommit(store, { type: 'audit.append', event: auditEvent() });
  const { events: page } = await store.audit.page('user-1', { events: ['JOURNEY_END'], since: 0, limit: 9 });
  expect(page.map(({ place }) => place)).toEqual(['6', '5']);
  await mustCommit(store, { type: 'push.closeUser', userId: 'user-1', reason: 'account' });
  const standings = await store.messages.ofRequest('a');
  expect(standings.map(({ id, state }) => [id, state])).toEqual([
    ['a', 'closed'],
    ['b', 'closed'],
    ['c', 'consumed'],
  ]);
  await store.close();
});

test('a session from before it had a name for applications gets one of its own', async () => {
  const file = scratchFile();
  const db = await native(file);
  migrate(db, migrations.slice(0, 10));
  db.exec(`
    INSERT INTO session (token_hash, handle, realm, user_id, username, properties, created_at, last_used_at,
      max_expires_at, max_idle_millis, expires_at)
      SELECT 't' || value, 'h' || value, '/', 'user-1', 'demo', '{}', 1, 1, ${NOW + 1}, ${NOW}, ${NOW + 1}
      FROM json_each('[1, 2]')`);
  db.close();
  const store = await openSqliteStore(options(file));
  const before = await store.sessions.ofUser('user-1', NOW);
  expect(before.map(({ sid }) => sid)).toEqual(['h1', 'h2']);
  await mustCommit(store, { type: 'session.end', userId: 'user-1', sid: 'h1' });
  expect(await store.sessions.ofUser('user-1', NOW)).toMatchObject([{ tokenHash: 't2' }]);
  await store.close();
});

test('the digests of what was typed are out of the file once it was opened (A5, SEC-55)', async () => {
  const file = scratchFile();
  const db = await native(file);
  migrate(db, migrations.slice(0, 8));
  db.exec(`
    INSERT INTO journey_session
      (id, realm, tree, tree_version, nonce, expires_at, ended, state, last_nonce, last_digest, last_at)
      VALUES ('typed', '/', 'Login', 1, 'n-2', ${NOW}, 1, NULL, 'canary-nonce', 'canary-digest', 1),
        ('untouched', '/', 'Login', 1, 'n-1', ${NOW}, 1, NULL, NULL, NULL, NULL)`);
  db.close();
  expect(readFileSync(file).includes('canary-digest')).toBe(true);
  const store = await openSqliteStore(options(file));
  expect(await store.journeySessions.get('typed')).not.toHaveProperty('lastSubmit');
  expect(await store.journeySessions.get('untouched')).toMatchObject({ nonce: 'n-1' });
  await store.close();
  expect(readFileSync(file).includes('canary-')).toBe(false);
});

test('each migration since two versions serve at once says who lives with it (OPS-19, REL-20)', () => {
  let livesWith = 17;
  for (const { version, beside } of migrations.slice(17)) {
    if (beside?.kind === 'expand') expect([version, beside.livesWith]).toEqual([version, livesWith]);
    else {
      // Whoever is replaced serves until then, and so does the one before it.
      expect(beside?.livesWith, `migration ${version}`).toBeLessThan(version - 1);
      livesWith = beside?.livesWith ?? version;
    }
  }
});

test('the migrations are numbered without a gap, and those that landed are what they were', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, at) => at + 1));
  expect(migrations.map(checksumOf)).toMatchInlineSnapshot(`
    [
      "febfdb53c7224f6988dfb461754df67ecd984b33fdb20a219c81053dc5ae2f3a",
      "c1a1859e31b386160e73b261035ecf31e8cd0f699d65699715eeacfdd2284d31",
      "292a26e19f762f2f6cc22b29538c0b51e459e4f955accdb81c6f1ff0a1623c45",
      "324d02fc5a51ae170d6ff2bdd72d3840a5d481c62fb323e12336f0af765ff44f",
      "47685e4621bcf7c3aec80e8e16def159ce7fe0c921aadecbdf2977f358384e89",
      "a9c8cbdd7b8ae34e8a55c5b944ea8a5f2305ed7c38ad57eede80d035b2ef6d59",
      "2f14d95f5744f53cbf7aa2a2df1e96be7e13d46da93b7719ae2de66ee2cab6eb",
      "d3ca1f920df88222153c783a0d4b6961c58b86de25d2066c61c2b105a90ee3dd",
      "c60588797d291ae22be48d1c2772ff7d55812006f849382d26582bcd8840dca5",
      "fcb80dfdb3f21512375b3cc4878744102dea678e728f5c63a8c839d2b521d6b1",
      "146921b9d08a26eed849c05bc35fb3bb42d667bed6db7cc4d372f3857738503b",
      "75c9ae49b032599c710eb7c918457f56c0165c1c5938a3c0009b55e60be2e4bb",
      "6adf5f1a040edd3c61285afb167437a54f3f121e789c7b913c2517fe252352b2",
      "77e17140b8735cb046d690b209f835aa5ffcb152c3e77d1c464b7747749e5a12",
      "d807665fb32cc917feaa56fb2c2642f4f9fdf213e2663da67fa566a8409bd95b",
      "0753f4c3b668e0cf3a03988ed4087670f18377d0f25d55ce55e93de5c8571fb2",
      "068eb0a29512ad3854c9a36718c474f8758b17daf8168039aab78fde7b48f4e9",
      "91d028852df89bbfe4f8db9b179a7986f98783f3a3fc6e6cf105bafeafaae078",
      "921b5a15b4cbc4a878dcec3b9aa156a2263e0fad29e7b29dd24c0956ea20bf46",
      "7e12fc62da1ac8d5d4fbc856ce10b3fc140a3a8a604c31d5e932e595726467a0",
      "d01a38b5b86de13556d7032f0e4bf3085803977cdd78358e51c005b2b643fb7b",
      "5726ca4d92edb20d13f3811c4135dce6d82cffde54e9ca8c3748d50d21a4a143",
      "4a784651fedb474c1e5fe497bc4990e72a74f4b971f2886f0a98555d33bb860a",
      "b5d0ee5be440bdaeeb662655f6e4021e70b4d87cf58af1522555486ef6c65772",
      "6f564764dfb0b6f41875ec1e5ecfb08b37af8e09275858512be049c253dca22b",
      "3c9a8f5dfd92c597db0030a2a6ca50355f811073407628e236fecace27c61bc2",
      "208812731cc15ad68c4f9473f9ce11d844fa08b4abb521f6550f6c466703e9ec",
      "7967acf0181da7a3496d1c56f3a56fd335b8189535a705f68c25a9c1efb4e47f",
      "7a0361b0440a34f3ce541cbd89583a5307e3f0295d346a504fde174f84a06b93",
      "b65bebc1734a239c4da0c23839dcd04bb1adfff5e538bf2db32c6b174d476ceb",
      "15cacb2aafb0f8764eb270ce24a0e3e68c249ab62b3710584418d7f80b8f4c9a",
      "eb93aae178e12926710c885e78ceb5c45ddc8666a0e6238c0d308fa5ab3c3ea1",
      "f8c919ca1c45cb246b9af6399b5d5bd1afa0bd3c49dceea073917cd6af22095f",
      "29622aff746c66483ce7e5159a673ec7bfac54d1815020d89d6f8e35d189587b",
      "73eb50bafbc67088cd2646f0844879a759ec7d7887bf9ec9dac01a1fd624b9b6",
      "0bbd8bfbd28f3e33bac0edfe3ca55483c473f9ba41b2bac15db86f4d7d268bc0",
      "36fe45453f145dbf27e00cdcb9168190c5af12cff0861686f5803425182e9e6c",
      "4ce7ac57bffcfddc15c9e76b10634bbf470e83e3071e687b4a0ad9080490899f",
      "3b6b759a5aa6e2b03d1f54ec9fd8c786b8f2a201cecc8cf59e48552dd5a003ad",
    ]
  `);
});

test('a database from before something was sealed for a purpose of its own gets a key for it', async () => {
  const file = await newDatabase();
  const db = await native(file);
  expect(db.prepare('SELECT purpose FROM data_key ORDER BY id').all().flat().at(-1)).toBe('outbox');
  db.exec("DELETE FROM data_key WHERE purpose IN ('oidc-signing', 'outbox')");
  db.close();
  const store = await openSqliteStore(options(file));
  await mustCommit(store, { type: 'signingKey.insert', row: keyRow() });
  await store.close();
  const after = await openSqliteStore(options(file));
  expect(await after.signingKeys.ofRealm('/alpha')).toEqual([keyRow()]);
  await after.close();
});

test('a file that is no database is refused in plain words', async () => {
  const file = scratchFile();
  writeFileSync(file, 'not a database, but long enough to be read as the header of one '.repeat(80));
  await expect(openSqliteStore(options(file))).rejects.toThrow(StoreRefused);
});

test('a file that cannot be written is refused in plain words, and nothing else is made in its place (F24)', async () => {
  const folder = dirname(scratchFile());
  writeFileSync(join(folder, 'no-folder'), '');
  for (const file of [folder, join(folder, 'no-folder', 'assent.db')]) {
    const refused = openSqliteStore(options(file));
    await expect(refused).rejects.toThrow(StoreRefused);
    await expect(refused).rejects.toThrow(`The database ${file} cannot be written (`);
    await expect(refused).rejects.toThrow('or name another folder by ASSENT_DATA_DIR.');
  }
  expect(readdirSync(folder)).toEqual(['no-folder']);
});

test('a damaged database is refused in plain words (REL-19)', async () => {
  const file = await newDatabase();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4_096, 4_096 * 4);
  writeFileSync(file, bytes);
  await expect(openSqliteStore(options(file))).rejects.toThrow(StoreRefused);
});

test('the database and its companions are for this user only', async () => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  await mustCommit(store, { type: 'journey.insert', row: journeyRow() });
  const modes = readdirSync(dirname(file)).map((name) => statSync(join(dirname(file), name)).mode & 0o777);
  await store.close();
  expect(modes).toHaveLength(3);
  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test('no secret can be read in the files, as text or bytes, while open or closed (SEC-74)', async () => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  const canary = (name: string) => `canary-of-${name}-5b1f`;
  const bytes = (name: string) => new TextEncoder().encode(canary(name).padEnd(32, '.'));
  const open = messageRow({ challenge: bytes('challenge'), secret: bytes('pending-key'), expectedNumber: 73_519_264 });
  const envelope = { ...open.envelope, jwt: canary('jwt'), text: canary('text') } as typeof open.envelope & object;
  await mustCommit(
    store,
    { type: 'journey.insert', row: journeyRow({ state: JSON.stringify({ secure: canary('state') }) }) },
    {
      type: 'journey.advance',
      seenNonce: 'nonce-1',
      row: journeyRow({ nonce: 'nonce-2', state: JSON.stringify({ secure: canary('next-state') }) }),
    },
    {
      type: 'device.insert',
      row: deviceRow({ secret: bytes('key'), deviceId: canary('device-id'), communicationId: canary('address') }),
      maxDevices: 5,
    },
    { type: 'oath.insert', row: oathRow({ secret: bytes('oath-key') }), maxDevices: 5 },
    { type: 'signingKey.insert', row: keyRow({ privateKey: canary('private-key') }) },
    { type: 'parked.put', row: parkedRow({ request: canary('login-hint') }), now: NOW },
    { type: 'proposal.put', row: proposalRow({ document: canary('proposed-secret') }), now: NOW },
    { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow({ hash: 'not-a-secret-hash' })] },
    { type: 'push.open', rows: [{ ...open, envelope }] },
    {
      type: 'push.answer',
      id: open.id,
      state: 'approved',
      at: NOW + 1,
      answerHash: 'h',
      claims: {
        mechanismUid: 'm',
        deviceId: canary('claimed-id'),
        deviceType: 'web',
        communicationType: 'relay',
        communicationId: canary('claimed-address'),
      },
    },
  );
  await store.secrets.getOrCreate('signing-key', () => bytes('signing-key'));
  const sender = { id: 'n', type: 'OneTimePasswordSmtpSenderNode', config: { password: canary('mail-password') } };
  const tree = treeDocument.parse({ entryNodeId: 'n', nodes: { n: { nodeType: sender.type } } });
  await configuring(store).publishTree({ realm: '/', name: 'Mail', tree, nodes: { n: sender } });
  const spellings = (text: string) => {
    const raw = Buffer.from(text);
    return [raw, raw.toString('hex'), raw.toString('base64').slice(0, -4), raw.toString('base64url').slice(0, -4)];
  };
  const found = () =>
    readdirSync(dirname(file)).flatMap((name) => {
      const content = readFileSync(join(dirname(file), name));
      const wanted = [...spellings('canary-of-'), '73519264', Buffer.from(masterKeyOf('test'))];
      return wanted.filter((it) => content.includes(it)).map((it) => `${name}: ${it}`);
    });
  // The scan finds what is there: otherwise it would prove nothing.
  const all = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)));
  expect(all.some((content) => content.includes('not-a-secret-hash'))).toBe(true);
  expect(found()).toEqual([]);
  await store.close();
  expect(found()).toEqual([]);
});

test.each<[string, string]>([
  ['device', 'uuid'],
  ['oath_device', 'uuid'],
  ['push_message', 'id'],
])('sealed columns of %s that were swapped between rows do not open (SEC-74)', async (table, key) => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  await mustCommit(
    store,
    { type: 'device.insert', row: deviceRow({ uuid: 'a' }), maxDevices: 5 },
    { type: 'device.insert', row: deviceRow({ uuid: 'b' }), maxDevices: 5 },
    { type: 'oath.insert', row: oathRow({ uuid: 'a' }), maxDevices: 5 },
    { type: 'oath.insert', row: oathRow({ uuid: 'b' }), maxDevices: 5 },
    { type: 'push.open', rows: [messageRow({ id: 'a' }), messageRow({ id: 'b', request: 'a' })] },
  );
  await store.close();
  const db = await native(file);
  const read = db.prepare<[sealed: Uint8Array]>(`SELECT sealed FROM ${table} WHERE ${key} = ?`);
  const write = db.prepare(`UPDATE ${table} SET sealed = ? WHERE ${key} = ?`);
  const [a, b] = [read.get('a'), read.get('b')];
  if (a === undefined || b === undefined) throw new Error('the rows are missing');
  write.run(a[0], 'b');
  write.run(b[0], 'a');
  db.close();
  const after = await openSqliteStore(options(file));
  const reader = { device: after.devices, oath_device: after.oathDevices }[table] ?? after.messages;
  expect(await reader.get('a')).toBeUndefined();
  expect(await reader.get('b')).toBeUndefined();
  await after.close();
});

test('two processes on one file wait for each other, and each sees what the other wrote (REL-19)', async () => {
  const file = scratchFile();
  const [one, two] = [await openSqliteStore(options(file)), await openSqliteStore(options(file))];
  const rows = Array.from({ length: 20 }, (_, at) => journeyRow({ id: `journey-${at}` }));
  const results = await Promise.all(
    rows.flatMap((row) => [one, two].map((it) => it.committer.commit([{ type: 'journey.insert', row }]))),
  );
  expect(results.filter(({ committed }) => committed)).toHaveLength(20);
  expect(await two.journeySessions.get('journey-7')).toEqual(await one.journeySessions.get('journey-7'));
  const made = [one, two].map((it, at) => it.secrets.getOrCreate('key', () => new Uint8Array([at])));
  expect(await Promise.all(made)).toEqual([new Uint8Array([0]), new Uint8Array([0])]);
  await one.close();
  await two.close();
});

test('a database that another process holds fails closed, and works again afterwards (REL-18)', async () => {
  const file = scratchFile();
  const store = await openSqliteStore({ ...options(file), busyTimeoutMillis: 1 });
  const other = await native(file);
  other.exec('BEGIN IMMEDIATE');
  const insert = () => store.committer.commit([{ type: 'journey.insert', row: journeyRow() }]);
  await expect(insert()).rejects.toThrow('the database could not be written');
  await expect(store.check()).rejects.toThrow();
  expect(await store.journeySessions.get('journey-1')).toBeUndefined();
  other.exec('ROLLBACK');
  expect(await insert()).toEqual({ committed: true });
  other.close();
  await store.close();
});

test('a full disk fails closed, reads go on, and writes return with the space (REL-18)', async () => {
  const file = scratchFile();
  const db = await native(file);
  db.close();
  const store = await openSqliteStore({ ...options(file), maxPages: 160 });
  const insert = (at: number) =>
    store.committer.commit([
      { type: 'journey.insert', row: journeyRow({ id: `journey-${at}`, state: 'x'.repeat(20_000) }) },
    ]);
  let failure: unknown;
  let stored = 0;
  while (failure === undefined && stored < 200) {
    try {
      await insert(stored);
      stored += 1;
    } catch (caught) {
      failure = caught;
    }
  }
  expect(failure).toMatchObject({ name: 'StoreUnavailable' });
  expect(stored).toBeGreaterThan(0);
  expect(await store.journeySessions.get('journey-0')).toBeDefined();
  expect(await store.journeySessions.get(`journey-${stored}`)).toBeUndefined();
  expect(await store.sweep(NOW + 300_000, 1_000)).toBe(stored);
  expect(await insert(stored)).toEqual({ committed: true });
  await store.close();
});

test('the driver is the built-in one from Node 22.13 on, before which it is behind a flag or not there', () => {
  expect(driverFor('20.19.0')).toBe('better-sqlite3');
  expect(driverFor('22.12.0')).toBe('better-sqlite3');
  expect(driverFor('22.13.0')).toBe('node:sqlite');
  expect(driverFor('23.4.0')).toBe('node:sqlite');
  expect(driverFor('24.1.0')).toBe('node:sqlite');
});

test.each([
  ['ERR_MODULE_NOT_FOUND', `npm install ${DRIVER_PACKAGE}`],
  ['ERR_DLOPEN_FAILED', 'npm rebuild better-sqlite3'],
])('without a driver on Node 20 the fix is named: %s (OPS-67)', (code, fix) => {
  expect(whyNoDriver(Object.assign(new Error('no driver'), { code }))).toContain(fix);
});

test('the driver that is named is the one that is tested (OPS-67)', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  expect(Object.entries(manifest.optionalDependencies).map((it) => it.join('@'))).toEqual([DRIVER_PACKAGE]);
});
